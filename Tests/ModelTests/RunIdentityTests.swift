import Foundation
import Testing

@testable import Model

/// What names a run.
struct RunIdentityTests {
  private let run = Run(["gamma": 1.75, "gamma_prime": 0], width: 1000, seed: 0)

  private func problem(_ change: (inout Problem) -> Void = { _ in }) throws -> Problem {
    var problem = Problem(
      method: "impulse/4",
      network: ["activation": .string("relu"), "antisymmetric": .boolean(false), "bias": .boolean(true)],
      samples: try SampleSet(x: [-1.0, -0.3, 0.4, 1.0], y: [0.2, -0.4, 0.6, -0.1]))
    change(&problem)
    return problem
  }

  /// Computed apart from this code (with Python's hashlib), from the definition: SHA-256 over
  /// length-framed strings and big-endian bit patterns. If it changes, every database made before
  /// is orphaned.
  @Test func knownAnswer() throws {
    let digest = try problem().digest
    #expect(digest.description == "d9326ae4a74e252f3e51153e9026a5f6785361fa99327b682d50315fa0bd2a10")
    #expect(run.identity(of: digest).description == "32bfac03b630a73ca11ca7551ae0edce")
  }

  @Test func everythingThatDeterminesTheResultCounts() throws {
    let shorter = try SampleSet(x: [-1.0, -0.3, 0.4], y: [0.2, -0.4, 0.6])
    let otherX = try SampleSet(x: [-1.0, -0.3, 0.5, 1.0], y: [0.2, -0.4, 0.6, -0.1])
    let otherY = try SampleSet(x: [-1.0, -0.3, 0.4, 1.0], y: [0.2, -0.4, 0.6, -0.2])
    // The same eight numbers, shaped differently.
    let planar = try SampleSet(x: [[-1, -0.3], [0.4, 1]], y: [0.2, -0.4])
    let problems = [
      try problem(), try problem { $0.network["bias"] = .boolean(false) },
      try problem { $0.network["bias"] = .string("true") }, try problem { $0.network["depth"] = .null },
      try problem { $0.parameters["bias"] = .boolean(true) }, try problem { $0.samples = nil },
      try problem { $0.target = 1e-7 }, try problem { $0.tolerance = 1e-4 },
      try problem { $0.method = "impulse/9" }, try problem { $0.samples = shorter },
      try problem { $0.samples = otherX }, try problem { $0.samples = otherY },
      try problem { $0.samples = planar },
    ]
    let runs = [
      run, Run(["gamma": 1.75.nextUp, "gamma_prime": 0], width: 1000, seed: 0),
      Run(["gamma": 1.75, "gamma_prime": 0.1], width: 1000, seed: 0),
      Run(["gamma": 0, "gamma_prime": 1.75], width: 1000, seed: 0),
      Run(["gamma": 1.75], width: 1000, seed: 0),
      Run(["gamma": 1.75, "gamma2": 0], width: 1000, seed: 0), Run(.none, width: 1000, seed: 0),
      Run(run.setting, width: 1001, seed: 0), Run(run.setting, width: 1000.5, seed: 0),
      Run(run.setting, width: 1000, seed: 1), Run(run.setting, width: 1, seed: 1000),
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
    let negative = Run(["gamma_prime": -0.0, "gamma": 1.75], width: 1000, seed: 0)
    #expect(negative.identity(of: digest) == run.identity(of: digest))
    let zero = try problem { $0.network["noise"] = .number(0) }
    let negativeZero = try problem { $0.network["noise"] = .number(-0.0) }
    #expect(zero == negativeZero && zero.digest == negativeZero.digest)
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
