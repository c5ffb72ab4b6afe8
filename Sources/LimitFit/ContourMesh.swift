import Model

/// The settings of a sweep in one slice of a plane as the corners of cells, and the contour S = 0
/// in them, by marching squares.
///
/// The cells are those between neighbouring lines of the sweep's axes. Points that were added
/// between the lines divide cells wherever two of them face each other across a cell; a point that
/// faces none lies on the side of its cell, and a contour crosses that side between the two points
/// next to the change of sign.
struct ContourMesh: Sendable {
  /// Where the settings lie.
  let nodes: [PlanePoint]
  /// The corners and the points on the sides of each cell, counter-clockwise, as indices in
  /// ``nodes``.
  let cells: [[Int]]

  /// A side, or a part of one: two neighbouring nodes, the one with the lower index first.
  struct Edge: Hashable, Comparable {
    let first: Int
    let second: Int

    init(_ a: Int, _ b: Int) {
      first = min(a, b)
      second = max(a, b)
    }

    static func < (a: Edge, b: Edge) -> Bool { (a.first, a.second) < (b.first, b.second) }
  }

  /// The cells among points.
  ///
  /// - Parameters:
  ///   - nodes: distinct points, in any order.
  ///   - x: the abscissae of the lines that divide the plane, ascending.
  ///   - y: their ordinates, ascending. A cell of which a corner is no node is left out.
  init(nodes: [PlanePoint], x xs: [Double], y ys: [Double]) {
    self.nodes = nodes
    let index = NodeIndex(nodes)
    var cells: [[Int]] = []
    for (left, right) in zip(xs, xs.dropFirst()) {
      for (bottom, top) in zip(ys, ys.dropFirst()) {
        index.divide(left...right, bottom...top, into: &cells)
      }
    }
    self.cells = cells
  }

  /// The nodes by abscissa and ordinate.
  private struct NodeIndex {
    private var node: [PlanePoint: Int] = [:]
    /// y of the nodes with an x, ascending, and the other way round.
    private var column: [Double: [Double]] = [:]
    private var row: [Double: [Double]] = [:]

    init(_ nodes: [PlanePoint]) {
      for (i, point) in nodes.enumerated() {
        node[point] = i
        column[point.x, default: []].append(point.y)
        row[point.y, default: []].append(point.x)
      }
      column = column.mapValues { $0.sorted() }
      row = row.mapValues { $0.sorted() }
    }

    private func inside(_ values: [Double]?, _ range: ClosedRange<Double>) -> [Double] {
      (values ?? []).filter { $0 > range.lowerBound && $0 < range.upperBound }
    }

    func divide(_ x: ClosedRange<Double>, _ y: ClosedRange<Double>, into cells: inout [[Int]]) {
      let (bottom, top) = (inside(row[y.lowerBound], x), inside(row[y.upperBound], x))
      let (left, right) = (inside(column[x.lowerBound], y), inside(column[x.upperBound], y))
      if let cut = top.first(where: bottom.contains) {
        divide(x.lowerBound...cut, y, into: &cells)
        divide(cut...x.upperBound, y, into: &cells)
        return
      }
      if let cut = right.first(where: left.contains) {
        divide(x, y.lowerBound...cut, into: &cells)
        divide(x, cut...y.upperBound, into: &cells)
        return
      }
      func at(_ x: Double, _ y: Double) -> Int? {
        node[PlanePoint(x: x, y: y)]
      }
      var around: [Int?] = [at(x.lowerBound, y.lowerBound)]
      around += bottom.map { at($0, y.lowerBound) }
      around.append(at(x.upperBound, y.lowerBound))
      around += right.map { at(x.upperBound, $0) }
      around.append(at(x.upperBound, y.upperBound))
      around += top.reversed().map { at($0, y.upperBound) }
      around.append(at(x.lowerBound, y.upperBound))
      around += left.reversed().map { at(x.lowerBound, $0) }
      let known = around.compactMap { $0 }
      if known.count == around.count { cells.append(known) }
    }
  }

