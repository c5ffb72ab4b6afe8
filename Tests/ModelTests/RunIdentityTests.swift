import Foundation
import Testing

@testable import Model

/// What names a run.
struct RunIdentityTests {
  private let run = Run(point: PhasePoint(gamma: 1.75, gammaPrime: 0), width: 1000, seed: 0)

  private func problem(_ change: (inout Problem) -> Void = { _ in }) throws -> Problem {
    var problem = Problem(
      network: Network(), samples: try SampleSet(x: [-1.0, -0.3, 0.4, 1.0], y: [0.2, -0.4, 0.6, -0.1]))
    change(&problem)
    return problem
  }

  /// Computed apart from this code, from the definition: SHA-256 over length-framed strings and big-endian
  /// bit patterns. If it changes, every database made before is orphaned.
  @Test func knownAnswer() throws {
    let digest = try problem().digest
    #expect(digest.description == "072c275b15ecabffd4f242cd451005a44e261a3ca507dc5e794ca838896c1df2")
    #expect(run.identity(of: digest).description == "aec31d6ac17f75e1604bba2be4361977")
  }

  @Test func everythingThatDeterminesTheResultCounts() throws {
    let shorter = try SampleSet(x: [-1.0, -0.3, 0.4], y: [0.2, -0.4, 0.6])
    let otherX = try SampleSet(x: [-1.0, -0.3, 0.5, 1.0], y: [0.2, -0.4, 0.6, -0.1])
    let otherY = try SampleSet(x: [-1.0, -0.3, 0.4, 1.0], y: [0.2, -0.4, 0.6, -0.2])
    // The same eight numbers, shaped differently.
    let planar = try SampleSet(x: [[-1, -0.3], [0.4, 1]], y: [0.2, -0.4])
    let problems = [
      try problem(), try problem { $0.network.bias = false }, try problem { $0.network.antisymmetric = true },
      try problem { $0.target = 1e-7 }, try problem { $0.tolerance = 1e-4 },
      try problem { $0.method = "impulse/9" }, try problem { $0.samples = shorter },
      try problem { $0.samples = otherX }, try problem { $0.samples = otherY },
      try problem { $0.samples = planar },
    ]
    let runs = [
      run, Run(point: PhasePoint(gamma: 1.75.nextUp, gammaPrime: 0), width: 1000, seed: 0),
      Run(point: PhasePoint(gamma: 1.75, gammaPrime: 0.1), width: 1000, seed: 0),
      Run(point: PhasePoint(gamma: 0, gammaPrime: 1.75), width: 1000, seed: 0),
      Run(point: run.point, width: 1001, seed: 0), Run(point: run.point, width: 1000, seed: 1),
      Run(point: run.point, width: 1, seed: 1000),
    ]
    let identities = problems.flatMap { problem in runs.map { $0.identity(of: problem.digest) } }
    #expect(Set(identities).count == problems.count * runs.count)
  }

  /// Samples are a set: the flow does not see their order.
  @Test func theOrderOfTheSamplesDoesNotCount() throws {
    let shuffled = try SampleSet(x: [0.4, -1.0, 1.0, -0.3], y: [0.6, 0.2, -0.1, -0.4])
    #expect(try problem { $0.samples = shuffled }.digest == problem().digest)
  }

  @Test func negativeZeroIsZero() throws {
    let digest = try problem().digest
    let negative = Run(point: PhasePoint(gamma: 1.75, gammaPrime: -0.0), width: 1000, seed: 0)
    #expect(negative.identity(of: digest) == run.identity(of: digest))
  }

  @Test func identitiesAreHexadecimalAndSurviveEncoding() throws {
    let identity = run.identity(of: try problem().digest)
    #expect(identity.description.count == 32)
    #expect(identity.description.allSatisfy { "0123456789abcdef".contains($0) })
    #expect(RunIdentity(identity.description) == identity)
    let encoded = try JSONEncoder().encode([identity])
    #expect(String(decoding: encoded, as: UTF8.self) == "[\"\(identity)\"]")
    #expect(try JSONDecoder().decode([RunIdentity].self, from: encoded) == [identity])
  }
}
