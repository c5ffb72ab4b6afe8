/// A sweep: a problem, the axes to expand, and what it may use. What a grid file says, with all files read.
public struct Sweep: Hashable, Sendable, Codable {
  /// The name under which results are kept; letters, digits, `-`, `_` and `.`, not starting with a dot.
  public var name: String
  /// The values to combine.
  public var axes: Axes
  /// Further values to combine, each block for itself. The runs of the sweep are all of these and those of ``axes``, each
  /// once: ``RunSet``.
  public var also: [Axes]
  /// What all runs have in common.
  public var problem: Problem
  /// What one run may spend.
  public var budget: Budget
  /// What the sweep may use.
  public var limits: Limits
  /// What to keep of which runs beside their results.
  public var keep: [KeepRule]
  /// The program that carries out the runs; nil: `gammaplane-worker`. It determines no result, the problem's
  /// ``Problem/method`` does.
  public var worker: WorkerProgram?
  /// The folder that holds the results, perhaps together with those of other sweeps; nil: one named as the sweep. Made like
  /// ``name``.
  public var database: String?
  /// What to ask of Slurm; it determines no result.
  public var slurm: SlurmRequest?

  /// A sweep.
  public init(
    name: String, axes: Axes, also: [Axes] = [], problem: Problem, budget: Budget, limits: Limits,
    keep: [KeepRule] = [], worker: WorkerProgram? = nil, database: String? = nil,
    slurm: SlurmRequest? = nil
  ) {
    self.name = name
    self.axes = axes
    self.also = also
    self.problem = problem
    self.budget = budget
    self.limits = limits
    self.keep = keep
    self.worker = worker
    self.database = database
    self.slurm = slurm
  }

  /// What to keep of a run: what any rule says that is about it.
  public func observables(of run: Run) -> Observables {
    keep.reduce(into: []) { if $1.applies(to: run) { $0.formUnion($1.what) } }
  }

  /// The hash of the problem and of all axes: sweeps with the same one ask for the same runs.
  public var digest: Digest {
    var hash = SHA256()
    hash.update("gammaplane sweep 1")
    hash.update(problem.digest)
    // The order of blocks determines nothing.
    for block in ([axes] + also).map(\.digest).sorted(by: { $0.bytes.lexicographicallyPrecedes($1.bytes) }) {
      hash.update(block)
    }
    return hash.finalize()
  }

  /// The part of the sweep at one point: its runs are those at this point, and none where it is no point of the sweep.
  public func restricted(to point: PhasePoint) -> Sweep {
    var narrow = ([axes] + also).filter { block in
      block.gamma.contains(point.gamma) && block.gammaPrime.contains(point.gammaPrime)
    }.map { block in
      Axes(gamma: [point.gamma], gammaPrime: [point.gammaPrime], width: block.width, seed: block.seed)
    }
    if narrow.isEmpty { narrow = [Axes(gamma: [], gammaPrime: [], width: [], seed: [])] }
    var sweep = self
    sweep.axes = narrow.removeFirst()
    sweep.also = narrow
    return sweep
  }

  private enum CodingKeys: String, CodingKey {
    case name, axes, also, problem, budget, limits, keep, worker, database, slurm
  }

  /// Encodes every property; what is not given is left out, so that a sweep looks as it did before it could be.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(name, forKey: .name)
    try container.encode(axes, forKey: .axes)
    if !also.isEmpty { try container.encode(also, forKey: .also) }
    try container.encode(problem, forKey: .problem)
    try container.encode(budget, forKey: .budget)
    try container.encode(limits, forKey: .limits)
    if !keep.isEmpty { try container.encode(keep, forKey: .keep) }
    try container.encodeIfPresent(worker, forKey: .worker)
    try container.encodeIfPresent(database, forKey: .database)
    try container.encodeIfPresent(slurm, forKey: .slurm)
  }

  /// Decodes what ``encode(to:)`` wrote, now or in an earlier version.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    self.init(
      name: try container.decode(String.self, forKey: .name),
      axes: try container.decode(Axes.self, forKey: .axes),
      also: try container.decodeIfPresent([Axes].self, forKey: .also) ?? [],
      problem: try container.decode(Problem.self, forKey: .problem),
      budget: try container.decode(Budget.self, forKey: .budget),
      limits: try container.decode(Limits.self, forKey: .limits),
      keep: try container.decodeIfPresent([KeepRule].self, forKey: .keep) ?? [],
      worker: try container.decodeIfPresent(WorkerProgram.self, forKey: .worker),
      database: try container.decodeIfPresent(String.self, forKey: .database),
      slurm: try container.decodeIfPresent(SlurmRequest.self, forKey: .slurm))
  }
}

/// A program that speaks the worker protocol.
public struct WorkerProgram: Hashable, Sendable, Codable {
  /// The program, then its arguments; never empty. A program with a `/` is a path relative to the folder, one without is
  /// looked up in PATH.
  public var arguments: [String]
  /// The folder it runs in, as an absolute path: that of the grid file.
  public var folder: String

  /// A program.
  public init(arguments: [String], folder: String) {
    self.arguments = arguments
    self.folder = folder
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

  /// The hash of all values.
  fileprivate var digest: Digest {
    var hash = SHA256()
    for axis in [gamma, gammaPrime] {
      hash.update(UInt64(axis.count))
      for value in axis { hash.update(value) }
    }
    for axis in [width.map { UInt64($0.magnitude) }, seed] {
      hash.update(UInt64(axis.count))
      for value in axis { hash.update(value) }
    }
    return hash.finalize()
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
  /// Memory that one run may use, in bytes; nil: as much as is estimated.
  public var runMemory: Int?
  /// How long a worker that reports progress may say nothing while it has a run, in seconds; at least 1.
  public var silence: Double
  /// How long runs may take to be put down or to end when the sweep is interrupted, in seconds; from 1 to 3600.
  public var grace: Double

  /// The default of ``silence``.
  public static let defaultSilence = 60.0
  /// The default of ``grace``.
  public static let defaultGrace = 10.0

  /// Limits.
  public init(
    attempts: Int = 3, memory: Int? = nil, runMemory: Int? = nil, silence: Double = defaultSilence,
    grace: Double = defaultGrace
  ) {
    self.attempts = attempts
    self.memory = memory
    self.runMemory = runMemory
    self.silence = silence
    self.grace = grace
  }

  private enum CodingKeys: String, CodingKey {
    case attempts, memory, silence, grace
    case runMemory = "run_memory"
  }

  /// Encodes every property that is not at a default which earlier versions did not know.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(attempts, forKey: .attempts)
    try container.encodeIfPresent(memory, forKey: .memory)
    try container.encodeIfPresent(runMemory, forKey: .runMemory)
    if silence != Self.defaultSilence { try container.encode(silence, forKey: .silence) }
    if grace != Self.defaultGrace { try container.encode(grace, forKey: .grace) }
  }

  /// Decodes what ``encode(to:)`` wrote, now or in an earlier version.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    self.init(
      attempts: try container.decode(Int.self, forKey: .attempts),
      memory: try container.decodeIfPresent(Int.self, forKey: .memory),
      runMemory: try container.decodeIfPresent(Int.self, forKey: .runMemory),
      silence: try container.decodeIfPresent(Double.self, forKey: .silence) ?? Self.defaultSilence,
      grace: try container.decodeIfPresent(Double.self, forKey: .grace) ?? Self.defaultGrace)
  }
}
