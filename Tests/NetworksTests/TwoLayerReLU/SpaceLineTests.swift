import Foundation
import Model
import Testing

@testable import Networks

/// The ensemble in ℝᵈ against that of the line, which moves groups instead of neurons, on the same
/// initial values.
@Suite struct SpaceLineTests {
  private static let slow = ProcessInfo.processInfo.environment["GAMMAPLANE_SLOW_TESTS"] != nil

  static let points = [
    (0.5, 0.0), (0.75, 0.5), (1, 0), (1.25, 0.5), (1.5, -0.5), (1.75, 0), (2, 0.5), (0.3, -0.3),
  ]

  /// A network on a line, and both ensembles of it.
  private func ensembles(n: Int, width: Int, _ point: (Double, Double), seed: UInt64) throws
    -> (space: ReLUEnsemble, line: LineReLUEnsemble)
  {
    var network = SpaceNetwork(
      dimension: 1, samples: n, width: width, gamma: point.0, gammaPrime: point.1, seed: seed)
    // The line has its samples in ascending order.
    network.x.sort { $0[0] < $1[0] }
    let line = LineReLUEnsemble(
      samples: try SampleSet(x: network.x, y: network.y), kappa: network.kappa,
      kappaPrime: network.kappaPrime,
      values: InitialValues(a: network.a, w: network.w.map { $0[0] }, b: network.w.map { $0[1] }))
    return (try network.ensemble(), line)
  }

  private static let sizes = [(2, 30, 1), (4, 100, 2), (4, 300, 3), (7, 100, 4)]

  /// Under the same impulses, both have the same residuals, kernel and RD: neurons cross,
  /// slide, turn and leave at the same times to the same sides.
  @Test(arguments: points) func movesAsOnTheLine(_ point: (Double, Double)) throws {
    for (n, width, seed) in Self.sizes {
      var (space, line) = try ensembles(n: n, width: width, point, seed: UInt64(seed))
      var largest = 0.0
      func compare(_ a: [Double], _ b: [Double], relativeTo scale: Double? = nil) {
        let size = scale ?? b.reduce(1e-300) { max($0, abs($1)) }
        for (a, b) in zip(a, b) { largest = max(largest, abs(a - b) / size) }
      }
      var time = 0.0
      for step in 0..<150 {
        compare(space.kernel(), line.kernel())
        let speed = line.mobility(Impulse(samples: line.residual))
        guard speed > 0 else { break }
        // Steps of very different rapidity, each with a bend.
        let length = [0.03, 0.1, 0.3][step % 3] / speed
        let pieces = [1, 0.7].map { bend in
          Impulse(samples: line.residual.enumerated().map { length * $1 * ($0 % 2 == 0 ? bend : 1) })
        }
        let motion = line.motion(along: pieces)
        guard motion.residual.allSatisfy({ abs($0) < 1e3 }) else { break }
        space.advance(space.motion(along: pieces))
        line.advance(motion)
        time += length
        compare(space.residual, line.residual, relativeTo: 1)
        compare([space.relativeChange], [line.relativeChange])
      }
      #expect(largest < 1e-8, "n \(n), m \(width): \(largest)")
    }
  }

  /// Each with its own steps.
  @Test(arguments: slow ? points : Array(points.prefix(4)))
  func endsAsOnTheLine(_ point: (Double, Double)) throws {
    for (n, width, seed) in Self.sizes.prefix(3) {
      let (space, line) = try ensembles(n: n, width: width, point, seed: UInt64(seed))
      var one = ImpulseIntegrator(space, tolerance: 1e-6, target: 1e-4)
      var two = ImpulseIntegrator(line, tolerance: 1e-6, target: 1e-4)
      while one.step() == .continues {}
      while two.step() == .continues {}
      let (a, b) = (one.ensemble.relativeChange, two.ensemble.relativeChange)
      #expect(abs(a / b - 1) < 1e-6)
    }
  }
}
