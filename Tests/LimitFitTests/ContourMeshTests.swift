import Model
import RealModule
import Testing

@testable import LimitFit

struct ContourMeshTests {
  /// A surface S at the nodes of a grid; nil leaves a node without value.
  struct Surface {
    var nodes: [PlanePoint]
    var values: [Double?]
    var mesh: ContourMesh

    init(
      _ nodes: [PlanePoint], _ x: [Double], _ y: [Double], _ surface: (Double, Double) -> Double?
    ) {
      self.nodes = nodes.sorted()
      values = self.nodes.map { surface($0.x, $0.y) }
      mesh = ContourMesh(nodes: self.nodes, x: x, y: y)
    }
  }

  func grid(_ x: [Double], _ y: [Double], _ surface: (Double, Double) -> Double?) -> Surface {
    let nodes = x.flatMap { g in y.map { PlanePoint(x: g, y: $0) } }
    return Surface(nodes, x, y, surface)
  }

  /// The contour as points, without repetitions.
  func zeroContour(of surface: Surface) -> [[PlanePoint]] {
    surface.mesh.contour(surface.values).map { line in
      line.map { surface.mesh.point($0, at: surface.mesh.fraction($0, surface.values)) }
        .reduce(into: []) { if $0.last != $1 { $0.append($1) } }
    }.filter { $0.count > 1 }
  }

  let uneven = [0.5, 0.6, 0.85, 1, 1.3, 1.35, 2]

  @Test func planesAreExact() throws {
    let seed = UInt64.random(in: .min ... .max)
    var random = SplitMix64(state: seed)
    for _ in 0..<200 {
      let a = Double.random(in: -1...1, using: &random)
      let b = Double.random(in: -1...1, using: &random)
      // Through the middle of the grid, so that there is a line.
      let c = -a * 1.1 - b * 1.2
      let lines = zeroContour(of: grid(uneven, uneven) { a * $0 + b * $1 + c })
      #expect(lines.count == 1, "seed \(seed)")
      let line = try #require(lines.first)
      for p in line {
        #expect((a * p.x + b * p.y + c).magnitude < 1e-12, "seed \(seed)")
      }
      // It runs from border to border, with S > 0 to its left.
      for end in [line[0], line[line.count - 1]] {
        let borders = [end.x - 0.5, end.x - 2, end.y - 0.5, end.y - 2]
        #expect(borders.contains { $0.magnitude < 1e-12 }, "seed \(seed)")
      }
      for (p, q) in zip(line, line.dropFirst()) {
        #expect(a * (p.y - q.y) + b * (q.x - p.x) > 0, "seed \(seed)")
      }
    }
  }

  @Test func aLineThroughNodesIsFoundOnce() {
    let nodes = [0.0, 1, 2, 3]
    let vertical = zeroContour(of: grid(nodes, nodes) { g, _ in g - 1 })
    #expect(vertical == [nodes.reversed().map { PlanePoint(x: 1, y: $0) }])
    let diagonal = zeroContour(of: grid(nodes, nodes) { $0 - $1 })
    #expect(diagonal == [nodes.reversed().map { PlanePoint(x: $0, y: $0) }])
  }

