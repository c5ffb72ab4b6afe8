import Foundation
import Model
import Testing

@testable import Networks

/// A run that is suspended and resumed is the same run.
struct CheckpointTests {
  private static let budget = Budget(steps: 10_000, wallSeconds: 600)
  private let family = TwoLayerReLULine()
  private let problem: Problem

  init() throws { problem = try .fourSamples() }

  private func run(_ gamma: Double, _ gammaPrime: Double, width: Int = 200, seed: UInt64 = 3) -> Run {
    Run(Setting(gamma: gamma, gammaPrime: gammaPrime), width: width, seed: seed)
  }

  private func start(_ run: Run, _ options: FlowOptions = FlowOptions()) throws -> any Flow {
    try family.start(run, of: problem, options: options)
  }

  /// The bytes of a checkpoint.
  private func checkpoint(
    _ flow: any Flow, _ run: Run, of other: Problem? = nil, initial: InitialValues? = nil
  ) throws -> [UInt8] {
    final class Bytes { var all: [UInt8] = [] }
    let bytes = Bytes()
    try Checkpoint.write(flow, run, of: other ?? problem, initial: initial?.arrays) { bytes.all += $0 }
    return bytes.all
  }

  private func resume(
    _ run: Run, of other: Problem? = nil, from bytes: [UInt8], initial: InitialValues? = nil
  ) throws -> any Flow {
    // In portions that do not fit words.
    var rest = bytes[...]
    return try Checkpoint.resume(
      run, of: other ?? problem, by: family, options: FlowOptions(initial: initial?.arrays)
    ) {
      let portion = rest.prefix(1001)
      rest = rest.dropFirst(1001)
      return Array(portion)
    }
  }

  /// Whether everything that is reported of two runs is the same to the last bit, but for seconds.
  private func areTheSame(_ a: FlowEnding, _ b: FlowEnding) -> Bool {
    zip(a.result.quantities.values, b.result.quantities.values).allSatisfy { $0.bitPattern == $1.bitPattern }
      && a.result.quantities.names == b.result.quantities.names && a.result.steps == b.result.steps
      && a.result.outcome == b.result.outcome && a.result.reason == b.result.reason && a.arrays == b.arrays
  }

  /// Whether two runs are at the same point, to the last bit.
  private func areTheSame(_ a: FlowState, _ b: FlowState) -> Bool {
    zip([a.time] + a.quantities.values, [b.time] + b.quantities.values).allSatisfy {
      $0.bitPattern == $1.bitPattern
    } && a.steps == b.steps
  }

