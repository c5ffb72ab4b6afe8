import Model

/// A way to follow the gradient in steps, with its parameters and the keys of its networks.
public protocol Optimiser: Sendable {
  /// Its name, which with a revision is that of the method.
  static var name: String { get }

  /// What it is, for people.
  static var title: String { get }

  /// The least and the default number of samples of a step; nil: all, always.
  static var batch: Parameter? { get }

  /// The rate of a step.
  static var rate: Parameter { get }

  /// Keys of `network` of its own.
  static var keys: [NetworkKey] { get }

  /// The rule for the keys of a network.
  static func rule(_ network: [String: JSONValue]) -> DescentRule
}

/// How a step changes parameters by the gradient of half the mean squared residual.
public enum DescentRule: Hashable, Sendable {
  /// θ ← θ − η g
  case plain
  /// m ← μ m + g, θ ← θ − η m
  case momentum(Double)
  /// Kingma, Ba, *Adam: a method for stochastic optimization*, ICLR 2015, algorithm 1: the decays
  /// of its two moments, and ε.
  case adam(Double, Double, epsilon: Double)
}

extension DescentRule {
  /// How many moments it keeps of every parameter.
  var moments: Int {
    switch self {
    case .plain: 0
    case .momentum: 1
    case .adam: 2
    }
  }
}

/// In which unit the rate of a network is given.
enum RateUnit: String, CaseIterable {
  /// 2/λ_max(K(0)), from which on gradient descent is unstable at the start.
  case stability
  /// The normalised time t̄ of a step.
  case normalised
  /// The rate of the parameters as they are, a ~ N(0, β1²) and w ~ N(0, β2² I).
  case raw

  static let key = NetworkKey(
    "rate_unit", .choice(allCases.map(\.rawValue)), default: .string(stability.rawValue),
    summary: "the unit of the rate: stability, 2/λ_max(K(0)), from which on gradient descent is unstable; "
      + "normalised, a step of the normalised time; raw, the rate of the parameters as they are")

  init(of network: [String: JSONValue]) {
    self = network[Self.key.name]?.string.flatMap(Self.init) ?? .stability
  }
}

/// The names of parameters of descent.
enum DescentParameter {
  static let rate = "rate", batch = "batch", keep = "keep"

  /// In units of ``RateUnit``.
  static let unitRate = Parameter(
    rate, symbol: "η", summary: "rate of a step, in the unit of network.rate_unit",
    range: Double.leastNormalMagnitude...1e100, default: 0.5)

  static func batch(default size: Double) -> Parameter {
    Parameter(
      batch, symbol: "B", summary: "samples of a step, drawn without repetition in an epoch; 0: all",
      range: 0...1e9, default: size)
  }

  static let kept = Parameter(
    keep, symbol: "p", summary: "probability with which dropout keeps a neuron for a sample; 1: no dropout",
    range: 1e-6...1, default: 1)
}

/// Gradient descent: all samples in every step.
public enum PlainDescent: Optimiser {
  /// `descent`.
  public static let name = "descent"
  /// As the name says.
  public static let title = "gradient descent"
  /// All.
  public static let batch: Parameter? = nil
  /// In a unit that a key names.
  public static let rate = DescentParameter.unitRate
  /// The unit.
  public static let keys = [RateUnit.key]
  /// Plain.
  public static func rule(_ network: [String: JSONValue]) -> DescentRule { .plain }
}

/// Stochastic gradient descent: some samples in every step.
public enum StochasticDescent: Optimiser {
  /// `sgd`.
  public static let name = "sgd"
  /// As the name says.
  public static let title = "stochastic gradient descent"
  /// One.
  public static let batch: Parameter? = DescentParameter.batch(default: 1)
  /// In a unit that a key names.
  public static let rate = DescentParameter.unitRate
  /// The unit.
  public static let keys = [RateUnit.key]
  /// Plain.
  public static func rule(_ network: [String: JSONValue]) -> DescentRule { .plain }
}

/// Gradient descent with momentum ("heavy ball").
public enum MomentumDescent: Optimiser {
  private static let decay = "momentum"
  /// `momentum`.
  public static let name = "momentum"
  /// As the name says.
  public static let title = "gradient descent with momentum"
  /// All, unless asked otherwise.
  public static let batch: Parameter? = DescentParameter.batch(default: 0)
  /// In a unit that a key names.
  public static let rate = DescentParameter.unitRate
  /// The unit, and μ.
  public static let keys = [
    RateUnit.key,
    NetworkKey(
      decay, .number(0...0.999999), default: .number(0.9),
      summary: "μ of m ← μ m + gradient, θ ← θ − rate m"),
  ]
  /// With μ.
  public static func rule(_ network: [String: JSONValue]) -> DescentRule {
    .momentum(network[decay]?.number ?? 0.9)
  }
}

/// Adam, which works with the parameters as they are.
public enum Adam: Optimiser {
  private static let first = "first_decay", second = "second_decay", epsilon = "epsilon"
  /// `adam`.
  public static let name = "adam"
  /// As the name says.
  public static let title = "Adam"
  /// All, unless asked otherwise.
  public static let batch: Parameter? = DescentParameter.batch(default: 0)
  /// Of the parameters as they are.
  public static let rate = Parameter(
    DescentParameter.rate, symbol: "η", summary: "rate of a step, of the parameters as they are",
    range: Double.leastNormalMagnitude...1e100, default: 1e-3)
  /// β₁, β₂ and ε.
  public static let keys = [
    NetworkKey(
      first, .number(0...0.999999), default: .number(0.9), summary: "decay β₁ of the first moment"),
    NetworkKey(
      second, .number(0...0.999999999), default: .number(0.999), summary: "decay β₂ of the second moment"),
    NetworkKey(
      epsilon, .number(0...1), default: .number(1e-8),
      summary: "ε, added to the root of the second moment of the gradient with respect to the parameters as "
        + "they are"),
  ]
  /// With its decays.
  public static func rule(_ network: [String: JSONValue]) -> DescentRule {
    .adam(
      network[first]?.number ?? 0.9, network[second]?.number ?? 0.999,
      epsilon: network[epsilon]?.number ?? 1e-8)
  }
}
