import Foundation
import Model
import Testing

@testable import Scheduling
@testable import WorkerProtocol

/// What is recorded of a run, on its way from the worker to the sink.
@Suite struct RecordedArraysTests {
  private let trajectory = Trajectory(columns: ["time", "rd"], points: [[0, 0], [1, 0.5], [2.5, 0.75]]).array
  private let neurons = NeuronSnapshot.each([
    .init(
      before: .init(orientation: -1.2345678, amplitude: 0.1), after: .init(orientation: 2, amplitude: -3))
  ]).arrays
  private let weights = NumericArray((0..<24).map { 1 / (1 + Double($0)) }, shape: [2, 3, 4])

  private var all: RecordedArrays {
    neurons.merging([Trajectory.name: trajectory, "weights_before": weights, "weights_after": weights]) {
      $1
    }
  }

  @Test func arraysSurviveALine() throws {
    let empty = NumericArray([], shape: [0, 3], scalar: .float32)
    let strange = NumericArray([.nan, .infinity, -0.0, .leastNonzeroMagnitude], shape: [4])
    for arrays in [[:], ["weights": weights], all, ["empty": empty, "scalar": NumericArray([1], shape: [])]] {
      let sent = WorkerMessage.result(run: RunIdentity("r"), plausibleResult(), arrays: arrays)
      #expect(try WorkerMessage(line: try sent.line().dropLast()) == sent)
    }
    // Arrays are binary: they can hold what JSON numbers cannot.
    let sent = WorkerMessage.result(run: RunIdentity("r"), plausibleResult(), arrays: ["strange": strange])
    guard case .result(_, _, let arrays) = try WorkerMessage(line: try sent.line().dropLast()) else { return }
    #expect(arrays["strange"]?.data == strange.data)
  }

  @Test func theLargestRecordFitsIntoALine() throws {
    let neuron = NeuronSnapshot.Neuron(orientation: 1, amplitude: 1)
    let each = Array(
      repeating: NeuronSnapshot.Change(before: neuron, after: neuron), count: NeuronSnapshot.maxWidthOfEach)
    var arrays = NeuronSnapshot.each(each).arrays
    let rows = (0..<Trajectory.maxPoints).map { Array(repeating: Double($0), count: 10) }
    arrays[Trajectory.name] =
      Trajectory(columns: ["time"] + (1..<10).map { "quantity\($0)" }, points: rows).array
    arrays[FunctionSnapshot.name] =
      FunctionSnapshot(
        points: Array(repeating: .init(x: 0, before: 0, after: 0), count: FunctionSnapshot.defaultCount)
      ).array
    let line = try WorkerMessage.result(run: RunIdentity("r"), plausibleResult(), arrays: arrays).line()
    #expect(line.count > 200_000 && line.count < maxLineLength / 2, "\(line.count) bytes")
  }

  @Test func whatIsNoArrayIsMalformedAndNamed() throws {
    let base = String(
      decoding: try WorkerMessage.result(run: RunIdentity("r"), plausibleResult()).line().dropLast(2),
      as: UTF8.self)
    func reason(_ arrays: String) -> MalformedLine.Reason? {
      #expect(throws: MalformedLine.self) {
        try WorkerMessage(line: "\(base),\"arrays\":\(arrays)}".utf8)
      }?.reason
    }
    #expect(reason(#"{"weights":"%%%"}"#) == .wrongValue(key: "arrays.weights"))
    #expect(reason(#"{"weights":[1,2]}"#) == .wrongValue(key: "arrays.weights"))
    #expect(reason(#"["weights"]"#) == .wrongValue(key: "arrays"))
    #expect(reason(#"{"a":"AAAA"}"#) == .array(name: "a", .notAnArray))
    #expect(reason(#"{"a":""}"#) == .array(name: "a", .notAnArray))
    let cut = Data(weights.npy.dropLast()).base64EncodedString()
    #expect(reason(#"{"b":"AAAA","a":"\#(cut)"}"#) == .array(name: "a", .incomplete))
    let whole = Data(weights.npy).base64EncodedString()
    for name in ["", "../a", "a b", "1a", "é", String(repeating: "a", count: 65)] {
      #expect(reason(#"{"\#(name)":"\#(whole)"}"#) == .unusableName(name, key: "arrays"))
    }
  }

  /// What happens when a worker answers the only run with `given`.
  private func outcome(record: RecordNames, given: RecordedArrays) -> SchedulerAction? {
    var run = plan(memory: [1])[0]
    run.record = record
    var scheduler = Scheduler([run], method: sweepMethod, limits: SchedulerLimits(workers: 1))
    _ = scheduler.handle(.begin)
    var hello = testHello
    hello.description.recordables = record.names.map { Recordable($0) }
    _ = scheduler.handle(.hello(one, hello))
    return scheduler.handle(.result(one, run: run.identity, plausibleResult(), arrays: given)).first
  }

  @Test func onlyWhatWasAskedForIsRecorded() {
    for (record, expected): (RecordNames, Set<String>) in [
      ([], []), (["weights"], ["weights_before", "weights_after"]),
      (["trajectory", "neurons", "function"], ["trajectory", "neurons"]),
    ] {
      guard case .record(let finished)? = outcome(record: record, given: all) else {
        Issue.record("not recorded")
        continue
      }
      #expect(finished.arrays == all.filter { expected.contains($0.key) })
      #expect(finished.worker?.worker == testHello.worker)
    }
    // A worker that gives nothing after all is no fault.
    guard case .record(let finished)? = outcome(record: ["neurons"], given: [:]) else {
      Issue.record("not recorded")
      return
    }
    #expect(finished.arrays.isEmpty && finished.ending == .result(plausibleResult()))
  }

  /// Names of which figures and tables expect a form have it, if they are asked for.
  @Test func arraysOfKnownNamesHaveTheirForm() {
    for name in [
      Trajectory.name, NeuronSnapshot.nameOfEach, NeuronSnapshot.nameOfHistograms, FunctionSnapshot.name,
    ] {
      #expect(outcome(record: RecordNames([name]), given: [name: weights]) == .kill(one), "\(name)")
      guard case .record = outcome(record: ["weights"], given: [name: weights]) else {
        Issue.record("\(name) was not ignored")
        continue
      }
    }
  }
}
