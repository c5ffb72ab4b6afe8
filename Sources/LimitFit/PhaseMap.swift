import Model

/// The phase map of a sweep: a fit for every phase point, and the boundary between the regimes.
public struct PhaseMap: Hashable, Sendable {
  /// One row for each (γ, γ') of the sweep, by γ, then γ'.
  public var points: [PointFit]
  /// The contour S = 0.
  public var boundary: [BoundaryLine]

  /// A phase map.
  public init(points: [PointFit], boundary: [BoundaryLine]) {
    self.points = points
    self.boundary = boundary
  }

  /// The name and revision of the method by which a phase map is made, for provenance.
  public static let fitMethod =
    "power law, crossover and constant by marginal likelihood, 95 % intervals, revision 3"

  /// Fits every phase point of a sweep.
  ///
  /// Nothing is dropped: every (γ, γ') that has an observation has a row, and every run is counted in it.
  /// The result does not depend on the order of the observations.
  ///
  /// - Parameters:
  ///   - observations: one for each run of the sweep, in any order.
  ///   - axes: those of the sweep, between whose lines the boundary is sought; nil: all γ and γ' that occur.
  ///   - antisymmetric: whether f vanishes at the start; it changes what theory expects, not the fit.
  public static func fit(
    observations: some Sequence<Observation>, axes: Axes? = nil, antisymmetric: Bool
  ) -> PhaseMap {
    let fitted = FittedPoints(observations, antisymmetric: antisymmetric)
    let points = fitted.points
    let nodes = points.map(\.point)
    let mesh = ContourMesh(
      nodes: nodes, gamma: axes?.gamma ?? Set(nodes.map(\.gamma)).sorted(),
      gammaPrime: axes?.gammaPrime ?? Set(nodes.map(\.gammaPrime)).sorted())
    return PhaseMap(points: points, boundary: BoundaryLine.all(points, fitted.fitters, mesh))
  }
}

/// The fits of all points of a sweep, with what they were made from; by γ, then γ'.
struct FittedPoints: Sendable {
  let points: [PointFit]
  let fitters: [PointFitter]

  /// Fits every point that has an observation.
  init(_ observations: some Sequence<Observation>, antisymmetric: Bool) {
    let data = Dictionary(grouping: observations, by: \.run.point).sorted { $0.key < $1.key }
      .map { PointData(point: $0.key, observations: $0.value) }
    let isNested = PointData.areNested(data)
    fitters = data.map { PointFitter($0, isNested: isNested) }
    points = fitters.map { $0.fit(antisymmetric: antisymmetric) }
  }
}
