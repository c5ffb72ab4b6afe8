import Model

/// The version of the line protocol that this code uses.
public let workerProtocolVersion = 1

/// What the orchestrator sends to a worker: one JSON object a line on the worker's standard input.
public enum OrchestratorMessage: Hashable, Sendable {
  /// The problem of the runs that follow; sent before the first run and whenever it changes.
  case problem(id: String, Problem)
  /// One run. The worker answers with exactly one result, refusal, failure or checkpointed.
  case run(RunOrder)
  /// Suspend the run: write its state to the file that its order names and answer with
  /// checkpointed, or with the result if that comes first. Only sent to workers with that ability.
  case checkpoint(run: RunIdentity)
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

  /// Decodes the flat form; unknown keys are ignored.
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
