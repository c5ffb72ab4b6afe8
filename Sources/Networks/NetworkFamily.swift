import Model

/// A family of networks that this program can train: one folder, and one line in
/// ``NetworkFamilies/builtIn``.
///
/// Everything else carries its names and numbers about and does not know what they mean: the grid
/// file asks which parameters and network keys there are, the planner what a run costs, the worker
/// and `flow` make its flows, tables and figures show its quantities.
public protocol NetworkFamily: Sendable {
  /// Title, methods, parameters, quantities and what can be recorded; the first quantity is the
  /// order parameter, the first method the default.
  var description: FamilyDescription { get }

  /// Whether its problems have samples.
  var needsSamples: Bool { get }

  /// The keys of `network` in a grid file that it understands.
  var networkKeys: [NetworkKey] { get }

  /// Whether a problem with such keys of `network` may be one of this family: the first family of a
  /// list that says so is it.
  ///
  /// - Parameters:
  ///   - method: the method asked for; nil: none was.
  ///   - network: the keys that were given, without defaults.
  ///   - inputs: d, the dimension of the inputs; nil: the problem has no samples, or none that can
  ///     be read.
  func claims(method: String?, network: [String: JSONValue], inputs: Int?) -> Bool

  /// Refuses a problem that it cannot train whatever the run.
  ///
  /// - Throws: an error whose description is one sentence for the user.
  func check(_ problem: Problem) throws

  /// Refuses a run that it cannot make, of a problem that it can train.
  ///
  /// - Throws: an error whose description is one sentence for the user.
  func check(_ run: Run, of problem: Problem) throws

  /// A run at its initial values.
  ///
  /// - Throws: an error whose description is one sentence for the user, if the run cannot be made.
  func start(_ run: Run, of problem: Problem, options: FlowOptions) throws -> any Flow

  /// Reads initial values to be used instead of those of a seed.
  ///
  /// - Parameter csv: a table, of columns that the family defines.
  /// - Returns: ``FlowOptions/initial``.
  /// - Throws: an error whose description is one sentence for the user, if it is no such table.
  func initialValues(csv: String) throws -> RecordedArrays

  /// The width of the network whose initial values some arrays are.
  ///
  /// - Throws: an error whose description is one sentence for the user, if they are none.
  func width(ofInitial arrays: RecordedArrays) throws -> Double

  /// A run at a state that ``Flow/save(to:)`` wrote.
  ///
  /// - Throws: ``CheckpointError`` if the state cannot be one of this run, or what
  ///   ``start(_:of:options:)`` throws.
  func resume(_ run: Run, of problem: Problem, options: FlowOptions, from reader: inout CheckpointReader)
    throws -> any Flow

  /// Widths are whole multiples of this; nil: any positive number is one.
  func widthUnit(of problem: Problem) -> Double?

  /// Whether the runs of a problem depend on their seed; if not, a setting and a width have one
  /// run, that of seed 0.
  func hasSeeds(of problem: Problem) -> Bool

  /// Whether the limit m → ∞ can be computed: by the run of infinite width at a setting, whose
  /// quantities have the names of ``Model/LimitQuantities``.
  func hasLimit(of problem: Problem) -> Bool

  /// What a run is expected to take.
  func estimate(_ run: Run, of problem: Problem) -> RunEstimate

  /// What is known in theory of a plane and an order parameter; nil where nothing is.
  func theory(of problem: Problem, plane: Plane, orderParameter: String) -> (any Theory)?
}

extension NetworkFamily {
  /// They have.
  public var needsSamples: Bool { true }
  /// No keys.
  public var networkKeys: [NetworkKey] { [] }
  /// The keys of a network, with the defaults of those that are not given: what
  /// ``Model/Problem/network`` holds.
  public func withDefaults(_ network: [String: JSONValue] = [:]) -> [String: JSONValue] {
    networkKeys.reduce(into: network) { network, key in
      if network[key.name] == nil { network[key.name] = key.defaultValue }
    }
  }
  /// Claims what asks for one of its methods, or for no method and no keys that it does not know.
  public func claims(method: String?, network: [String: JSONValue], inputs: Int?) -> Bool {
    if let method { return description.methods.contains(method) }
    return network.keys.allSatisfy { key in networkKeys.contains { $0.name == key } }
  }
  /// Takes none.
  public func initialValues(csv: String) throws -> RecordedArrays {
    throw NoInitialValues(title: description.title)
  }
  /// Takes none.
  public func width(ofInitial arrays: RecordedArrays) throws -> Double {
    throw NoInitialValues(title: description.title)
  }
  /// They do.
  public func hasSeeds(of problem: Problem) -> Bool { true }
  /// Whole numbers.
  public func widthUnit(of problem: Problem) -> Double? { 1 }
  /// It cannot.
  public func hasLimit(of problem: Problem) -> Bool { false }
  /// Refuses nothing.
  public func check(_ problem: Problem) throws {}
  /// Refuses nothing.
  public func check(_ run: Run, of problem: Problem) throws {}
  /// No theory.
  public func theory(of problem: Problem, plane: Plane, orderParameter: String) -> (any Theory)? { nil }
}

/// A family takes no initial values but those of a seed.
private struct NoInitialValues: Error, CustomStringConvertible {
  let title: String
  var description: String { "a \(title) takes no initial values from files" }
}

/// A key of `network` in a grid file.
public struct NetworkKey: Hashable, Sendable {
  /// What its value may be.
  public enum Kind: Hashable, Sendable {
    /// Yes or no.
    case boolean
    /// One of some words.
    case choice([String])
    /// A number of a range.
    case number(ClosedRange<Double>)
    /// A whole number of a range.
    case integer(ClosedRange<Int>)

    /// Whether a value is one of these.
    public func accepts(_ value: JSONValue) -> Bool {
      switch self {
      case .boolean: value.boolean != nil
      case .choice(let words): value.string.map(words.contains) ?? false
      case .number(let range): value.number.map(range.contains) ?? false
      case .integer(let range): value.number.flatMap { Int(exactly: $0) }.map(range.contains) ?? false
      }
    }
  }

  /// Its name.
  public var name: String
  /// What its value may be.
  public var kind: Kind
  /// Its value where it is not given.
  public var defaultValue: JSONValue
  /// What it is, in a sentence without a full stop.
  public var summary: String

  /// A key.
  public init(_ name: String, _ kind: Kind, default value: JSONValue, summary: String) {
    self.name = name
    self.kind = kind
    defaultValue = value
    self.summary = summary
  }
}

/// How to make a flow; nothing here determines its result but given initial values.
public struct FlowOptions: Sendable {
  /// What to record beside the result.
  public var record: RecordNames
  /// How many threads to use, at least 1.
  public var threads: Int
  /// Initial values to use instead of those of the seed, by name, as the family defines them; nil:
  /// none.
  public var initial: RecordedArrays?
  /// Called now and then while initial values are made, which may take seconds.
  public var onProgress: (@Sendable () -> Void)?

  /// Options.
  public init(
    record: RecordNames = [], threads: Int = 1, initial: RecordedArrays? = nil,
    onProgress: (@Sendable () -> Void)? = nil
  ) {
    self.record = record
    self.threads = threads
    self.initial = initial
    self.onProgress = onProgress
  }
}
