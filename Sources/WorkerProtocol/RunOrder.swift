import Model

/// An order to make one run.
public struct RunOrder: Hashable, Sendable {
  /// The identity of the run; the answer repeats it.
  public var run: RunIdentity
  /// The id of the problem, as sent before.
  public var problem: String
  /// Counts from 1.
  public var attempt: Int
  /// Setting, width and seed.
  public var definition: Run
  /// What the run may spend.
  public var budget: Budget
  /// What to record of it beside the result.
  public var record: RecordNames
  /// How much memory the worker may use for it, in bytes; nil: no limit.
  public var memory: Int?
  /// The file to which the run is suspended, and from which it is resumed if it is there; nil:
  /// neither.
  public var checkpoint: String?
  /// How often to report progress, in seconds; nil: never.
  public var progressSeconds: Double?

  /// An order.
  public init(
    run: RunIdentity, problem: String, attempt: Int, definition: Run, budget: Budget,
    record: RecordNames = [], memory: Int? = nil, checkpoint: String? = nil,
    progressSeconds: Double? = nil
  ) {
    self.run = run
    self.problem = problem
    self.attempt = attempt
    self.definition = definition
    self.budget = budget
    self.record = record
    self.memory = memory
    self.checkpoint = checkpoint
    self.progressSeconds = progressSeconds
  }
}

extension RunOrder: Codable {
  private enum CodingKeys: String, CodingKey {
    case run, problem, attempt, setting, width, seed, budget, record, memory, checkpoint
    case progressSeconds = "progress_seconds"
  }

  /// Encodes setting, width and seed beside the other fields, not inside a `definition`.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(run, forKey: .run)
    try container.encode(problem, forKey: .problem)
    try container.encode(attempt, forKey: .attempt)
    try container.encode(definition.setting, forKey: .setting)
    try container.encode(CodedWidth(definition.width), forKey: .width)
    try container.encode(definition.seed, forKey: .seed)
    try container.encode(budget, forKey: .budget)
    if !record.isEmpty { try container.encode(record, forKey: .record) }
    try container.encodeIfPresent(memory, forKey: .memory)
    try container.encodeIfPresent(checkpoint, forKey: .checkpoint)
    try container.encodeIfPresent(progressSeconds, forKey: .progressSeconds)
  }

  /// Decodes what ``encode(to:)`` wrote.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    self.init(
      run: try container.decode(RunIdentity.self, forKey: .run),
      problem: try container.decode(String.self, forKey: .problem),
      attempt: try container.decode(Int.self, forKey: .attempt),
      definition: Run(
        try container.decode(Setting.self, forKey: .setting),
        width: try container.decode(CodedWidth.self, forKey: .width).value,
        seed: try container.decode(UInt64.self, forKey: .seed)),
      budget: try container.decode(Budget.self, forKey: .budget),
      record: try container.decodeIfPresent(RecordNames.self, forKey: .record) ?? [],
      memory: try container.decodeIfPresent(Int.self, forKey: .memory),
      checkpoint: try container.decodeIfPresent(String.self, forKey: .checkpoint),
      progressSeconds: try container.decodeIfPresent(Double.self, forKey: .progressSeconds))
  }
}
