import Model

/// The version of the line protocol that this code speaks.
public let workerProtocolVersion = 1

/// What the orchestrator says to a worker: one JSON object a line on the worker's standard input.
public enum OrchestratorMessage: Hashable, Sendable {
  /// The problem that the runs which follow belong to; said before the first run and whenever it changes.
  case problem(id: String, Problem)
  /// One run to carry out. The worker answers with exactly one result or refusal.
  case run(RunOrder)
}

/// An order to carry out one run.
public struct RunOrder: Hashable, Sendable, Codable {
  /// The identity of the run; the answer repeats it.
  public var run: RunIdentity
  /// The id of the problem, as said before.
  public var problem: String
  /// Counts from 1.
  public var attempt: Int
  /// γ, γ', width and seed.
  public var definition: Run
  /// What the run may spend.
  public var budget: Budget
  /// What to keep of it beside the result.
  public var keep: Observables

  /// An order.
  public init(
    run: RunIdentity, problem: String, attempt: Int, definition: Run, budget: Budget,
    keep: Observables = []
  ) {
    self.run = run
    self.problem = problem
    self.attempt = attempt
    self.definition = definition
    self.budget = budget
    self.keep = keep
  }
}

/// What a worker says: one JSON object a line on its standard output.
public enum WorkerMessage: Hashable, Sendable {
  /// The first line: who it is and which protocol version it speaks.
  case hello(worker: String, protocolVersion: Int, methods: [String])
  /// The run has ended with an outcome; with what was to be kept of it, as far as the worker can.
  case result(run: RunIdentity, RunResult, record: FlowRecord = FlowRecord())
  /// The run cannot be carried out by this worker, now or ever, for the reason given.
  case refusal(run: RunIdentity, reason: String)
}
