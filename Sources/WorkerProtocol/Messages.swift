import Model

/// The version of the line protocol that this code speaks.
public let workerProtocolVersion = 1

/// What the orchestrator says to a worker: one JSON object a line on the worker's standard input.
public enum OrchestratorMessage: Hashable, Sendable {
  /// The problem that the runs which follow belong to; said before the first run and whenever it changes.
  case problem(id: String, Problem)
  /// One run to carry out. The worker answers with exactly one result, refusal, failure or checkpointed.
  case run(RunOrder)
  /// The run under way is to be put down: its state goes to the file that its order names, and the worker answers
  /// with checkpointed, or with the result if that comes first. Only said to a worker with that ability.
  case checkpoint(run: RunIdentity)
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
  /// How much memory the worker may use for it, in bytes; nil: no limit.
  public var memory: Int?
  /// The file in which the run is put down, and from which it is continued if it is there; nil: neither.
  public var checkpoint: String?
  /// How often to report progress, in seconds; nil: never.
  public var progressSeconds: Double?

  /// An order.
  public init(
    run: RunIdentity, problem: String, attempt: Int, definition: Run, budget: Budget,
    keep: Observables = [], memory: Int? = nil, checkpoint: String? = nil, progressSeconds: Double? = nil
  ) {
    self.run = run
    self.problem = problem
    self.attempt = attempt
    self.definition = definition
    self.budget = budget
    self.keep = keep
    self.memory = memory
    self.checkpoint = checkpoint
    self.progressSeconds = progressSeconds
  }
}

/// What a worker can do besides carrying out runs.
public struct WorkerAbilities: OptionSet, Hashable, Sendable {
  /// The set as bits.
  public let rawValue: UInt8
  /// A set from its bits.
  public init(rawValue: UInt8) { self.rawValue = rawValue }

  /// It reports progress as often as an order asks.
  public static let progress = WorkerAbilities(rawValue: 1)
  /// It puts runs down and continues them.
  public static let checkpoint = WorkerAbilities(rawValue: 2)

  private static let named: [(String, WorkerAbilities)] = [
    ("progress", .progress), ("checkpoint", .checkpoint),
  ]

  /// The names of the members, as in the protocol.
  public var names: [String] { Self.named.filter { contains($0.1) }.map(\.0) }

  /// The abilities that are known among names.
  public init(names: some Sequence<some StringProtocol>) {
    self = []
    for name in names { if let known = Self.named.first(where: { $0.0 == name }) { formUnion(known.1) } }
  }
}

/// How far a run is.
public struct RunProgress: Hashable, Sendable, Codable {
  /// Steps taken.
  public var steps: Int
  /// The normalised time t̄.
  public var time: Double
  /// (1/n) Σ r².
  public var meanSquaredResidual: Double

  /// A state of a run.
  public init(steps: Int, time: Double, meanSquaredResidual: Double) {
    self.steps = steps
    self.time = time
    self.meanSquaredResidual = meanSquaredResidual
  }

  enum CodingKeys: String, CodingKey {
    case steps, time
    case meanSquaredResidual = "mean_squared_residual"
  }
}

/// Why a worker gives up an attempt, as far as that decides what happens next.
public enum FailureCause: String, Hashable, Sendable, Codable {
  /// The run needs more memory than its order allows.
  case memory
  /// Anything else.
  case error
}

/// What a worker says: one JSON object a line on its standard output.
public enum WorkerMessage: Hashable, Sendable {
  /// The first line: who it is and which protocol version it speaks.
  case hello(worker: String, protocolVersion: Int, methods: [String], abilities: WorkerAbilities = [])
  /// The run has ended with an outcome; with what was to be kept of it, as far as the worker can.
  case result(run: RunIdentity, RunResult, record: FlowRecord = FlowRecord())
  /// The run cannot be carried out by this worker, now or ever, for the reason given.
  case refusal(run: RunIdentity, reason: String)
  /// The run is under way and has come so far.
  case progress(run: RunIdentity, RunProgress)
  /// The run has been put down as asked; the file of its order holds its state, synchronised to the disk.
  case checkpointed(run: RunIdentity)
  /// This attempt has failed, and the worker is ready for another run.
  case failure(run: RunIdentity, FailureCause, detail: String)
}
