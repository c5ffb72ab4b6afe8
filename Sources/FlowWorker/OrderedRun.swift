import Model
import Networks
import WorkerProtocol

/// One run as an order asks for it: resumed from its checkpoint, suspended to it, and reported on.
struct OrderedRun {
  private let problem: Problem
  private let order: RunOrder
  private let context: RunContext
  private let file: CheckpointFile?
  private let checkpointInterval: Duration
  private let complain: (String) -> Void

  /// - Parameters:
  ///   - checkpointInterval: how often to write a checkpoint unasked.
  ///   - complain: takes one sentence for those who look after the sweep.
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
  func answer(_ families: NetworkFamilies) -> WorkerMessage {
    guard let family = families.family(of: problem) else {
      let known = families.methods.joined(separator: ", ")
      return .refusal(
        run: order.run, reason: "no network family has the method \(problem.method); there are \(known)")
    }
    do {
      try family.check(problem)
      try family.check(order.definition, of: problem)
      return integrate(try resume(family) ?? start(family))
    } catch {
      return .refusal(run: order.run, reason: "\(error)")
    }
  }

  private func integrate(_ flow: any Flow) -> WorkerMessage {
    var flow = flow
    var lastCheckpoint = ContinuousClock.now
    var maySuspend = file != nil
    while true {
      if let ending = flow.step(within: order.budget) {
        return .result(
          run: order.run, ending.result, arrays: ending.arrays.restricted(to: order.record))
      }
      context.report(RunProgress(flow.state))
      guard let file, maySuspend else { continue }
      let isAsked = context.shouldSuspend
      guard isAsked || ContinuousClock.now - lastCheckpoint >= checkpointInterval else { continue }
      let progress = RunProgress(flow.state)
      do {
        try file.write(flow, order.definition, of: problem) { context.report(progress) }
        if isAsked { return .checkpointed(run: order.run) }
      } catch {
        // The run itself is unharmed: an earlier checkpoint stays, and the result may still come in
        // time.
        complain("\(error); the run goes on without it")
        maySuspend = !isAsked
      }
      lastCheckpoint = .now
    }
  }

  /// The run at its initial values, which take seconds for the largest widths.
  private func start(_ family: any NetworkFamily) throws -> any Flow {
    try family.start(order.definition, of: problem, options: options)
  }

  private var options: FlowOptions {
    FlowOptions(record: order.record) { [context] in context.report(.start) }
  }

  /// The run at its checkpoint; nil if there is none from which it ends as this order asks. A file
  /// that is of no use is removed.
  private func resume(_ family: any NetworkFamily) -> (any Flow)? {
    guard let file else { return nil }
    do {
      let flow = try file.resume(order.definition, of: problem, by: family, options: options) {
        context.report(.start)
      }
      guard let flow else { return nil }
      guard let flaw = flaw(of: flow) else { return flow }
      complain("the checkpoint \(file.path) \(flaw); the run starts anew")
    } catch {
      complain("cannot resume from \(file.path): \(error)")
    }
    file.remove()
    return nil
  }

  /// Why the run would end differently from here than from its start.
  private func flaw(of flow: any Flow) -> String? {
    if !order.record.isSubset(of: flow.record) { return "lacks what is to be recorded of the run" }
    if flow.state.steps > order.budget.steps { return "is beyond the steps of the order" }
    if let time = order.budget.time, flow.state.time > time { return "is beyond the time of the order" }
    return nil
  }
}

extension RunProgress {
  fileprivate static let start = RunProgress(steps: 0, time: 0)

  fileprivate init(_ state: FlowState) {
    self.init(steps: state.steps, time: state.time, quantities: state.quantities)
  }
}
