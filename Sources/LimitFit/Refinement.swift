import Model
import RealModule

/// What to add to a sweep so that its boundary is known better, with few CPU seconds.
///
/// Points halve the edges between which the exponent changes its sign; seeds and widths are added where a verdict is open and the
/// boundary might lie elsewhere than it seems.
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

    /// A goal.
    public init(distance: Double, largestWidth: Int, mostSeeds: Int) {
      self.distance = distance
      self.largestWidth = largestWidth
      self.mostSeeds = mostSeeds
    }
  }

  /// What is missing, by γ, then γ'.
  public var additions: [Addition]
  /// The longest edge between which the sign changes: the boundary is known to half of it, as far as exponents are right.
  public var longestEdge: Double

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

    let lines = contour.map { mesh.points($0, exponents) }
    for (fit, fitter) in zip(fitted.points, fitted.fitters)
    where fit.verdict == .undecided && fit.exponent != nil {
      let distance = lines.map { fit.point.distance(to: $0) }.min() ?? .infinity
      guard distance > goal.distance, let addition = Self.deciding(fit.point, fitter, goal, cost) else {
        continue
      }
      additions.insert(addition)
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

  /// What an undecided point needs: as many seeds again if these would decide it, as things look, and are cheaper than a wider
  /// network; else a width half a decade beyond the largest. Nil if neither is allowed.
  private static func deciding(
    _ point: PhasePoint, _ fitter: PointFitter, _ goal: Goal, _ cost: (PhasePoint, Int) -> Double
  ) -> Addition? {
    let seeds = fitter.seeds
    let widths = fitter.widths
    guard let largest = widths.last, let last = seeds.last else { return nil }
    let wider = roundedWidth(Double(largest) * 10.0.squareRoot())
    var more: Addition?
    if 2 * seeds.count <= goal.mostSeeds, last < UInt64.max - UInt64(seeds.count) {
      more = Addition(point: point, widths: widths, seeds: (1...UInt64(seeds.count)).map { last + $0 })
    }
    let width = wider <= goal.largestWidth ? Addition(point: point, widths: [wider], seeds: seeds) : nil
    guard let more, let width else { return more ?? width }
    let seedCost = Double(seeds.count) * widths.reduce(0) { $0 + cost(point, $1) }
    let widthCost = Double(seeds.count) * cost(point, wider)
    let decides = fitter.verdict(covarianceFactor: 0.5) != .undecided
    return decides && seedCost <= widthCost ? more : width
  }

  /// A width with four digits.
  private static func roundedWidth(_ width: Double) -> Int {
    let unit = Double.pow(10, Double.log10(width).rounded(.down) - 3)
    // An even number, which antisymmetric networks need.
    return Int((width / unit).rounded() * unit / 2) * 2
  }

  /// The middle of an edge as a grid file would name it, to a thousandth of its length; on the same line of the grid.
  private static func middle(_ a: PhasePoint, _ b: PhasePoint, _ length: Double) -> PhasePoint {
    let unit = Double.pow(10, (3 - Double.log10(length)).rounded(.up))
    func between(_ x: Double, _ y: Double) -> Double { x == y ? x : (0.5 * (x + y) * unit).rounded() / unit }
    return PhasePoint(gamma: between(a.gamma, b.gamma), gammaPrime: between(a.gammaPrime, b.gammaPrime))
  }
}
