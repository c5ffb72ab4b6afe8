/// A sweep: a problem, the axes to expand, and what it may use. What a grid file says, with all files read.
public struct Sweep: Hashable, Sendable, Codable {
  /// The name under which results are kept; letters, digits, `-`, `_` and `.`, not starting with a dot.
  public var name: String
  /// The values to combine.
  public var axes: Axes
  /// What all runs have in common.
  public var problem: Problem
  /// What one run may spend.
  public var budget: Budget
  /// What the sweep may use.
  public var limits: Limits
  /// What to keep of which runs beside their results.
  public var keep: [KeepRule]

  /// A sweep.
  public init(
    name: String, axes: Axes, problem: Problem, budget: Budget, limits: Limits, keep: [KeepRule] = []
  ) {
    self.name = name
    self.axes = axes
    self.problem = problem
    self.budget = budget
    self.limits = limits
    self.keep = keep
  }

  /// What to keep of a run: what any rule says that is about it.
  public func observables(of run: Run) -> Observables {
    keep.reduce(into: []) { if $1.applies(to: run) { $0.formUnion($1.what) } }
  }

  private enum CodingKeys: String, CodingKey { case name, axes, problem, budget, limits, keep }

  /// Encodes every property; a sweep that keeps nothing looks as it did before there was anything to keep.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(name, forKey: .name)
    try container.encode(axes, forKey: .axes)
    try container.encode(problem, forKey: .problem)
    try container.encode(budget, forKey: .budget)
    try container.encode(limits, forKey: .limits)
    if !keep.isEmpty { try container.encode(keep, forKey: .keep) }
  }

  /// Decodes what ``encode(to:)`` wrote, now or before there was anything to keep.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    self.init(
      name: try container.decode(String.self, forKey: .name),
      axes: try container.decode(Axes.self, forKey: .axes),
      problem: try container.decode(Problem.self, forKey: .problem),
      budget: try container.decode(Budget.self, forKey: .budget),
      limits: try container.decode(Limits.self, forKey: .limits),
      keep: try container.decodeIfPresent([KeepRule].self, forKey: .keep) ?? [])
  }
}

/// The values of the four axes of a sweep; each is ascending and without repetition.
public struct Axes: Hashable, Sendable, Codable {
  /// Values of γ.
  public var gamma: [Double]
  /// Values of γ'.
  public var gammaPrime: [Double]
  /// Widths m ≥ 1.
  public var width: [Int]
  /// Seeds.
  public var seed: [UInt64]

  /// Axes; the values are taken as they are.
  public init(gamma: [Double], gammaPrime: [Double], width: [Int], seed: [UInt64]) {
    self.gamma = gamma
    self.gammaPrime = gammaPrime
    self.width = width
    self.seed = seed
  }

  enum CodingKeys: String, CodingKey {
    case gamma, width, seed
    case gammaPrime = "gamma_prime"
  }

  /// How many runs the axes span: the product of their lengths.
  public var runCount: Int { gamma.count * gammaPrime.count * width.count * seed.count }

  /// All (γ, γ'), by γ, then γ'.
  public var points: [PhasePoint] {
    gamma.flatMap { gamma in gammaPrime.map { PhasePoint(gamma: gamma, gammaPrime: $0) } }
  }

  /// All runs, by γ, γ', width, seed.
  public var runs: some Sequence<Run> {
    points.lazy.flatMap { point in
      width.lazy.flatMap { width in seed.lazy.map { Run(point: point, width: width, seed: $0) } }
    }
  }
}

/// What a sweep may use.
public struct Limits: Hashable, Sendable, Codable {
  /// How often a run is tried before it is set aside; at least 1.
  public var attempts: Int
  /// Memory for all workers together, in bytes; nil: no limit of the sweep's own.
  public var memory: Int?

  /// Limits.
  public init(attempts: Int = 3, memory: Int? = nil) {
    self.attempts = attempts
    self.memory = memory
  }
}