  /// The contour of values at the nodes.
  ///
  /// A cell with a node that has no value is skipped, so that nothing is interpolated across
  /// missing points. Along an edge values are linear; where a cell has several pairs of changes of
  /// sign, the mean of its nodes decides which of them are joined.
  ///
  /// - Parameter values: by node; nil where there is none.
  /// - Returns: lines of at least two edges, positive values to their left; a closed one repeats
  ///   its first edge at the end. Their order depends on the nodes alone. A node with value 0
  ///   counts as positive.
  func contour(_ values: [Double?]) -> [[Edge]] {
    var next: [Edge: Edge] = [:]
    for cell in cells {
      for piece in pieces(cell, values) { next[piece.from] = piece.to }
    }
    let reached = Set(next.values)
    let open = next.keys.filter { !reached.contains($0) }.sorted()
    var lines: [[Edge]] = []
    // Whatever remains after the open lines are closed ones.
    for start in open + next.keys.sorted() {
      guard var edge = next.removeValue(forKey: start) else { continue }
      var line = [start, edge]
      while let following = next.removeValue(forKey: edge) {
        edge = following
        line.append(edge)
      }
      lines.append(line)
    }
    return lines
  }

  /// Whether the nodes are on one line of the plane, so that there is no cell.
  var isLine: Bool { Set(nodes.map(\.x)).count == 1 || Set(nodes.map(\.y)).count == 1 }

  /// The edges between neighbours on a line along which values change their sign.
  func changesOnLine(_ values: [Double?]) -> Set<Edge> {
    let order = nodes.indices.sorted { (nodes[$0].x, nodes[$0].y) < (nodes[$1].x, nodes[$1].y) }
    return zip(order, order.dropFirst()).reduce(into: []) { changes, pair in
      guard let a = values[pair.0], let b = values[pair.1], (a >= 0) != (b >= 0) else { return }
      changes.insert(Edge(pair.0, pair.1))
    }
  }

  /// Pieces of the contour inside one cell.
  private func pieces(_ cell: [Int], _ values: [Double?]) -> [(from: Edge, to: Edge)] {
    let known = cell.compactMap { values[$0] }
    guard known.count == cell.count else { return [] }
    // Counter-clockwise around the cell: where the sign turns, alternately to plus and to minus.
    var turns: [(edge: Edge, toPlus: Bool)] = []
    for k in cell.indices {
      let after = (k + 1) % cell.count
      let (a, b) = (known[k] >= 0, known[after] >= 0)
      if a != b { turns.append((Edge(cell[k], cell[after]), b)) }
    }
    guard !turns.isEmpty else { return [] }
    // A line enters where the sign turns to minus. With a positive mean it leaves at the next turn
    // to plus, which cuts the negative corners off; with a negative mean at the turn before.
    let joined = known.reduce(0, +) >= 0
    return turns.indices.filter { !turns[$0].toPlus }.map { k in
      let other = joined ? k + 1 : k + turns.count - 1
      return (turns[k].edge, turns[other % turns.count].edge)
    }
  }

  /// The points at which values vanish on the edges of a line.
  func points(_ line: [Edge], _ values: [Double?]) -> [PlanePoint] {
    line.map { point($0, at: fraction($0, values)) }
  }

  /// Where on an edge, from its first to its second node, the values vanish; 0 to 1.
  func fraction(_ edge: Edge, _ values: [Double?]) -> Double {
    let (a, b) = (values[edge.first] ?? 0, values[edge.second] ?? 0)
    return a == b ? 0.5 : min(1, max(0, a / (a - b)))
  }

  /// The point at a fraction of an edge, exact at both ends.
  func point(_ edge: Edge, at fraction: Double) -> PlanePoint {
    let (a, b) = (nodes[edge.first], nodes[edge.second])
    func between(_ low: Double, _ high: Double) -> Double {
      fraction < 0.5 ? low + fraction * (high - low) : high - (1 - fraction) * (high - low)
    }
    return PlanePoint(x: between(a.x, b.x), y: between(a.y, b.y))
  }
}
