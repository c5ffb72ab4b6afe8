import Model
import RealModule

/// What to add to a sweep so that its boundary is known better, with few CPU seconds.
///
/// Points halve the edges between which the exponent changes its sign. When these are short enough, seeds and widths are added
/// where a trend is open, so that the boundary might lie elsewhere than it seems, and they are expected to decide it.
public struct Refinement: Hashable, Sendable {
  /// Something to add at a phase point.
  public struct Addition: Hashable, Sendable {
    /// Where.
    public var point: PhasePoint
    /// The widths to run there; nil: those of the sweep's axes.
    public var widths: [Int]?
    /// The seeds to run at these; nil: those of the sweep's axes.
    public var seeds: [UInt64]?

    /// An addition.
    public init(point: PhasePoint, widths: [Int]? = nil, seeds: [UInt64]? = nil) {
      self.point = point
      self.widths = widths
      self.seeds = seeds
    }
  }

  /// What is wanted.
  public struct Goal: Hashable, Sendable {
    /// How far from its true place the boundary may be drawn, in the (γ, γ') plane; positive.
    public var distance: Double
    /// No width beyond this is added.
    public var largestWidth: Int
    /// No more seeds than this are used at a point.
    public var mostSeeds: Int

    /// Whether added widths have to be even, as those of antisymmetric networks.
    public var evenWidths: Bool

    /// A goal.
    public init(distance: Double, largestWidth: Int, mostSeeds: Int, evenWidths: Bool = false) {
      self.distance = distance
      self.largestWidth = largestWidth
      self.mostSeeds = mostSeeds
      self.evenWidths = evenWidths
    }
  }

  /// What is missing, by γ, then γ'.
  public var additions: [Addition]
  /// The longest edge between which the sign changes: the boundary is known to half of it, as far as exponents are right.
  public var longestEdge: Double
  /// How many trends are open farther than the distance from the boundary, when no edge is longer than wanted; what of
  /// them can be decided is among the additions.
  public var undecided: Int

  /// What a map lacks for a goal.
  ///
  /// - Parameters:
  ///   - observations: as given to ``PhaseMap/fit(observations:axes:antisymmetric:)``.
  ///   - axes: those of the sweep.
  ///   - goal: what is wanted.
  ///   - cost: the expected CPU seconds of a run at a point and width.
  public init(
    observations: some Sequence<Observation>, axes: Axes, goal: Goal, cost: (PhasePoint, Int) -> Double
  ) {
    let observations = Array(observations)
    let runs = Set(observations.map(\.run))
    let fitted = FittedPoints(observations, antisymmetric: false)
    let nodes = fitted.points.map(\.point)
    let mesh = ContourMesh(nodes: nodes, gamma: axes.gamma, gammaPrime: axes.gammaPrime)
    let exponents = fitted.points.map { $0.exponent?.value }
    let contour = mesh.contour(exponents)
    let known = Set(nodes)
    var additions: Set<Addition> = []

    longestEdge = 0
    for edge in Set(contour.joined()) {
      let (a, b) = (nodes[edge.first], nodes[edge.second])
      let length = Double.hypot(a.gamma - b.gamma, a.gammaPrime - b.gammaPrime)
      longestEdge = max(longestEdge, length)
      guard length > 2 * goal.distance * (1 + 1e-9) else { continue }
      let middle = Self.middle(a, b, length)
      if !known.contains(middle) { additions.insert(Addition(point: middle)) }
    }

    // An open trend matters where the boundary could be; while points are added, that is not known.
    undecided = 0
    if additions.isEmpty {
      let lines = contour.map { mesh.points($0, exponents) }
      for (fit, fitter) in zip(fitted.points, fitted.fitters)
      where fit.trend == .undecided && fit.exponent != nil {
        let distance = lines.map { fit.point.distance(to: $0) }.min() ?? .infinity
        guard distance > goal.distance else { continue }
        undecided += 1
        if let addition = Self.deciding(fit.point, fitter, goal, cost) { additions.insert(addition) }
      }
    }
    // Runs that are there, whatever became of them, are not asked for again.
    self.additions = additions.filter { addition in
      (addition.widths ?? axes.width).contains { width in
        (addition.seeds ?? axes.seed).contains {
          !runs.contains(Run(point: addition.point, width: width, seed: $0))
        }
      }
    }.sorted { $0.point < $1.point }
  }

  /// The cheapest of what would decide an open trend, as things look: as many seeds again, or widths in steps of half a
  /// decade beyond the largest. Nil if nothing that is allowed would.
  private static func deciding(
    _ point: PhasePoint, _ fitter: PointFitter, _ goal: Goal, _ cost: (PhasePoint, Int) -> Double
  ) -> Addition? {
    let seeds = fitter.seeds
    let widths = fitter.widths
    guard let last = seeds.last else { return nil }
    func seconds(_ widths: [Int]) -> Double {
      Double(seeds.count) * widths.reduce(0) { $0 + cost(point, $1) }
    }
    var found: (addition: Addition, seconds: Double)?
    if 2 * seeds.count <= goal.mostSeeds, last < UInt64.max - UInt64(seeds.count),
      fitter.trendWithTwiceTheSeeds() != .undecided
    {
      let more = (1...UInt64(seeds.count)).map { last + $0 }
      found = (Addition(point: point, widths: widths, seeds: more), seconds(widths))
    }
    var wider: [Int] = []
    while let width = next(after: wider.last ?? widths.last, even: goal.evenWidths),
      width <= goal.largestWidth
    {
      wider.append(width)
      if let found, found.seconds <= seconds(wider) { break }
      if fitter.trend(withFurther: wider) != .undecided {
        return Addition(point: point, widths: wider, seeds: seeds)
      }
    }
    return found?.addition
  }

  /// The width half a decade above another, as a grid with two widths a decade has it if that has the other.
  static func next(after width: Int?, even: Bool) -> Int? {
    guard let width, width > 0, width < 1_000_000_000 else { return nil }
    let halves = (2 * Double.log10(Double(width))).rounded()
    let isOnLattice = Int(Double.pow(10, halves / 2).rounded()) == width
    var next = isOnLattice ? Double.pow(10, (halves + 1) / 2) : Double(width) * 10.0.squareRoot()
    if !isOnLattice {
      // Four digits.
      let unit = Double.pow(10, Double.log10(next).rounded(.down) - 3)
      next = (next / unit).rounded() * unit
    }
    return even ? 2 * Int((next / 2).rounded()) : Int(next.rounded())
  }

  /// The middle of an edge as a grid file would name it, to a thousandth of its length; on the same line of the grid.
  private static func middle(_ a: PhasePoint, _ b: PhasePoint, _ length: Double) -> PhasePoint {
    let unit = Double.pow(10, (3 - Double.log10(length)).rounded(.up))
    func between(_ x: Double, _ y: Double) -> Double { x == y ? x : (0.5 * (x + y) * unit).rounded() / unit }
    return PhasePoint(gamma: between(a.gamma, b.gamma), gammaPrime: between(a.gammaPrime, b.gammaPrime))
  }
}
