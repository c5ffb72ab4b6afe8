/// One run of a sweep: a setting, a width and a seed. Together with a ``Problem`` it determines a
/// result.
public struct Run: Hashable, Sendable, Codable {
  /// The parameters.
  public var setting: Setting
  /// m, a positive number; the number of neurons, and whole, where neurons are sampled; infinite
  /// for the limit m → ∞.
  public var width: Double
  /// The seed of the initial values.
  public var seed: UInt64

  /// A run.
  public init(_ setting: Setting, width: Double, seed: UInt64) {
    self.setting = setting
    self.width = width
    self.seed = seed
  }

  /// Whether this computes the limit m → ∞ at its setting: exponents, limits and crossover widths
  /// (``LimitQuantities``), not the values at any width.
  public var isLimit: Bool { width == .infinity }

  /// The seed of runs whose initial values do not fluctuate.
  public static let meanSeed: UInt64 = 0

  /// The limit m → ∞ at a setting.
  public static func limit(_ setting: Setting) -> Run { Run(setting, width: .infinity, seed: meanSeed) }

  /// The run's identity: a hash of everything that determines its result and nothing else, so that
  /// grids that overlap share results. How long it may take is not part of it.
  ///
  /// - Parameter problem: the digest of the problem the run belongs to.
  public func identity(of problem: Digest) -> RunIdentity {
    var hash = SHA256()
    hash.update(problem)
    hash.update(UInt64(setting.count))
    for (name, value) in setting.pairs {
      hash.update(name)
      hash.update(value)
    }
    hash.update(width)
    hash.update(seed)
    return RunIdentity(hash.finalize())
  }
}

extension Run {
  private enum CodingKeys: String, CodingKey { case setting, width, seed }

  /// Encodes setting, width and seed.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(setting, forKey: .setting)
    try container.encode(CodedWidth(width), forKey: .width)
    try container.encode(seed, forKey: .seed)
  }

  /// Decodes what ``encode(to:)`` wrote.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    self.init(
      try container.decode(Setting.self, forKey: .setting),
      width: try container.decode(CodedWidth.self, forKey: .width).value,
      seed: try container.decode(UInt64.self, forKey: .seed))
  }
}

/// The name of a run in the database and in the protocol: the first 128 bits of its hash, in
/// hexadecimal.
public struct RunIdentity: Hashable, Sendable, Codable, CustomStringConvertible {
  /// 32 lower-case hexadecimal digits.
  public let description: String

  init(_ digest: Digest) { description = String(digest.description.prefix(32)) }

  /// An identity read from a database or a message; taken as it is.
  public init(_ text: String) { description = text }

  /// Encodes the bare string.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(description)
  }

  /// Decodes the bare string.
  public init(from decoder: any Decoder) throws {
    description = try decoder.singleValueContainer().decode(String.self)
  }
}

/// How much a single run may spend. Not part of its identity: a run that ended within its budget is
/// the same whatever the budget was, and one that did not is run again when the budget grows.
public struct Budget: Hashable, Sendable, Codable {
  /// Accepted steps; at least 1.
  public var steps: Int
  /// Wall time in seconds; positive.
  public var wallSeconds: Double
  /// Simulated time: the normalised time t̄, positive; nil: no limit.
  public var time: Double?
  /// How often all samples may be used, positive; nil: no limit. Of runs that have epochs.
  public var epochs: Double?

  /// The default budget of a run.
  public static let `default` = Budget(steps: 100_000, wallSeconds: 600)

  /// A budget of steps, seconds, simulated time and epochs.
  public init(steps: Int, wallSeconds: Double, time: Double? = nil, epochs: Double? = nil) {
    self.steps = steps
    self.wallSeconds = wallSeconds
    self.time = time
    self.epochs = epochs
  }

  /// Whether this budget is larger in one respect and smaller in none: only then is it sure that a
  /// run which used up the other gets further under this one.
  public func exceeds(_ other: Budget) -> Bool { covers(other) && self != other }

  /// Whether this budget is smaller than the other in no respect.
  public func covers(_ other: Budget) -> Bool {
    steps >= other.steps && wallSeconds >= other.wallSeconds
      && time ?? .infinity >= other.time ?? .infinity && epochs ?? .infinity >= other.epochs ?? .infinity
  }

  enum CodingKeys: String, CodingKey {
    case steps, time, epochs
    case wallSeconds = "wall_seconds"
  }
}

extension Run {
  /// For people: `alpha = 1.5, beta = 0, width 1000, seed 3`.
  public var text: String {
    let place = setting.isEmpty ? "" : setting.text + ", "
    return place + (isLimit ? "the limit m → ∞" : "width \(formattedNumber(width)), seed \(seed)")
  }
}

extension Run: Comparable {
  /// By setting, width and seed.
  public static func < (a: Run, b: Run) -> Bool {
    a.setting != b.setting ? a.setting < b.setting : (a.width, a.seed) < (b.width, b.seed)
  }
}
