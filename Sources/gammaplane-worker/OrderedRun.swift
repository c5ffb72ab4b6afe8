import GradientFlow
import Model
import WorkerProtocol

/// One run as an order asks for it: taken up from its checkpoint, put down in it, and reported on.
struct OrderedRun {
  private let problem: Problem
  private let order: RunOrder
  private let context: RunContext
  private let file: CheckpointFile?
  private let checkpointInterval: Duration
  private let complain: (String) -> Void

  /// - Parameters:
  ///   - checkpointInterval: how often to write a checkpoint without being asked.
  ///   - complain: takes what somebody who looks after the sweep may want to know, in one sentence.
  init(
    _ problem: Problem, _ order: RunOrder, _ context: RunContext, checkpointInterval: Duration,
    complain: @escaping (String) -> Void
  ) {
    self.problem = problem
    self.order = order
    self.context = context
    self.checkpointInterval = checkpointInterval
    self.complain = complain
    file = order.checkpoint.map { CheckpointFile(path: $0) }
  }

  /// The answer to the order.
  func carryOut() -> WorkerMessage {
    do throws(FlowRunError) {
      let run = try FlowRun(order.definition, of: problem)
      var flow = if let resumed = resume(run) { resumed } else { try start(run) }
      return integrate(&flow)
    } catch {
      return .refusal(run: order.run, reason: error.description)
    }
  }

  private func integrate(_ flow: inout FlowIntegration) -> WorkerMessage {
    var lastCheckpoint = ContinuousClock.now
    var mayPutDown = file != nil
    while true {
      if let ending = flow.step(within: order.budget) {
        return .result(run: order.run, ending.result, record: ending.record.only(order.keep))
      }
      context.report(RunProgress(flow.state))
      guard let file, mayPutDown else { continue }
      let isAsked = context.shouldPutDown
      guard isAsked || ContinuousClock.now - lastCheckpoint >= checkpointInterval else { continue }
      let state = RunProgress(flow.state)
      do {
        try file.write(flow) { context.report(state) }
        if isAsked { return .checkpointed(run: order.run) }
      } catch {
        // The run itself is none the worse: whatever was kept before stays, and the result may still come in time.
        complain("\(error); the run goes on without")
        mayPutDown = !isAsked
      }
      lastCheckpoint = .now
    }
  }

  /// The run at its initial values. They take seconds for the largest widths; until they are there, the residual is
  /// reported as that of the function 0.
  private func start(_ run: FlowRun) throws(FlowRunError) -> FlowIntegration {
    let state = atZero
    return try FlowIntegration(run, keep: order.keep) { context.report(state) }
  }

  private var atZero: RunProgress {
    let y = problem.samples.y
    return RunProgress(
      steps: 0, time: 0, meanSquaredResidual: y.reduce(0) { $0 + $1 * $1 } / Double(max(1, y.count)))
  }

  /// The run as it was put down; nil if it was not, or not so that it ends as this order asks for. What is of no use is
  /// removed.
  private func resume(_ run: FlowRun) -> FlowIntegration? {
    guard let file else { return nil }
    let state = atZero
    do {
      guard let flow = try file.resume(run, onPortion: { context.report(state) }) else { return nil }
      if let reason = unfit(flow) {
        complain("the checkpoint \(file.path) \(reason); the run starts anew")
      } else {
        return flow
      }
    } catch {
      complain("cannot continue from \(file.path): \(error)")
    }
    file.remove()
    return nil
  }

  /// Why the run would end differently from here than from its start.
  private func unfit(_ flow: FlowIntegration) -> String? {
    if !flow.keep.isSuperset(of: order.keep) { return "lacks what is to be kept of the run" }
    if flow.state.steps > order.budget.steps { return "is beyond the steps of the order" }
    if let time = order.budget.time, flow.state.time > time { return "is beyond the time of the order" }
    return nil
  }
}

extension RunProgress {
  fileprivate init(_ state: FlowState) {
    self.init(
      steps: state.steps, time: state.time, meanSquaredResidual: state.meanSquaredResidual)
  }
}

extension FlowRecord {
  /// Only what is asked for: a checkpoint may have been told to keep more.
  fileprivate func only(_ asked: Observables) -> FlowRecord {
    FlowRecord(
      trajectory: asked.contains(.trajectory) ? trajectory : nil,
      neurons: asked.contains(.neurons) ? neurons : nil,
      function: asked.contains(.function) ? function : nil)
  }
}
