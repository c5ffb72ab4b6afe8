/// The seconds that a run takes, those before it was suspended among them.
///
/// A family makes one when a run starts or is resumed, and writes it with the rest of the state:
/// time spent belongs to the flow, the head of a checkpoint knows nothing of it.
public struct FlowClock: Sendable {
  private let start = ContinuousClock.now
  private var secondsBefore = 0.0
  /// Seconds from the start of the run until its initial values were there.
  public private(set) var initialSeconds = 0.0

  /// The clock of a run that starts now.
  public init() {}

  /// The clock of a run that is resumed now.
  ///
  /// - Throws: what the reader throws.
  public init(from reader: inout CheckpointReader) throws {
    initialSeconds = try reader.double()
    secondsBefore = try reader.double()
  }

  /// Notes that the initial values are there.
  public mutating func noteInitialValues() { initialSeconds = seconds }

  /// Seconds since the run started, or was resumed.
  public var secondsHere: Double {
    let (seconds, attoseconds) = (ContinuousClock.now - start).components
    return Double(seconds) + Double(attoseconds) * 1e-18
  }

  /// Seconds of the run, without those for which it was suspended.
  public var seconds: Double { secondsBefore + secondsHere }
}

extension FlowClock: Checkpointed {
  /// Writes the seconds so far.
  public func save(to writer: inout CheckpointWriter) throws {
    try writer.write(initialSeconds)
    try writer.write(seconds)
  }
}
