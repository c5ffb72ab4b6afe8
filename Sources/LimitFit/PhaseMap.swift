import Model

/// The phase map of a sweep: a fit for every setting, and the boundaries between trends.
public struct PhaseMap: Hashable, Sendable {
  /// The quantity that was fitted.
  public var orderParameter: String
  /// The parameters that span the plane.
  public var plane: Plane
  /// One row for each setting of the sweep, ascending.
  public var points: [PointFit]
  /// The contours S = 0, each in the slice of the plane where the other parameters are fixed.
  public var boundary: [BoundaryLine]

  /// A phase map.
  public init(orderParameter: String, plane: Plane, points: [PointFit], boundary: [BoundaryLine]) {
    self.orderParameter = orderParameter
    self.plane = plane
    self.points = points
    self.boundary = boundary
  }

  /// The name and revision of the method by which a phase map is made, for provenance.
  public static let fitMethod =
    "computed limits, else power law, crossover and constant by marginal likelihood, revision 5"

  /// What the band of the boundary is due to, in words.
  public var bandSource: String {
    let sources = Set(points.compactMap(\.exponentSource))
    if sources == [.computed] { return "intervals of computed exponents" }
    return sources.contains(.computed) ? "seeds and intervals of computed exponents" : "seeds alone"
  }

  /// The values of the parameters beside the plane's, ascending; the empty setting alone where the
  /// plane has all parameters.
  public var slices: [Setting] { Set(points.map { plane.slice($0.setting) }).sorted() }

  /// The part of the map in one slice.
  public func slice(_ slice: Setting) -> PhaseMap {
    PhaseMap(
      orderParameter: orderParameter, plane: plane,
      points: points.filter { plane.slice($0.setting) == slice },
      boundary: boundary.filter { $0.slice == slice })
  }

  /// Fits every setting of a sweep.
  ///
  /// Nothing is dropped: every setting that has an observation has a row, and every run is counted
  /// in it. The result does not depend on the order of the observations.
  ///
  /// - Parameters:
  ///   - observations: one for each run of the sweep, in any order; their values are those of
  ///     `orderParameter`.
  ///   - orderParameter: the quantity, for the record.
  ///   - plane: the parameters between whose lines the boundary is sought.
  ///   - axes: the axes of the sweep; nil: all values that occur.
  ///   - theory: what is known of plane and order parameter; it determines the expected exponents
  ///     and nothing else.
  public static func fit(
    observations: some Sequence<Observation>, orderParameter: String, plane: Plane,
    axes: Axes? = nil, theory: (any Theory)? = nil
  ) -> PhaseMap {
    let fitted = FittedPoints(observations, theory: theory)
    let boundary = fitted.slices(of: plane).flatMap { slice, part in
      BoundaryLine.all(part, ContourMesh(part.points, plane, axes), slice: slice)
    }
    return PhaseMap(
      orderParameter: orderParameter, plane: plane, points: fitted.points, boundary: boundary)
  }
}

/// The fits of all settings of a sweep, with what they were made from, ascending.
struct FittedPoints: Sendable {
  let points: [PointFit]
  let fitters: [PointFitter]

  /// Fits every setting that has an observation.
  init(_ observations: some Sequence<Observation>, theory: (any Theory)?) {
    let data = Dictionary(grouping: observations, by: \.run.setting).sorted { $0.key < $1.key }
      .map { PointData(setting: $0.key, observations: $0.value) }
    let isNested = PointData.areNested(data)
    let fitters = data.map { PointFitter($0, isNested: isNested) }
    self.init(points: fitters.map { $0.fit(theory: theory) }, fitters: fitters)
  }

  private init(points: [PointFit], fitters: [PointFitter]) {
    self.points = points
    self.fitters = fitters
  }

  /// The exponents; nil where there is none.
  var exponents: [Double?] { points.map { $0.exponent?.value } }

  /// Whether the exponent changes its sign. A bounded one has none: beside it nothing but rounding
  /// and the precision of the fit would say where a line S = 0 is.
  var changeSign: Bool {
    let signed = points.filter { $0.trend != .bounded }.compactMap { $0.exponent?.value }
    return signed.contains { $0 < 0 } && signed.contains { $0 > 0 }
  }

  /// The contour S = 0 among the points; none where the exponent does not change its sign.
  func contour(in mesh: ContourMesh) -> [[ContourMesh.Edge]] {
    changeSign ? mesh.contour(exponents) : []
  }

  /// The settings of each slice of a plane, by slice.
  func slices(of plane: Plane) -> [(slice: Setting, part: FittedPoints)] {
    Dictionary(grouping: points.indices) { plane.slice(points[$0].setting) }
      .sorted { $0.key < $1.key }
      .map { slice, members in
        let part = FittedPoints(
          points: members.map { points[$0] }, fitters: members.map { fitters[$0] })
        return (slice, part)
      }
  }
}

extension ContourMesh {
  /// The mesh of the settings of one slice. A plane of one parameter has no cells.
  init(_ points: [PointFit], _ plane: Plane, _ axes: Axes?) {
    let nodes = points.map { plane.point($0.setting) }
    func lines(_ name: String?, _ coordinate: KeyPath<PlanePoint, Double>) -> [Double] {
      let given = name.flatMap { axes?[$0] } ?? []
      return given.isEmpty ? Set(nodes.map { $0[keyPath: coordinate] }).sorted() : given
    }
    self.init(nodes: nodes, x: lines(plane.x, \.x), y: lines(plane.y, \.y))
  }
}