  @Test(arguments: [(0.5, 0.0), (1.0, 0.0), (1.25, 0.5), (1.5, -0.5), (1.75, 0.0)])
  func goesOnAsIfNothingHadHappened(gamma: Double, gammaPrime: Double) throws {
    let run = run(gamma, gammaPrime)
    let options = FlowOptions(record: .everything)
    var whole = try start(run, options)
    let expected = whole.run(within: Self.budget)
    for stop in [0, 1, 2, expected.result.steps / 2, expected.result.steps - 1] {
      var first = try start(run, options)
      for _ in 0..<stop { #expect(first.step(within: Self.budget) == nil) }
      var second = try resume(run, from: try checkpoint(first, run))
      #expect(areTheSame(second.state, first.state))
      #expect(second.record == .everything)
      let isTheSame = areTheSame(second.run(within: Self.budget), expected)
      #expect(isTheSame, "suspended after \(stop) steps")
    }
  }

  /// A run that is repeated at a finer tolerance: resumed from before, in and after the repetition
  /// that counts, it is the same, and so is what it records.
  @Test(arguments: ["sampled", "mean"])
  func goesOnWhileItsRestIsChecked(law: String) throws {
    var problem = Problem(try SampleSet(x: [-1.79, -0.6, -0.05, 0.52], y: [1.16, -1.52, 2.72, 2.3]))
    problem.network["law"] = .string(law)
    problem.network["nodes"] = .number(64)
    let run = Run(
      Setting(gamma: 1.25, gammaPrime: -0.25), width: law == "mean" ? 1e6 : 3, seed: law == "mean" ? 0 : 1)
    let options = FlowOptions(record: .everything)
    var whole = try family.start(run, of: problem, options: options)
    let expected = whole.run(within: Self.budget)
    #expect(expected.result.reason.contains("same at tolerance"), "\(expected.result)")
    var flow = try family.start(run, of: problem, options: options)
    var calls = 0
    while true {
      let ended = flow.step(within: Self.budget)
      if let ended {
        #expect(areTheSame(ended, expected))
        break
      }
      calls += 1
      guard calls % 7 == 0 else { continue }
      let bytes = try checkpoint(flow, run, of: problem)
      let state = flow.state
      flow = try resume(run, of: problem, from: bytes)
      #expect(areTheSame(state, flow.state), "after \(calls) calls")
      #expect(flow.record == .everything)
    }
    #expect(calls > 20)
  }

  /// Neurons beyond the width of snapshots are recorded as histograms, before and after.
  @Test func histogramsSurvive() throws {
    let run = run(1.25, 0, width: NeuronSnapshot.maxWidthOfEach + 1)
    let few = Budget(steps: 4, wallSeconds: 600)
    var whole = try start(run, FlowOptions(record: ["neurons"]))
    let expected = whole.run(within: few)
    var first = try start(run, FlowOptions(record: ["neurons"]))
    _ = first.step(within: few)
    var second = try resume(run, from: try checkpoint(first, run))
    let isTheSame = areTheSame(second.run(within: few), expected)
    #expect(isTheSame && expected.arrays.neurons != nil)
  }

  @Test func aLimitOfTimeOrStepsLeavesNoTrace() throws {
    let run = run(1.75, 0)
    var whole = try start(run)
    let expected = whole.run(within: Self.budget)
    var limited = try start(run)
    let early = Budget(steps: 10_000, wallSeconds: 600, time: expected.result.time / 3)
    let atTime = limited.run(within: early).result
    #expect(atTime.outcome == .budgetExhausted)
    #expect(atTime.time == early.time)
    let few = Budget(steps: limited.state.steps + 2, wallSeconds: 600)
    #expect(limited.run(within: few).result.outcome == .budgetExhausted)
    var resumed = try resume(run, from: try checkpoint(limited, run))
    let isTheSame = areTheSame(resumed.run(within: Self.budget), expected)
    #expect(isTheSame)
  }

  /// Seconds before a run was suspended count, those between do not; the budget counts those since.
  @Test func secondsAddUp() throws {
    let run = run(1.75, 0)
    var first = try start(run)
    Thread.sleep(forTimeInterval: 0.2)
    _ = first.step(within: Self.budget)
    let bytes = try checkpoint(first, run)
    Thread.sleep(forTimeInterval: 0.2)
    var second = try resume(run, from: bytes)
    let clock = ContinuousClock.now
    let result = second.run(within: Budget(steps: 10_000, wallSeconds: 600)).result
    let here = (ContinuousClock.now - clock) / .seconds(1)
    #expect(result.wallSeconds >= 0.2 && result.initialSeconds <= result.wallSeconds - 0.2)
    #expect(result.wallSeconds < 0.4 + here)
    // What was spent before exhausts no budget.
    var third = try resume(run, from: bytes)
    #expect(third.step(within: Budget(steps: 10_000, wallSeconds: 0.15)) == nil)
  }

  @Test func givenInitialValuesAreRecognised() throws {
    let run = run(1.25, 0)
    let values = InitialValues(width: 200, seed: 8, antisymmetric: false)
    let first = try start(run, FlowOptions(initial: values.arrays))
    let bytes = try checkpoint(first, run, initial: values)
    #expect(throws: CheckpointError.otherRun) { try resume(run, from: bytes) }
    let other = InitialValues(width: 200, seed: 9, antisymmetric: false)
    #expect(throws: CheckpointError.otherRun) { try resume(run, from: bytes, initial: other) }
    let second = try resume(run, from: bytes, initial: values)
    #expect(areTheSame(second.state, first.state))
  }

  @Test func otherRunsAreRefused() throws {
    let run = run(1, 0)
    let bytes = try checkpoint(try start(run), run)
    for other in [self.run(1, 0.5), self.run(1, 0, width: 201), self.run(1, 0, seed: 4)] {
      #expect(throws: CheckpointError.otherRun) { try resume(other, from: bytes) }
    }
  }

  @Test func damageIsNoticed() throws {
    let run = run(1, 0, width: 20)
    let bytes = try checkpoint(try start(run), run)
    for length in stride(from: 0, to: bytes.count, by: 97) {
      #expect(throws: CheckpointError.self, "cut at \(length)") {
        try resume(run, from: Array(bytes.prefix(length)))
      }
    }
    for position in stride(from: 0, to: bytes.count, by: 31) {
      var changed = bytes
      changed[position] ^= 1 << UInt8(position % 8)
      #expect(throws: CheckpointError.self, "changed at \(position)") { try resume(run, from: changed) }
    }
    #expect(throws: CheckpointError.notACheckpoint) {
      try resume(run, from: Array("width,seed\n1000,0\n".utf8))
    }
  }

  /// What a file holds is the state, and other runs and methods are told apart.
  @Test func filesHoldTheState() throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("checkpoint-\(UUID())")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let file = CheckpointFile(path: folder.appendingPathComponent("run").path)
    let run = run(1.25, 0)
    #expect(try file.resume(run, of: problem, by: family) == nil)
    var flow = try start(run)
    _ = flow.step(within: Self.budget)
    var portions = 0
    try file.write(flow, run, of: problem) { portions += 1 }
    let resumed = try #require(try file.resume(run, of: problem, by: family) { portions += 1 })
    #expect(areTheSame(resumed.state, flow.state))
    #expect(portions >= 2)
    var other = problem
    other.method = "impulse/0"
    #expect(throws: CheckpointError.otherMethod(problem.method)) {
      try file.resume(run, of: other, by: family)
    }
    file.remove()
    #expect(try file.resume(run, of: problem, by: family) == nil)
    let lost = CheckpointFile(path: folder.appendingPathComponent("no/such/folder").path)
    #expect(throws: CheckpointFileError.self) { try lost.write(flow, run, of: problem) }
  }
}
