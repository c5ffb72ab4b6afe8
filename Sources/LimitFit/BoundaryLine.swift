import Model
import RealModule

/// A line on which S = 0, with S > 0 to its left; a closed one repeats its first vertex at the end.
public struct BoundaryLine: Hashable, Sendable {
  /// A vertex, with the edges of the 95 % band there, which is due to ``PhaseMap/bandSource``.
  public struct Vertex: Hashable, Sendable {
    /// Where S = 0.
    public var point: PlanePoint
    /// The edges of the band, on the sides where S < 0 and S > 0; nil with a
    /// single seed.
    public var towardsVanishing: PlanePoint?, towardsGrowing: PlanePoint?

    /// A vertex.
    public init(
      _ point: PlanePoint, towardsVanishing: PlanePoint? = nil, towardsGrowing: PlanePoint? = nil
    ) {
      self.point = point
      self.towardsVanishing = towardsVanishing
      self.towardsGrowing = towardsGrowing
    }
  }

  /// The vertices, at least two.
  public var vertices: [Vertex]
  /// The parameters beside the plane's, which are fixed along the line.
  public var slice: Setting

  /// A line.
  public init(_ vertices: [Vertex], slice: Setting = .none) {
    self.vertices = vertices
    self.slice = slice
  }

  /// Its vertices without the band.
  public var points: [PlanePoint] { vertices.map(\.point) }
}

extension BoundaryLine {
  /// How many resamples the band is made from.
  static let resamples = 200

  /// The boundary among the fitted points of one slice, with its band.
  ///
  /// - Parameters:
  ///   - fitted: the points.
  ///   - mesh: its nodes are these points.
  ///   - slice: the parameters that the points have in common.
  static func all(_ fitted: FittedPoints, _ mesh: ContourMesh, slice: Setting) -> [BoundaryLine] {
    let fitters = fitted.fitters
    let exponents = fitted.exponents
    let lines = fitted.contour(in: mesh)
    let again = resampled(exponents, lines, fitters, mesh)
    return lines.compactMap { line in
      let vertices = mesh.points(line, exponents)
      var result: [Vertex] = []
      for i in line.indices where result.last?.point != vertices[i] {
        // Computed exponents do not depend on seeds.
        let ends = [line[i].first, line[i].second].map { fitters[$0] }
        let seeds = ends.filter { $0.limit == nil }.map(\.seeds.count).min()
        result.append(vertex(vertices, i, again, seeds: seeds))
      }
      return result.count >= 2 ? BoundaryLine(result, slice: slice) : nil
    }
  }

  /// The boundaries of resampled seeds. A seed is resampled for all points at once, because they
  /// share its initial values.
  private static func resampled(
    _ exponents: [Double?], _ lines: [[ContourMesh.Edge]], _ fitters: [PointFitter],
    _ mesh: ContourMesh
  ) -> [[[PlanePoint]]] {
    let seeds = Set(fitters.flatMap(\.seeds)).sorted()
    guard seeds.count > 1 || fitters.contains(where: { $0.limit != nil }), !lines.isEmpty else {
      return []
    }
    // Only points near the contour can move it: those of the cells that it passes through, and of
    // the next ones.
    var near = Set(lines.flatMap { $0.flatMap { [$0.first, $0.second] } })
    for _ in 0..<2 {
      near = mesh.cells.reduce(into: near) { all, cell in
        if cell.contains(where: near.contains) { all.formUnion(cell) }
      }
    }
    var random = SplitMix64(state: 0)
    let draws =
      seeds.isEmpty
      ? []
      : (0..<resamples).map { _ in
        seeds.indices.reduce(into: [UInt64: Double]()) { weights, _ in
          weights[seeds[Int.random(in: seeds.indices, using: &random)], default: 0] += 1
        }
      }
    var repeats = [[Double?]](repeating: exponents, count: resamples)
    for node in near.sorted() where exponents[node] != nil {
      if let limit = fitters[node].limit {
        for i in repeats.indices {
          repeats[i][node] = limit.exponent.value + limit.deviation * random.nextNormal()
        }
        continue
      }
      guard let models = fitters[node].models() else { continue }
      // Few seeds have few distinct resamples.
      var known: [[UInt64: Double]: Double?] = [:]
      for (i, draw) in draws.enumerated() {
        let exponent = known[draw] ?? fitters[node].exponent(weights: draw, models)
        known[draw] = exponent
        if let exponent { repeats[i][node] = exponent }
      }
    }
    return repeats.map { values in mesh.contour(values).map { mesh.points($0, values) } }
      .filter { !$0.isEmpty }
  }

  /// A vertex with its band: Student's t times the standard deviation of the distances from it to
  /// the boundaries of the resamples.
  ///
  /// Quantiles of the resamples would be far too narrow: those of two seeds never lie outside the
  /// two. The variance of n seeds has n − 1 degrees of freedom, and that of their resamples is
  /// (n − 1) / n of it. Computed exponents have normal errors.
  ///
  /// - Parameter seeds: how many; nil where the exponents beside the vertex are computed.
  private static func vertex(
    _ points: [PlanePoint], _ i: Int, _ again: [[[PlanePoint]]], seeds: Int?
  ) -> Vertex {
    let point = points[i]
    let (before, after) = (points[max(0, i - 1)], points[min(points.count - 1, i + 1)])
    let along = (after.x - before.x, after.y - before.y)
    let length = Double.hypot(along.0, along.1)
    guard !again.isEmpty, seeds ?? 2 > 1, length > 0 else { return Vertex(point) }
    // To the left, where S > 0.
    let normal = (-along.1 / length, along.0 / length)
    let squares = again.reduce(0.0) { sum, lines in
      let distance = lines.map { point.distance(to: $0) }.min() ?? 0
      return sum + distance * distance
    }
    let meanSquare = squares / Double(again.count)
    let quantile = 0.5 + TrendRule.confidence / 2
    let half =
      seeds.map { seeds in
        let freedom = Double(seeds - 1)
        return StudentT(degreesOfFreedom: freedom).quantile(quantile)
          * (Double(seeds) / freedom * meanSquare).squareRoot()
      } ?? ComputedLimit.normalQuantile * meanSquare.squareRoot()
    func moved(_ offset: Double) -> PlanePoint {
      PlanePoint(x: point.x + offset * normal.0, y: point.y + offset * normal.1)
    }
    return Vertex(point, towardsVanishing: moved(-half), towardsGrowing: moved(half))
  }
}

extension PlanePoint {
  /// The Euclidean distance to a line of at least one point.
  func distance(to line: [PlanePoint]) -> Double {
    guard let first = line.first else { return .infinity }
    var shortest = Double.hypot(self.x - first.x, self.y - first.y)
    for (a, b) in zip(line, line.dropFirst()) {
      let (x, y) = (b.x - a.x, b.y - a.y)
      let square = x * x + y * y
      guard square > 0 else { continue }
      let t = min(1, max(0, ((self.x - a.x) * x + (self.y - a.y) * y) / square))
      shortest = min(shortest, Double.hypot(self.x - a.x - t * x, self.y - a.y - t * y))
    }
    return shortest
  }
}
