import Model

// The flat form of the messages: one object a line, `type` names the message, its fields stand beside it.

private enum MessageKeys: String, CodingKey {
  case type, problem, run, worker, methods, abilities, reason, cause, detail
  case protocolVersion = "protocol"
}

extension OrchestratorMessage: Codable {
  private enum Kind: String { case problem, run, checkpoint }

  /// Encodes the flat form of `docs/worker-protocol.md`.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: MessageKeys.self)
    switch self {
    case .problem(let id, let problem):
      try container.encode(Kind.problem.rawValue, forKey: .type)
      try container.encode(workerProtocolVersion, forKey: .protocolVersion)
      try container.encode(id, forKey: .problem)
      try problem.encode(to: encoder)
    case .run(let order):
      try container.encode(Kind.run.rawValue, forKey: .type)
      try order.encode(to: encoder)
    case .checkpoint(let run):
      try container.encode(Kind.checkpoint.rawValue, forKey: .type)
      try container.encode(run, forKey: .run)
    }
  }

  /// Decodes the flat form; keys that are not known are ignored.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: MessageKeys.self)
    let type = try container.decode(String.self, forKey: .type)
    switch Kind(rawValue: type) {
    case .problem:
      let version = try container.decode(Int.self, forKey: .protocolVersion)
      guard version == workerProtocolVersion else {
        throw MalformedLine.Reason.protocolVersion(version)
      }
      self = .problem(
        id: try container.decode(String.self, forKey: .problem), try Problem(from: decoder))
    case .run:
      self = .run(try RunOrder(from: decoder))
    case .checkpoint:
      self = .checkpoint(run: try container.decode(RunIdentity.self, forKey: .run))
    case nil:
      throw MalformedLine.Reason.unknownType(type)
    }
  }
}

extension RunOrder {
  private enum CodingKeys: String, CodingKey {
    case run, problem, attempt, gamma, width, seed, budget, keep, memory, checkpoint
    case gammaPrime = "gamma_prime"
    case progressSeconds = "progress_seconds"
  }

  /// Encodes γ, γ', width and seed beside the other fields, not inside a `definition`.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(run, forKey: .run)
    try container.encode(problem, forKey: .problem)
    try container.encode(attempt, forKey: .attempt)
    try container.encode(definition.point.gamma, forKey: .gamma)
    try container.encode(definition.point.gammaPrime, forKey: .gammaPrime)
    try container.encode(definition.width, forKey: .width)
    try container.encode(definition.seed, forKey: .seed)
    try container.encode(budget, forKey: .budget)
    if !keep.isEmpty { try container.encode(keep, forKey: .keep) }
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
        point: PhasePoint(
          gamma: try container.decode(Double.self, forKey: .gamma),
          gammaPrime: try container.decode(Double.self, forKey: .gammaPrime)),
        width: try container.decode(Int.self, forKey: .width),
        seed: try container.decode(UInt64.self, forKey: .seed)),
      budget: try container.decode(Budget.self, forKey: .budget),
      keep: try container.decodeIfPresent(Observables.self, forKey: .keep) ?? [],
      memory: try container.decodeIfPresent(Int.self, forKey: .memory),
      checkpoint: try container.decodeIfPresent(String.self, forKey: .checkpoint),
      progressSeconds: try container.decodeIfPresent(Double.self, forKey: .progressSeconds))
  }
}

extension WorkerMessage: Codable {
  private enum Kind: String { case hello, result, refusal, progress, checkpointed, failure }

  /// Encodes the flat form of `docs/worker-protocol.md`.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: MessageKeys.self)
    switch self {
    case .hello(let worker, let protocolVersion, let methods, let abilities):
      try container.encode(Kind.hello.rawValue, forKey: .type)
      try container.encode(worker, forKey: .worker)
      try container.encode(protocolVersion, forKey: .protocolVersion)
      try container.encode(methods, forKey: .methods)
      if !abilities.isEmpty { try container.encode(abilities.names, forKey: .abilities) }
    case .result(let run, let result, let record):
      try container.encode(Kind.result.rawValue, forKey: .type)
      try container.encode(run, forKey: .run)
      try result.encode(to: encoder)
      try EncodedRecord(record).encode(to: encoder)
    case .refusal(let run, let reason):
      try container.encode(Kind.refusal.rawValue, forKey: .type)
      try container.encode(run, forKey: .run)
      try container.encode(reason, forKey: .reason)
    case .progress(let run, let progress):
      try container.encode(Kind.progress.rawValue, forKey: .type)
      try container.encode(run, forKey: .run)
      try progress.encode(to: encoder)
    case .checkpointed(let run):
      try container.encode(Kind.checkpointed.rawValue, forKey: .type)
      try container.encode(run, forKey: .run)
    case .failure(let run, let cause, let detail):
      try container.encode(Kind.failure.rawValue, forKey: .type)
      try container.encode(run, forKey: .run)
      try container.encode(cause, forKey: .cause)
      try container.encode(detail, forKey: .detail)
    }
  }

  /// Decodes the flat form; keys that are not known are ignored.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: MessageKeys.self)
    let type = try container.decode(String.self, forKey: .type)
    switch Kind(rawValue: type) {
    case .hello:
      self = .hello(
        worker: try container.decode(String.self, forKey: .worker),
        protocolVersion: try container.decode(Int.self, forKey: .protocolVersion),
        methods: try container.decode([String].self, forKey: .methods),
        abilities: WorkerAbilities(
          names: try container.decodeIfPresent([String].self, forKey: .abilities) ?? []))
    case .result:
      self = .result(
        run: try container.decode(RunIdentity.self, forKey: .run), try RunResult(from: decoder),
        record: try EncodedRecord(from: decoder).record)
    case .refusal:
      self = .refusal(
        run: try container.decode(RunIdentity.self, forKey: .run),
        reason: try container.decode(String.self, forKey: .reason))
    case .progress:
      self = .progress(
        run: try container.decode(RunIdentity.self, forKey: .run), try RunProgress(from: decoder))
    case .checkpointed:
      self = .checkpointed(run: try container.decode(RunIdentity.self, forKey: .run))
    case .failure:
      self = .failure(
        run: try container.decode(RunIdentity.self, forKey: .run),
        try container.decode(FailureCause.self, forKey: .cause),
        detail: try container.decodeIfPresent(String.self, forKey: .detail) ?? "")
    case nil:
      throw MalformedLine.Reason.unknownType(type)
    }
  }
}
