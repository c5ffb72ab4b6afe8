/// What was recorded of a run beside its result, because a grid asked for it: arrays by name, such
/// as `trajectory`.
public typealias RecordedArrays = [String: NumericArray]

extension RecordedArrays {
  /// The course of the run; nil if it was not recorded, or cannot be one.
  public var trajectory: Trajectory? { self[Trajectory.name].flatMap { Trajectory($0) } }
  /// The neurons before and after; nil if they were not recorded, or cannot be that.
  public var neurons: NeuronSnapshot? { NeuronSnapshot(self) }
  /// The function before and after; nil if it was not recorded, or cannot be one.
  public var function: FunctionSnapshot? { self[FunctionSnapshot.name].flatMap { FunctionSnapshot($0) } }
  /// The way to a computed limit; nil if there is none, or it cannot be one.
  public var ladder: Ladder? { self[Ladder.name].flatMap { Ladder($0) } }

  /// The arrays that belong to what is asked for. An array is called like what was asked for, or
  /// begins with its name and an underscore.
  public func restricted(to wanted: RecordNames) -> RecordedArrays {
    filter { name, _ in wanted.names.contains { name == $0 || name.hasPrefix($0 + "_") } }
  }
}

/// Names of what is to be recorded of a run: the key `record` of a grid file.
public struct RecordNames: Hashable, Sendable, ExpressibleByArrayLiteral {
  /// Ascending, each once.
  public private(set) var names: [String]

  /// Some names.
  public init(_ names: some Sequence<String>) { self.names = Set(names).sorted() }

  /// Some names.
  public init(arrayLiteral elements: String...) { self.init(elements) }

  /// Whether there are none.
  public var isEmpty: Bool { names.isEmpty }

  /// Whether a name is among them.
  public func contains(_ name: String) -> Bool { names.contains(name) }

  /// Whether all are among others.
  public func isSubset(of other: RecordNames) -> Bool { names.allSatisfy(other.contains) }

  /// Adds others.
  public mutating func formUnion(_ other: RecordNames) {
    guard !other.isSubset(of: self) else { return }
    self = RecordNames(names + other.names)
  }

  /// These and others.
  public func union(_ other: RecordNames) -> RecordNames {
    var result = self
    result.formUnion(other)
    return result
  }
}

extension RecordNames: Codable {
  /// Encodes a list of names.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(names)
  }

  /// Decodes a list of names.
  public init(from decoder: any Decoder) throws {
    self.init(try decoder.singleValueContainer().decode([String].self))
  }
}

/// An entry of the key `record` of a grid file: what to record, and of which runs.
public struct RecordRule: Hashable, Sendable, Codable {
  /// What to record.
  public var what: RecordNames
  /// Of runs whose parameters have one of these values, ascending; parameters that are not named
  /// are free.
  public let parameters: [String: [Double]]
  /// Of runs with these widths, ascending; nil: with any.
  public let width: [Double]?
  /// Of runs with these seeds, ascending; nil: with any.
  public let seed: [UInt64]?

  /// An entry; without values it is about all runs.
  public init(
    what: RecordNames, parameters: [String: [Double]] = [:], width: [Double]? = nil, seed: [UInt64]? = nil
  ) {
    self.what = what
    self.parameters = parameters.mapValues { $0.sorted() }
    self.width = width?.sorted()
    self.seed = seed?.sorted()
  }

  /// Whether the entry is about the run.
  public func applies(to run: Run) -> Bool {
    !run.isLimit && Self.allows(width, run.width) && Self.allows(seed, run.seed)
      && parameters.allSatisfy { name, values in
        run.setting[name].map { values.index(of: $0) != nil } ?? false
      }
  }

  /// What is recorded of every limit.
  fileprivate static let ofLimits: RecordNames = [Ladder.name]
  fileprivate static let nothing: RecordNames = []

  private static func allows<Value: Comparable>(_ values: [Value]?, _ value: Value) -> Bool {
    values.map { $0.index(of: value) != nil } ?? true
  }
}

extension [RecordRule] {
  /// What to record of a run: what any rule says that is about it; of a limit its ladder.
  package func names(of run: Run) -> RecordNames {
    if run.isLimit { return RecordRule.ofLimits }
    return reduce(into: RecordRule.nothing) { if $1.applies(to: run) { $0.formUnion($1.what) } }
  }
}
