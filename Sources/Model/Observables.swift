/// What can be kept of a run beside its result: the key `keep` of a grid file.
public struct Observables: OptionSet, Hashable, Sendable {
  /// A bit for each.
  public let rawValue: UInt8

  /// A set with the given bits.
  public init(rawValue: UInt8) { self.rawValue = rawValue }

  /// The ``Trajectory``.
  public static let trajectory = Observables(rawValue: 1)
  /// The ``NeuronSnapshot``, before and after.
  public static let neurons = Observables(rawValue: 2)
  /// The ``FunctionSnapshot``, before and after.
  public static let function = Observables(rawValue: 4)

  private static let named: [(name: String, member: Observables)] = [
    ("trajectory", .trajectory), ("neurons", .neurons), ("function", .function),
  ]

  /// The names of all, as they are written everywhere.
  public static var allNames: [String] { named.map(\.name) }

  /// The one with a name; nil if there is none.
  public init?(name: some StringProtocol) {
    guard let found = Self.named.first(where: { $0.name == name }) else { return nil }
    self = found.member
  }

  /// Those with the given names; names that are not known, of a later version perhaps, are passed over.
  public init(names: some Sequence<some StringProtocol>) {
    self = names.reduce(into: []) { if let member = Observables(name: $1) { $0.insert(member) } }
  }

  /// The names of those in the set, in fixed order.
  public var names: [String] { Self.named.filter { contains($0.member) }.map(\.name) }
}

extension Observables: Codable {
  /// Encodes a list of names.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(names)
  }

  /// Decodes a list of names, passing over those that are not known.
  public init(from decoder: any Decoder) throws {
    self.init(names: try decoder.singleValueContainer().decode([String].self))
  }
}

/// An entry of `keep`: what to keep, and of which runs.
public struct KeepRule: Hashable, Sendable, Codable {
  /// What to keep.
  public var what: Observables
  /// Of runs with these γ, ascending; nil: with any.
  public let gamma: [Double]?
  /// Of runs with these γ', ascending; nil: with any.
  public let gammaPrime: [Double]?
  /// Of runs with these widths, ascending; nil: with any.
  public let width: [Int]?
  /// Of runs with these seeds, ascending; nil: with any.
  public let seed: [UInt64]?

  /// An entry; without values of the axes it is about all runs.
  public init(
    what: Observables, gamma: [Double]? = nil, gammaPrime: [Double]? = nil, width: [Int]? = nil,
    seed: [UInt64]? = nil
  ) {
    self.what = what
    self.gamma = gamma?.sorted()
    self.gammaPrime = gammaPrime?.sorted()
    self.width = width?.sorted()
    self.seed = seed?.sorted()
  }

  enum CodingKeys: String, CodingKey {
    case what, gamma, width, seed
    case gammaPrime = "gamma_prime"
  }

  /// Whether the entry is about the run.
  public func applies(to run: Run) -> Bool {
    Self.allows(gamma, run.point.gamma) && Self.allows(gammaPrime, run.point.gammaPrime)
      && Self.allows(width, run.width) && Self.allows(seed, run.seed)
  }

  /// Whether a value is among ascending ones; there may be as many as on an axis.
  private static func allows<Value: Comparable>(_ values: [Value]?, _ value: Value) -> Bool {
    guard let values else { return true }
    var low = 0
    var high = values.count
    while low < high {
      let middle = (low + high) / 2
      if values[middle] < value { low = middle + 1 } else { high = middle }
    }
    return low < values.count && values[low] == value
  }
}
