import Testing

@testable import Figures

struct VoronoiTests {
  func area(_ polygon: [Point]) -> Double {
    polygon.indices.reduce(0) { sum, i in
      let (p, q) = (polygon[i], polygon[(i + 1) % polygon.count])
      return sum + (p.x * q.y - q.x * p.y) / 2
    }
  }

  @Test func cellsTileTheBoxAndHoldWhatIsNearest() {
    var random = SplitMix64(state: 3)
    let box = Box(minX: 0, minY: 0, maxX: 480, maxY: 300)
    for count in [1, 2, 3, 17, 120] {
      var points = (0..<count).map { _ in
        Point(x: Double.random(in: 0...480, using: &random), y: Double.random(in: 0...300, using: &random))
      }
      // Some on lines, as grids have them.
      for i in points.indices where i % 3 == 0 { points[i].x = (points[i].x / 60).rounded() * 60 }
      let cells = VoronoiCells.polygons(of: points, in: box)
      let whole: Double = cells.map(area).reduce(0, +)
      #expect(abs(whole - 144_000) < 0.1)
      func distance(_ a: Point, _ b: Point) -> Double {
        (a.x - b.x) * (a.x - b.x) + (a.y - b.y) * (a.y - b.y)
      }
      for (point, cell) in zip(points, cells) {
        // A corner is as near to its point as to any other.
        for corner in cell {
          let least = points.map { distance($0, corner) }.min() ?? 0
          #expect(distance(point, corner) <= least * (1 + 1e-9) + 1e-6)
        }
      }
    }
  }
}
