import Model
import RealModule
import Testing

@testable import LimitFit

struct ZeroContourTests {
  /// Points of a grid with S = surface; nil leaves the slope out.
  func grid(_ gamma: [Double], _ gammaPrime: [Double], _ surface: (Double, Double) -> Double?) -> [PointFit] {
    gamma.flatMap { g in
      gammaPrime.map { h in
        PointFit(
          point: PhasePoint(gamma: g, gammaPrime: h), slope: surface(g, h), slopeLow: nil, slopeHigh: nil,
          verdict: .undecided, note: "", expectedSlope: 0, widths: 0, runsUsed: 0, counts: .init())
      }
    }
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
        #expect((a * p.gamma + b * p.gammaPrime + c).magnitude < 1e-12, "seed \(seed)")
      }
      // It runs from border to border, with S > 0 to its left.
      for end in [line[0], line[line.count - 1]] {
        let borders = [end.gamma - 0.5, end.gamma - 2, end.gammaPrime - 0.5, end.gammaPrime - 2]
        #expect(borders.contains { $0.magnitude < 1e-12 }, "seed \(seed)")
      }
      for (p, q) in zip(line, line.dropFirst()) {
        #expect(a * (p.gammaPrime - q.gammaPrime) + b * (q.gamma - p.gamma) > 0, "seed \(seed)")
      }
    }
  }

  @Test func aLineThroughNodesIsFoundOnce() {
    let nodes = [0.0, 1, 2, 3]
    let vertical = zeroContour(of: grid(nodes, nodes) { g, _ in g - 1 })
    #expect(vertical == [nodes.reversed().map { PhasePoint(gamma: 1, gammaPrime: $0) }])
    let diagonal = zeroContour(of: grid(nodes, nodes) { $0 - $1 })
    #expect(diagonal == [nodes.reversed().map { PhasePoint(gamma: $0, gammaPrime: $0) }])
  }

  @Test func aCircleIsClosed() throws {
    let nodes = (0...40).map { -2 + 0.1 * Double($0) }
    let lines = zeroContour(of: grid(nodes, nodes) { 2 - $0 * $0 - $1 * $1 })
    #expect(lines.count == 1)
    let line = try #require(lines.first)
    #expect(line.first == line.last)
    #expect(line.count > 40)
    for p in line { #expect((Double.hypot(p.gamma, p.gammaPrime) - 2.squareRoot()).magnitude < 2e-3) }
  }

  @Test func missingNodesLeaveGaps() {
    let nodes = (0...8).map { Double($0) }
    let whole = zeroContour(of: grid(nodes, nodes) { g, _ in g - 3.5 })
    #expect(whole.count == 1)
    let torn = zeroContour(of: grid(nodes, nodes) { g, h in g == 4 && h == 4 ? nil : g - 3.5 })
    #expect(torn.count == 2)
    for line in torn {
      for p in line { #expect(p.gammaPrime <= 3 || p.gammaPrime >= 5) }
    }
    #expect(torn.flatMap { $0 }.contains(PhasePoint(gamma: 3.5, gammaPrime: 3)))
    #expect(torn.flatMap { $0 }.contains(PhasePoint(gamma: 3.5, gammaPrime: 5)))
  }

  @Test func theCentreDecidesASaddle() throws {
    // Positive at (0,0) and (1,1); the mean decides whether they are joined.
    func saddle(_ positive: Double, _ negative: Double) -> [[PhasePoint]] {
      zeroContour(of: grid([0, 1], [0, 1]) { $0 == $1 ? positive : negative })
    }
    let joined = saddle(3, -1)
    let separate = saddle(1, -3)
    #expect(joined.count == 2 && separate.count == 2)
    // Each line cuts off a corner: a negative one if the positive ones are joined.
    for line in joined {
      let (p, q) = (line[0], line[1])
      #expect((p.gamma + q.gamma > 1) != (p.gammaPrime + q.gammaPrime > 1))
    }
    for line in separate {
      let (p, q) = (line[0], line[1])
      #expect((p.gamma + q.gamma > 1) == (p.gammaPrime + q.gammaPrime > 1))
    }
  }

  @Test func noLineWithoutAChangeOfSign() {
    #expect(zeroContour(of: []) == [])
    #expect(zeroContour(of: grid([1], [1]) { _, _ in 0 }) == [])
    #expect(zeroContour(of: grid([1, 2, 3], [1]) { g, _ in g - 2 }) == [])
    #expect(zeroContour(of: grid(uneven, uneven) { _, _ in -1 }) == [])
    #expect(zeroContour(of: grid(uneven, uneven) { _, _ in 0 }) == [])
    #expect(zeroContour(of: grid(uneven, uneven) { _, _ in nil }) == [])
    // A single node that touches zero from below is no line.
    #expect(zeroContour(of: grid([0, 1, 2], [0, 1, 2]) { $0 == 1 && $1 == 1 ? 0 : -1 }) == [])
    #expect(zeroContour(of: grid(uneven, uneven) { g, _ in g < 1 ? -1 : .nan }) == [])
  }
}
