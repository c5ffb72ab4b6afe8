import Model

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// What a worker sends: one JSON object a line on its standard output.
public enum WorkerMessage: Hashable, Sendable {
  /// The first line.
  case hello(WorkerHello)
  /// The run has ended with an outcome; with what was to be recorded of it, as far as the worker
  /// can.
  case result(run: RunIdentity, RunResult, arrays: RecordedArrays = [:])
  /// This worker can never make the run, for the reason given.
  case refusal(run: RunIdentity, reason: String)
  /// The run is under way and has come so far.
  case progress(run: RunIdentity, RunProgress)
  /// The run has been suspended as asked; the file of its order holds its state, synchronised to
  /// the disk.
  case checkpointed(run: RunIdentity)
  /// This attempt has failed, and the worker is ready for another run.
  case failure(run: RunIdentity, FailureCause, detail: String)
}

/// Why an attempt has failed, as far as that decides what happens next.
public enum FailureCause: String, Hashable, Sendable, Codable {
  /// The run needs more memory than its order allows.
  case memory
  /// Anything else.
  case error
}

extension WorkerMessage: Codable {
  private enum Kind: String { case hello, result, refusal, progress, checkpointed, failure }

  /// Encodes the flat form of `docs/worker-protocol.md`.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: MessageKeys.self)
    switch self {
    case .hello(let hello):
      try container.encode(Kind.hello.rawValue, forKey: .type)
      try hello.encode(to: encoder)
    case .result(let run, let result, let arrays):
      try container.encode(Kind.result.rawValue, forKey: .type)
      try container.encode(run, forKey: .run)
      try result.encode(to: encoder)
      if !arrays.isEmpty { try container.encode(arrays.mapValues { Data($0.npy) }, forKey: .arrays) }
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

  /// Decodes the flat form; unknown keys are ignored.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: MessageKeys.self)
    let type = try container.decode(String.self, forKey: .type)
    switch Kind(rawValue: type) {
    case .hello: self = .hello(try WorkerHello(from: decoder))
    case .result: self = try Self.result(container, decoder)
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

  private static func result(
    _ container: KeyedDecodingContainer<MessageKeys>, _ decoder: any Decoder
  ) throws -> WorkerMessage {
    let run = try container.decode(RunIdentity.self, forKey: .run)
    let result = try RunResult(from: decoder)
    for name in result.quantities.names { try MalformedLine.Reason.check(name: name, of: "quantities") }
    var arrays: RecordedArrays = [:]
    // In order, so that the same line always has the same fault.
    let encoded = try container.decodeIfPresent([String: Data].self, forKey: .arrays) ?? [:]
    for (name, bytes) in encoded.sorted(by: { $0.key < $1.key }) {
      try MalformedLine.Reason.check(name: name, of: "arrays")
      do throws(NumericArrayError) {
        arrays[name] = try NumericArray(npy: bytes)
      } catch {
        throw MalformedLine.Reason.array(name: name, error)
      }
    }
    return .result(run: run, result, arrays: arrays)
  }
}
