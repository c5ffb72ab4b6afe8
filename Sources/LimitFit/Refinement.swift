import Model
import RealModule

/// What to add to a sweep so that its boundary is known better, with few CPU seconds.
///
/// Points halve the edges along which the exponent changes its sign. When these are short enough,
/// seeds and widths are added where a trend is undecided, so that the boundary might lie elsewhere
/// than it seems, and they are expected to decide it. Slices of the plane are refined each for
/// itself.
public struct Refinement: Hashable, Sendable {
  /// Something to add at a setting.
  public struct Addition: Hashable, Sendable {
    /// Where.
    public var setting: Setting
    /// The widths to run there; nil: those of the sweep's axes; empty: the limit alone.
    public var widths: [Double]?
    /// The seeds to run at these; nil: those of the sweep's axes.
    public var seeds: [UInt64]?

    /// An addition.
    public init(_ setting: Setting, widths: [Double]? = nil, seeds: [UInt64]? = nil) {
      self.setting = setting
      self.widths = widths
      self.seeds = seeds
    }
  }

  /// What is wanted.
  public struct Goal: Hashable, Sendable {
    /// How far from its true place the boundary may be drawn, in the plane; positive.
    public var distance: Double
    /// No width beyond this is added.
    public var maxWidth: Double
    /// No more seeds than this are used at a point.
    public var maxSeeds: Int
    /// Added widths are whole multiples of this; positive.
    public var widthUnit: Double

    /// A goal.
    public init(distance: Double, maxWidth: Double, maxSeeds: Int, widthUnit: Double = 1) {
      self.distance = distance
      self.maxWidth = maxWidth
      self.maxSeeds = maxSeeds
      self.widthUnit = widthUnit
    }
  }

  /// What is missing, by setting.
  public var additions: [Addition]
  /// The length of the longest edge along which the sign changes: the boundary is known to half of
  /// it, as far as exponents are right. 0 without a boundary.
  public var longestEdge: Double
  /// How many trends are undecided farther than the distance from the boundary, when no edge is
  /// longer than wanted, else 0; what is expected to decide them is among the additions.
  public var undecided: Int

  /// What a map lacks for a goal.
  ///
  /// - Parameters:
  ///   - observations: those of ``PhaseMap/fit(observations:orderParameter:plane:axes:theory:)``.
  ///   - plane: the plane whose boundary is wanted.
  ///   - axes: those of the sweep.
  ///   - goal: what is wanted.
  ///   - cost: the expected CPU seconds of a run at a setting and width.
  public init(
    observations: some Sequence<Observation>, plane: Plane, axes: Axes, goal: Goal,
    cost: (Setting, Double) -> Double
  ) {
    let observations = Array(observations)
    let runs = Set(observations.map(\.run))
    let known = Set(observations.map(\.run.setting))
    let slices = FittedPoints(observations, theory: nil).slices(of: plane)
      .map { Slice($0.part, fixed: $0.slice, plane: plane, axes: axes) }
    var additions: Set<Addition> = []
    longestEdge = 0
    for slice in slices {
      for edge in slice.changes {
        let (a, b) = (slice.mesh.nodes[edge.first], slice.mesh.nodes[edge.second])
        let length = Double.hypot(a.x - b.x, a.y - b.y)
        longestEdge = max(longestEdge, length)
        guard length > 2 * goal.distance * (1 + 1e-9) else { continue }
        let middle = plane.setting(Self.middle(a, b, length), in: slice.fixed)
        guard !known.contains(middle) else { continue }
        // Between computed exponents another one is enough.
        let isComputed = [edge.first, edge.second].allSatisfy { slice.fitted.fitters[$0].limit != nil }
        additions.insert(isComputed ? Addition(middle, widths: [], seeds: []) : Addition(middle))
      }
    }

    // An undecided trend matters where the boundary could be; while points are added, that is not
    // known.
    undecided = 0
    if additions.isEmpty {
      for slice in slices {
        let lines = slice.crossings
        for (fit, fitter) in zip(slice.fitted.points, slice.fitted.fitters)
        where fit.trend == .undecided && fit.exponent != nil {
          let point = plane.point(fit.setting)
          let distance = lines.map { point.distance(to: $0) }.min() ?? .infinity
          guard distance > goal.distance else { continue }
          undecided += 1
          if let addition = Self.deciding(fit.setting, fitter, goal, cost) {
            additions.insert(addition)
          }
        }
      }
    }
    // Runs of the sweep, whatever their outcome, are not asked for again.
    self.additions = additions.filter { addition in
      addition.widths?.isEmpty ?? false
        || (addition.widths ?? axes.width).contains { width in
          (addition.seeds ?? axes.seed).contains {
            !runs.contains(Run(addition.setting, width: width, seed: $0))
          }
        }
    }.sorted { $0.setting < $1.setting }
  }

