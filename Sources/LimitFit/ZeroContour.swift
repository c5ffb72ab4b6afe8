import Model

/// The contour S = 0 of fitted slopes, by marching squares.
///
/// The nodes are the values of γ and γ' that occur; they need not be evenly spaced. A cell with a node that
/// has no slope is skipped, so that nothing is interpolated across missing points. Along an edge S is
/// linear; in a cell with two positive and two negative corners on the diagonals, the mean of the corners
/// decides which of them are joined.
///
/// - Parameter points: fits at distinct phase points.
/// - Returns: polylines with at least two distinct points, S > 0 to their left; a closed one repeats its
///   first point at the end. Their order depends on the nodes alone.
func zeroContour(of points: [PointFit]) -> [[PhasePoint]] {
  ContourGrid(points).polylines()
}

/// Slopes on the nodes of a rectangular grid.
private struct ContourGrid {
  let gamma: [Double]
  let gammaPrime: [Double]
  /// By node; absent where there is no slope.
  var slope: [Node: Double] = [:]

  struct Node: Hashable {
    var i, j: Int
  }

  /// A side of a cell: from a node to the next one in γ or in γ'.
  struct Edge: Hashable, Comparable {
    var from: Node
    var alongGamma: Bool

    var to: Node {
      alongGamma ? Node(i: from.i + 1, j: from.j) : Node(i: from.i, j: from.j + 1)
    }

    static func < (a: Edge, b: Edge) -> Bool {
      (a.from.i, a.from.j, a.alongGamma ? 0 : 1) < (b.from.i, b.from.j, b.alongGamma ? 0 : 1)
    }
  }

  init(_ points: [PointFit]) {
    gamma = Set(points.map(\.point.gamma)).sorted()
    gammaPrime = Set(points.map(\.point.gammaPrime)).sorted()
    let column = Dictionary(uniqueKeysWithValues: zip(gamma, gamma.indices))
    let row = Dictionary(uniqueKeysWithValues: zip(gammaPrime, gammaPrime.indices))
    for point in points {
      guard let slope = point.slope, slope.isFinite, let i = column[point.point.gamma],
        let j = row[point.point.gammaPrime]
      else { continue }
      self.slope[Node(i: i, j: j)] = slope
    }
  }

  /// Pieces of the contour inside one cell, from edge to edge with S > 0 to the left. A node with S = 0
  /// counts as positive, so that a contour through nodes is found once.
  func pieces(cell i: Int, _ j: Int) -> [(from: Edge, to: Edge)] {
    let corners = [Node(i: i, j: j), Node(i: i + 1, j: j), Node(i: i + 1, j: j + 1), Node(i: i, j: j + 1)]
    let values = corners.compactMap { slope[$0] }
    guard values.count == 4 else { return [] }
    let edges = [
      Edge(from: corners[0], alongGamma: true), Edge(from: corners[1], alongGamma: false),
      Edge(from: corners[3], alongGamma: true), Edge(from: corners[0], alongGamma: false),
    ]
    // Counter-clockwise around the cell: where S turns positive, and where it turns negative.
    var entries: [Int] = []
    var exits: [Int] = []
    for k in 0..<4 {
      let (before, after) = (values[k] >= 0, values[(k + 1) % 4] >= 0)
      if !before && after { entries.append(k) }
      if before && !after { exits.append(k) }
    }
    if entries.count < 2 { return zip(exits, entries).map { (edges[$0], edges[$1]) } }
    // Both exits are on edges of the same parity, one edge after an entry; joined corners leave for the
    // next entry, separate ones return to their own.
    let joined = values.reduce(0, +) >= 0
    return exits.map { exit in (edges[exit], edges[joined ? (exit + 1) % 4 : (exit + 3) % 4]) }
  }

  /// Where S = 0 on an edge whose ends differ in sign.
  func crossing(_ edge: Edge) -> PhasePoint {
    let (a, b) = (slope[edge.from] ?? 0, slope[edge.to] ?? 0)
    let fraction = a == b ? 0.5 : a / (a - b)
    func between(_ low: Double, _ high: Double) -> Double {
      // Exact at both ends.
      fraction < 0.5 ? low + fraction * (high - low) : high - (1 - fraction) * (high - low)
    }
    return PhasePoint(
      gamma: between(gamma[edge.from.i], gamma[edge.to.i]),
      gammaPrime: between(gammaPrime[edge.from.j], gammaPrime[edge.to.j]))
  }

  /// All pieces, joined. An edge is left at most once and reached at most once.
  func polylines() -> [[PhasePoint]] {
    var next: [Edge: Edge] = [:]
    for i in gamma.indices.dropLast() {
      for j in gammaPrime.indices.dropLast() {
        for piece in pieces(cell: i, j) { next[piece.from] = piece.to }
      }
    }
    let reached = Set(next.values)
    let open = next.keys.filter { !reached.contains($0) }.sorted()
    var lines: [[PhasePoint]] = []
    // Whatever remains after the open lines are closed ones.
    for start in open + next.keys.sorted() {
      guard var edge = next.removeValue(forKey: start) else { continue }
      var line = [crossing(start), crossing(edge)]
      while let following = next.removeValue(forKey: edge) {
        edge = following
        line.append(crossing(edge))
      }
      let distinct = line.reduce(into: [PhasePoint]()) { if $0.last != $1 { $0.append($1) } }
      if distinct.count >= 2 { lines.append(distinct) }
    }
    return lines
  }
}
