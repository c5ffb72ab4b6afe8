import Model
import Testing

@testable import GradientFlow

/// A run that is put down and taken up again is the same run.
struct CheckpointTests {
  private static let samples = try? SampleSet(x: [-1, -0.3, 0.4, 1], y: [0.2, -0.4, 0.6, -0.1])
  private static let budget = Budget(steps: 10_000, wallSeconds: 600)

  private func flow(
    _ gamma: Double, _ gammaPrime: Double, width: Int = 200, seed: UInt64 = 3
  ) throws -> FlowRun {
    let point = PhasePoint(gamma: gamma, gammaPrime: gammaPrime)
    return try FlowRun(
      Run(point: point, width: width, seed: seed),
      of: Problem(network: Network(), samples: try #require(Self.samples)))
  }

  /// The bytes of a checkpoint.
  private func checkpoint(_ flow: FlowIntegration) throws -> [UInt8] {
    final class Bytes { var all: [UInt8] = [] }
    let bytes = Bytes()
    try flow.writeCheckpoint { bytes.all += $0 }
    return bytes.all
  }

  /// Reads bytes in portions that do not fit words.
  private func source(_ bytes: [UInt8]) -> () throws -> [UInt8] {
    var rest = bytes[...]
    return {
      let portion = rest.prefix(1001)
      rest = rest.dropFirst(1001)
      return Array(portion)
    }
  }

  /// Whether everything that is reported of two runs is the same, but for seconds.
  private func areTheSame(
    _ a: (result: RunResult, record: FlowRecord), _ b: (result: RunResult, record: FlowRecord)
  ) -> Bool {
    let numbers = [\RunResult.rd, \.supRD, \.meanSquaredResidual, \.time]
    return numbers.allSatisfy { a.result[keyPath: $0].bitPattern == b.result[keyPath: $0].bitPattern }
      && a.result.steps == b.result.steps && a.result.outcome == b.result.outcome
      && a.result.reason == b.result.reason && a.record == b.record
  }

  /// Whether two runs are at the same point, to the last bit.
  private func areTheSame(_ a: FlowState, _ b: FlowState) -> Bool {
    [\FlowState.time, \.meanSquaredResidual, \.rd].allSatisfy {
      a[keyPath: $0].bitPattern == b[keyPath: $0].bitPattern
    } && a.steps == b.steps
  }

  private func finish(_ flow: inout FlowIntegration) -> (result: RunResult, record: FlowRecord) {
    while true {
      if let ending = flow.step(within: Self.budget) { return ending }
    }
  }

  @Test(arguments: [(0.5, 0.0), (1.0, 0.0), (1.25, 0.5), (1.5, -0.5), (1.75, 0.0)])
  func goesOnAsIfNothingHadHappened(gamma: Double, gammaPrime: Double) throws {
    let run = try flow(gamma, gammaPrime)
    let keep: Observables = [.trajectory, .neurons, .function]
    var whole = try FlowIntegration(run, keep: keep)
    let expected = finish(&whole)
    for stop in [0, 1, 2, expected.result.steps / 2, expected.result.steps - 1] {
      var first = try FlowIntegration(run, keep: keep)
      for _ in 0..<stop { #expect(first.step(within: Self.budget) == nil) }
      var second = try FlowIntegration(resuming: run, from: source(try checkpoint(first)))
      #expect(areTheSame(second.state, first.state))
      let ending = finish(&second)
      let isTheSame = areTheSame(ending, expected)
      #expect(isTheSame, "put down after \(stop) steps")
    }
  }

  @Test func aLimitOfTimeOrStepsLeavesNoTrace() throws {
    let run = try flow(1.75, 0)
    var whole = try FlowIntegration(run)
    let expected = finish(&whole)
    var limited = try FlowIntegration(run)
    let early = Budget(steps: 10_000, wallSeconds: 600, time: expected.result.time / 3)
    var ending: (result: RunResult, record: FlowRecord)?
    while ending == nil { ending = limited.step(within: early) }
    #expect(ending?.result.outcome == .budget)
    #expect(ending?.result.time == early.time)
    let few = Budget(steps: limited.state.steps + 2, wallSeconds: 600)
    ending = nil
    while ending == nil { ending = limited.step(within: few) }
    #expect(ending?.result.outcome == .budget)
    var resumed = try FlowIntegration(resuming: run, from: source(try checkpoint(limited)))
    let last = finish(&resumed)
    let isTheSame = areTheSame(last, expected)
    #expect(isTheSame)
  }

  @Test func givenInitialValuesAreRecognised() throws {
    let run = try flow(1.25, 0)
    let values = InitialValues(width: 200, seed: 8, antisymmetric: false)
    let first = try FlowIntegration(run, initial: values)
    let bytes = try checkpoint(first)
    #expect(throws: CheckpointError.otherRun) {
      try FlowIntegration(resuming: run, from: source(bytes))
    }
    let other = InitialValues(width: 200, seed: 9, antisymmetric: false)
    #expect(throws: CheckpointError.otherRun) {
      try FlowIntegration(resuming: run, initial: other, from: source(bytes))
    }
    let second = try FlowIntegration(resuming: run, initial: values, from: source(bytes))
    #expect(areTheSame(second.state, first.state))
  }

  @Test func otherRunsAreRefused() throws {
    let bytes = try checkpoint(try FlowIntegration(try flow(1, 0)))
    for other in [try flow(1, 0.5), try flow(1, 0, width: 201), try flow(1, 0, seed: 4)] {
      #expect(throws: CheckpointError.otherRun) {
        try FlowIntegration(resuming: other, from: source(bytes))
      }
    }
  }

  @Test func damageIsNoticed() throws {
    let run = try flow(1, 0, width: 20)
    let bytes = try checkpoint(try FlowIntegration(run))
    for length in stride(from: 0, to: bytes.count, by: 97) {
      #expect(throws: CheckpointError.self, "cut at \(length)") {
        try FlowIntegration(resuming: run, from: source(Array(bytes.prefix(length))))
      }
    }
    for position in stride(from: 0, to: bytes.count, by: 31) {
      var changed = bytes
      changed[position] ^= 1 << UInt8(position % 8)
      #expect(throws: CheckpointError.self, "changed at \(position)") {
        try FlowIntegration(resuming: run, from: source(changed))
      }
    }
    #expect(throws: CheckpointError.notACheckpoint) {
      try FlowIntegration(resuming: run, from: source(Array("width,seed\n1000,0\n".utf8)))
    }
  }
}