  /// The settings of one slice of the plane, and the contour among them.
  private struct Slice {
    let fitted: FittedPoints
    /// The other parameters.
    let fixed: Setting
    let mesh: ContourMesh
    /// The edges along which the exponent changes its sign.
    let changes: Set<ContourMesh.Edge>
    /// Where it vanishes: lines, or points of a slice that is a line itself.
    let crossings: [[PlanePoint]]

    init(_ fitted: FittedPoints, fixed: Setting, plane: Plane, axes: Axes) {
      self.fitted = fitted
      self.fixed = fixed
      mesh = ContourMesh(fitted.points, plane, axes)
      let contour = fitted.contour(in: mesh)
      let onLine = mesh.isLine && fitted.changeSign ? mesh.changesOnLine(fitted.exponents) : []
      changes = mesh.isLine ? onLine : Set(contour.joined())
      let lines = mesh.isLine ? changes.map { [$0] } : contour
      crossings = lines.map { [mesh, exponents = fitted.exponents] in mesh.points($0, exponents) }
    }
  }

  /// The cheapest addition that is expected to decide a trend: as many seeds again, or widths in
  /// steps of half a decade beyond the last. Nil if no addition that is allowed is.
  private static func deciding(
    _ setting: Setting, _ fitter: PointFitter, _ goal: Goal, _ cost: (Setting, Double) -> Double
  ) -> Addition? {
    let seeds = fitter.seeds
    let widths = fitter.widths
    guard let last = seeds.last else { return nil }
    func seconds(_ widths: [Double]) -> Double {
      Double(seeds.count) * widths.reduce(0) { $0 + cost(setting, $1) }
    }
    var found: (addition: Addition, seconds: Double)?
    if 2 * seeds.count <= goal.maxSeeds, last < UInt64.max - UInt64(seeds.count),
      fitter.trendWithTwiceTheSeeds() != .undecided
    {
      let more = (1...UInt64(seeds.count)).map { last + $0 }
      found = (Addition(setting, widths: widths, seeds: more), seconds(widths))
    }
    var wider: [Double] = []
    while let width = next(after: wider.last ?? widths.last, unit: goal.widthUnit),
      width <= goal.maxWidth
    {
      wider.append(width)
      if let found, found.seconds <= seconds(wider) { break }
      if fitter.trend(withFurther: wider) != .undecided {
        return Addition(setting, widths: wider, seeds: seeds)
      }
    }
    return found?.addition
  }

  /// The width half a decade above another, as a grid with two widths a decade has it if that has
  /// the other; a whole multiple of `unit`. Nil if there is none.
  static func next(after width: Double?, unit: Double) -> Double? {
    guard let width, width > 0 else { return nil }
    let halves = (2 * Double.log10(width)).rounded()
    let isOnLattice = Double.pow(10, halves / 2).rounded() == width
    var next = isOnLattice ? Double.pow(10, (halves + 1) / 2) : width * 10.0.squareRoot()
    if !isOnLattice {
      // Four digits.
      let step = Double.pow(10, Double.log10(next).rounded(.down) - 3)
      next = (next / step).rounded() * step
    }
    next = unit * (next / unit).rounded()
    return next > width && next.isFinite ? next : nil
  }

  /// The middle of an edge as a short decimal number, right to a thousandth of its length; on the
  /// same line of the grid.
  private static func middle(_ a: PlanePoint, _ b: PlanePoint, _ length: Double) -> PlanePoint {
    let unit = Double.pow(10, (3 - Double.log10(length)).rounded(.up))
    func between(_ x: Double, _ y: Double) -> Double {
      x == y ? x : (0.5 * (x + y) * unit).rounded() / unit
    }
    return PlanePoint(x: between(a.x, b.x), y: between(a.y, b.y))
  }
}
