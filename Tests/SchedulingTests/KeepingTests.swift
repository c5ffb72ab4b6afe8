import Foundation
import Model
import Testing

@testable import Scheduling
@testable import WorkerProtocol

/// What is kept of a run, on its way from the worker to the sink.
@Suite struct KeepingTests {
  private func record(width: Int) -> FlowRecord {
    let neuron = NeuronSnapshot.Neuron(orientation: -1.2345678, amplitude: 0.1)
    return FlowRecord(
      trajectory: Trajectory(points: [
        .init(
          time: 0, meanSquaredResidual: 1, rd: 0, outputNorm: 1, sliding: 0, dead: width, orientations: 0)
      ]),
      neurons: .each(Array(repeating: .init(before: neuron, after: neuron), count: width)),
      function: FunctionSnapshot(points: [.init(x: 0, before: 1, after: 2)]))
  }

  private func histograms(_ count: Int) -> NeuronSnapshot {
    var histogram = OrientationHistogram()
    for i in 0..<count { histogram.add(bin: i % 360, amplitude: 0.1 * Double(i - 10)) }
    return .histograms(before: histogram, after: histogram)
  }

  @Test func aRecordSurvivesALine() throws {
    var record = record(width: 3)
    for neurons in [record.neurons, histograms(30), nil] {
      record.neurons = neurons
      let sent = WorkerMessage.result(run: RunIdentity("r"), plausibleResult(), record: record)
      #expect(try WorkerMessage(line: try sent.line().dropLast()) == sent)
    }
  }

  @Test func theLargestRecordFitsIntoALine() throws {
    var full = record(width: NeuronSnapshot.widestOfEach)
    let points = (0..<Trajectory.mostPoints).map {
      Trajectory.Point(
        time: Double($0), meanSquaredResidual: 1, rd: 0, outputNorm: 1, sliding: 0, dead: 0, orientations: 0)
    }
    full.trajectory = Trajectory(points: points)
    full.function = FunctionSnapshot(
      points: Array(repeating: .init(x: 0, before: 0, after: 0), count: FunctionSnapshot.standardCount))
    let line = try WorkerMessage.result(run: RunIdentity("r"), plausibleResult(), record: full).line()
    #expect(line.count > 200_000 && line.count < maximumLineLength / 2, "\(line.count) bytes")
  }

  @Test func ordersSayWhatToKeep() throws {
    var order = RunOrder(
      run: RunIdentity("r"), problem: "p", attempt: 1,
      definition: Run(point: PhasePoint(gamma: 1, gammaPrime: 0), width: 10, seed: 0),
      budget: Budget(steps: 1, wallSeconds: 2, time: 3), keep: [.function, .trajectory])
    let line = try OrchestratorMessage.run(order).line()
    let text = String(decoding: line, as: UTF8.self)
    #expect(text.contains(#""keep":["trajectory","function"]"#))
    #expect(text.contains(#""budget":{"steps":1,"time":3,"wall_seconds":2}"#))
    #expect(try OrchestratorMessage(line: line.dropLast()) == .run(order))
    order.keep = []
    order.budget.time = nil
    let plain = String(decoding: try OrchestratorMessage.run(order).line(), as: UTF8.self)
    #expect(!plain.contains("keep") && !plain.contains("time"))
  }

  @Test(arguments: [
    ("trajectory", "%%%"), ("trajectory", "AAAA"), ("neurons", "AAAA"), ("histograms", "AAAA"),
    ("function", "AAAA"), ("function", ""),
  ])
  func whatHasAnotherShapeIsMalformed(_ key: String, _ value: String) throws {
    let line = String(
      decoding: try WorkerMessage.result(run: RunIdentity("r"), plausibleResult()).line().dropLast(2),
      as: UTF8.self)
    let error = #expect(throws: MalformedLine.self) {
      try WorkerMessage(line: "\(line),\"\(key)\":\"\(value)\"}".utf8)
    }
    #expect(error?.reason == .wrongValue(key: key))
  }

  /// The record of the only run, of width 1000, when a worker answers with `given`.
  private func outcome(
    keep: Observables, given: FlowRecord
  ) -> [SchedulerAction] {
    var run = plan(memory: [1])[0]
    run.keep = keep
    let worker = WorkerID(1)
    var scheduler = Scheduler([run], method: sweepMethod, limits: SchedulerLimits(workers: 1))
    _ = scheduler.handle(.begin)
    _ = scheduler.handle(.hello(worker, protocolVersion: 1, methods: [sweepMethod]))
    return scheduler.handle(.result(worker, run: run.identity, plausibleResult(), record: given))
  }

  @Test func onlyWhatWasAskedForIsKept() {
    let given = record(width: 1000)
    for keep: Observables in [[], .function, [.trajectory, .neurons, .function]] {
      guard case .record(let finished) = outcome(keep: keep, given: given).first else {
        Issue.record("not recorded")
        continue
      }
      #expect(finished.record == given.restricted(to: keep))
    }
    // A worker that does not know the key gives nothing, and that is no fault.
    guard case .record(let finished) = outcome(keep: .neurons, given: FlowRecord()).first else {
      Issue.record("not recorded")
      return
    }
    #expect(finished.record == FlowRecord() && finished.ending == .result(plausibleResult()))
  }

  @Test func aRecordOfAnotherWidthIsImplausible() {
    for given in [record(width: 999), record(width: 1001), FlowRecord(neurons: histograms(360))] {
      #expect(outcome(keep: .neurons, given: given).first == .kill(WorkerID(1)))
    }
    #expect(FlowRecord(neurons: histograms(360)).flaw(width: 360) == nil)
    #expect(
      record(width: 7).flaw(width: 8) == "it keeps 7 neurons of a network of 8")
  }
}
