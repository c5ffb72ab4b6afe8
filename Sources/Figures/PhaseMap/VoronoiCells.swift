/// The cells of points that form no grid: of every place in a box, the point that is nearest.
enum VoronoiCells {
  /// The cells of distinct points, each a convex polygon; empty for points far outside the box.
  ///
  /// Each starts as the box and is cut half-way to one neighbour after another, the nearest first,
  /// until no further one can reach it.
  static func polygons(of points: [Point], in box: Box) -> [[Point]] {
    let corners = [
      Point(x: box.minX, y: box.minY), Point(x: box.maxX, y: box.minY), Point(x: box.maxX, y: box.maxY),
      Point(x: box.minX, y: box.maxY),
    ]
    // A circle that holds a few dozen neighbours of most points.
    let initialRadius = 4 * (box.width * box.height / Double(max(1, points.count))).squareRoot()
    let order = points.sorted { $0.x < $1.x }
    return points.map { point in
      func distance(_ other: Point) -> Double {
        let d = other - point
        return (d.x * d.x + d.y * d.y).squareRoot()
      }
      var radius = initialRadius
      while true {
        let first = order.partitioningIndex { $0.x >= point.x - radius }
        let near = order[first...].prefix { $0.x <= point.x + radius }.map {
          (point: $0, distance: distance($0))
        }
        .filter { $0.distance > 0 && $0.distance <= radius }.sorted { $0.distance < $1.distance }
        var polygon = corners
        for other in near {
          if other.distance > 2 * (polygon.map(distance).max() ?? 0) { break }
          polygon = cut(polygon, nearerTo: point, than: other.point)
        }
        // Nothing beyond the circle reaches the cell, or nothing at all is beyond it.
        let reach = polygon.map(distance).max() ?? 0
        if 2 * reach <= radius || radius > 4 * (box.width + box.height) { return polygon }
        radius *= 2
      }
    }
  }

  /// The part of a convex polygon that is nearer to one point than to another.
  private static func cut(_ polygon: [Point], nearerTo a: Point, than b: Point) -> [Point] {
    let middle = Point(x: (a.x + b.x) / 2, y: (a.y + b.y) / 2)
    let along = b - a
    // Negative on the side of a.
    func side(_ p: Point) -> Double { (p.x - middle.x) * along.x + (p.y - middle.y) * along.y }
    var result: [Point] = []
    for (i, p) in polygon.enumerated() {
      let q = polygon[(i + 1) % polygon.count]
      let (s, t) = (side(p), side(q))
      if s <= 0 { result.append(p) }
      if (s < 0) != (t < 0), s != 0, t != 0 {
        let f = s / (s - t)
        result.append(Point(x: p.x + f * (q.x - p.x), y: p.y + f * (q.y - p.y)))
      }
    }
    return result
  }
}

extension Array {
  /// The index of the first element from which on all satisfy a condition that none before does.
  fileprivate func partitioningIndex(where condition: (Element) -> Bool) -> Int {
    var (low, high) = (0, count)
    while low < high {
      let middle = (low + high) / 2
      if condition(self[middle]) { high = middle } else { low = middle + 1 }
    }
    return low
  }
}