  @Test func aCircleIsClosed() throws {
    let nodes = (0...40).map { -2 + 0.1 * Double($0) }
    let lines = zeroContour(of: grid(nodes, nodes) { 2 - $0 * $0 - $1 * $1 })
    #expect(lines.count == 1)
    let line = try #require(lines.first)
    #expect(line.first == line.last)
    #expect(line.count > 40)
    for p in line { #expect((Double.hypot(p.x, p.y) - 2.squareRoot()).magnitude < 2e-3) }
  }

  @Test func missingNodesLeaveGaps() {
    let nodes = (0...8).map { Double($0) }
    let whole = zeroContour(of: grid(nodes, nodes) { g, _ in g - 3.5 })
    #expect(whole.count == 1)
    let torn = zeroContour(of: grid(nodes, nodes) { g, h in g == 4 && h == 4 ? nil : g - 3.5 })
    #expect(torn.count == 2)
    for line in torn {
      for p in line { #expect(p.y <= 3 || p.y >= 5) }
    }
    #expect(torn.flatMap { $0 }.contains(PlanePoint(x: 3.5, y: 3)))
    #expect(torn.flatMap { $0 }.contains(PlanePoint(x: 3.5, y: 5)))
  }

  @Test func theCentreDecidesASaddle() throws {
    // Positive at (0,0) and (1,1); the mean decides whether they are joined.
    func saddle(_ positive: Double, _ negative: Double) -> [[PlanePoint]] {
      zeroContour(of: grid([0, 1], [0, 1]) { $0 == $1 ? positive : negative })
    }
    let joined = saddle(3, -1)
    let separate = saddle(1, -3)
    #expect(joined.count == 2 && separate.count == 2)
    // Each line cuts off a corner: a negative one if the positive ones are joined.
    for line in joined {
      let (p, q) = (line[0], line[1])
      #expect((p.x + q.x > 1) != (p.y + q.y > 1))
    }
    for line in separate {
      let (p, q) = (line[0], line[1])
      #expect((p.x + q.x > 1) == (p.y + q.y > 1))
    }
  }

  @Test func noLineWithoutAChangeOfSign() {
    #expect(zeroContour(of: grid([], []) { _, _ in 0 }) == [])
    #expect(zeroContour(of: grid([1], [1]) { _, _ in 0 }) == [])
    #expect(zeroContour(of: grid([1, 2, 3], [1]) { g, _ in g - 2 }) == [])
    #expect(zeroContour(of: grid(uneven, uneven) { _, _ in -1 }) == [])
    #expect(zeroContour(of: grid(uneven, uneven) { _, _ in 0 }) == [])
    #expect(zeroContour(of: grid(uneven, uneven) { _, _ in nil }) == [])
    // A single node that touches zero from below is no line.
    #expect(zeroContour(of: grid([0, 1, 2], [0, 1, 2]) { $0 == 1 && $1 == 1 ? 0 : -1 }) == [])
  }

  @Test func pointsBetweenTheLinesAreUsed() throws {
    // A curved line, on a coarse grid with ever more points next to it on the lines.
    func surface(_ g: Double, _ h: Double) -> Double { g - 1.3 - 0.4 * h * h }
    let lines = [0.0, 0.5, 1, 1.5, 2]
    var nodes = Set(lines.flatMap { g in lines.map { PlanePoint(x: g, y: $0) } })
    var worst: [Double] = []
    for _ in 0..<6 {
      let whole = Surface(Array(nodes), lines, lines, surface)
      let found = zeroContour(of: whole)
      #expect(found.count == 1)
      worst.append(
        lines.map { h -> Double in
          let across = found.flatMap { $0 }.filter { $0.y == h }
          return across.map { abs(surface($0.x, h)) }.min() ?? 0
        }.max() ?? 1)
      // Halve every edge through which the line runs.
      for edge in whole.mesh.contour(whole.values).flatMap({ $0 }) {
        nodes.insert(whole.mesh.point(edge, at: 0.5))
      }
    }
    #expect(worst.allSatisfy { $0 < 1e-12 }, "along γ the surface is a plane")
  }

  @Test func facingPointsDivideCells() {
    let lines = [0.0, 1, 2]
    var nodes = lines.flatMap { g in lines.map { PlanePoint(x: g, y: $0) } }
    nodes += [0.0, 1, 2].map { PlanePoint(x: 0.25, y: $0) }
    let mesh = ContourMesh(nodes: nodes.sorted(), x: lines, y: lines)
    #expect(mesh.cells.count == 6 && mesh.cells.allSatisfy { $0.count == 4 })
    // One that faces none lies on a side.
    let side = ContourMesh(
      nodes: (nodes + [PlanePoint(x: 1.5, y: 1)]).sorted(), x: lines, y: lines)
    #expect(side.cells.map(\.count).sorted() == [4, 4, 4, 4, 5, 5])
  }
}
