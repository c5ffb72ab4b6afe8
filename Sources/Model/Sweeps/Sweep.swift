/// A sweep: a problem, the axes to expand, and what it may use. What a grid file says, with all
/// files read.
public struct Sweep: Hashable, Sendable, Codable {
  /// The name under which results are kept; letters, digits, `-`, `_` and `.`, not starting with a
  /// dot.
  public var name: String
  /// The values to combine.
  public var axes: Axes
  /// Further values to combine, each block for itself. The runs of the sweep are all of these and
  /// those of ``axes``, each once: ``RunSet``.
  public var include: [Axes]
  /// What all runs have in common.
  public var problem: Problem
  /// Whether the limit m → ∞ is computed at each setting, beside the runs of finite width.
  public var limit: Bool
  /// The parameters that span the plane of the phase map: one or two names; empty: as the family
  /// has it.
  public var plane: [String]
  /// The quantity that decides the phase; nil: the family's.
  public var orderParameter: String?
  /// What one run may spend.
  public var budget: Budget
  /// What the sweep may use.
  public var limits: Limits
  /// What to record of which runs beside their results.
  public var record: [RecordRule]
  /// The program that computes the runs; nil: `gammaplane-worker`. It determines no result, the
  /// problem's ``Problem/method`` does.
  public var worker: WorkerProgram?
  /// The folder that holds the results, perhaps together with those of other sweeps; nil: one named
  /// as the sweep. Made like ``name``.
  public var database: String?
  /// What to ask of Slurm; it determines no result.
  public var slurm: SlurmRequest?

  /// A sweep.
  public init(
    name: String, axes: Axes, include: [Axes] = [], problem: Problem, limit: Bool = false,
    plane: [String] = [], orderParameter: String? = nil, budget: Budget = .default, limits: Limits = Limits(),
    record: [RecordRule] = [], worker: WorkerProgram? = nil, database: String? = nil,
    slurm: SlurmRequest? = nil
  ) {
    self.name = name
    self.axes = axes
    self.include = include
    self.problem = problem
    self.limit = limit
    self.plane = plane
    self.orderParameter = orderParameter
    self.budget = budget
    self.limits = limits
    self.record = record
    self.worker = worker
    self.database = database
    self.slurm = slurm
  }

  /// The axes and the further blocks.
  public var blocks: [Axes] { [axes] + include }

  /// The blocks, and those of the limits at their settings.
  public var runBlocks: [Axes] { limit ? blocks + blocks.map(\.limits) : blocks }

  /// What to record of a run: what any rule says that is about it; of a limit its ladder.
  public func recordNames(of run: Run) -> RecordNames { record.names(of: run) }

  /// The hash of the problem and of all axes: sweeps with the same one ask for the same runs.
  public var digest: Digest {
    var hash = SHA256()
    hash.update("gammaplane sweep 1")
    hash.update(problem.digest)
    // The order of blocks determines nothing.
    for block in Set(runBlocks.map(\.digest)).sorted(by: { $0.bytes.lexicographicallyPrecedes($1.bytes) }) {
      hash.update(block)
    }
    return hash.finalize()
  }

  /// The part of the sweep at one setting: its runs are those there, and none where it is no
  /// setting of the sweep.
  public func restricted(to setting: Setting) -> Sweep {
    var narrow = blocks.filter { block in
      block.names == setting.names
        && zip(block.parameters, setting.values).allSatisfy { $0.values.contains($1) }
    }.map { block in
      Axes(
        parameters: Dictionary(uniqueKeysWithValues: setting.pairs.map { ($0.name, [$0.value]) }),
        width: block.width, seed: block.seed)
    }
    var sweep = self
    if narrow.isEmpty {
      narrow = [Axes(parameters: [:], width: [], seed: [])]
      sweep.limit = false
    }
    sweep.axes = narrow.removeFirst()
    sweep.include = narrow
    return sweep
  }

  private enum CodingKeys: String, CodingKey {
    case name, axes, include, problem, limit, plane, budget, limits, record, worker, database, slurm
    case orderParameter = "order_parameter"
  }

  /// Encodes every property that is given.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(name, forKey: .name)
    try container.encode(axes, forKey: .axes)
    if !include.isEmpty { try container.encode(include, forKey: .include) }
    try container.encode(problem, forKey: .problem)
    if limit { try container.encode(limit, forKey: .limit) }
    if !plane.isEmpty { try container.encode(plane, forKey: .plane) }
    try container.encodeIfPresent(orderParameter, forKey: .orderParameter)
    try container.encode(budget, forKey: .budget)
    try container.encode(limits, forKey: .limits)
    if !record.isEmpty { try container.encode(record, forKey: .record) }
    try container.encodeIfPresent(worker, forKey: .worker)
    try container.encodeIfPresent(database, forKey: .database)
    try container.encodeIfPresent(slurm, forKey: .slurm)
  }

  /// Decodes what ``encode(to:)`` wrote.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    self.init(
      name: try container.decode(String.self, forKey: .name),
      axes: try container.decode(Axes.self, forKey: .axes),
      include: try container.decodeIfPresent([Axes].self, forKey: .include) ?? [],
      problem: try container.decode(Problem.self, forKey: .problem),
      limit: try container.decodeIfPresent(Bool.self, forKey: .limit) ?? false,
      plane: try container.decodeIfPresent([String].self, forKey: .plane) ?? [],
      orderParameter: try container.decodeIfPresent(String.self, forKey: .orderParameter),
      budget: try container.decode(Budget.self, forKey: .budget),
      limits: try container.decode(Limits.self, forKey: .limits),
      record: try container.decodeIfPresent([RecordRule].self, forKey: .record) ?? [],
      worker: try container.decodeIfPresent(WorkerProgram.self, forKey: .worker),
      database: try container.decodeIfPresent(String.self, forKey: .database),
      slurm: try container.decodeIfPresent(SlurmRequest.self, forKey: .slurm))
  }
}

/// A program that speaks the worker protocol.
public struct WorkerProgram: Hashable, Sendable, Codable {
  /// The program, then its arguments; never empty. A program with a `/` is a path relative to the
  /// folder, one without is looked up in PATH.
  public var arguments: [String]
  /// The folder it runs in, as an absolute path: that of the grid file.
  public var folder: String

  /// A program.
  public init(arguments: [String], folder: String) {
    self.arguments = arguments
    self.folder = folder
  }
}

/// What a sweep may use.
public struct Limits: Hashable, Sendable, Codable {
  /// How often a run is tried before it has failed; at least 1.
  public var attempts: Int
  /// After so many failed attempts, all alike and none with a result before, the sweep ends; at
  /// least 1.
  public var initialFailures: Int
  /// Memory for all workers together, in bytes; nil: no limit of the sweep's own.
  public var memory: Int?
  /// Memory that one run may use, in bytes; nil: as much as is estimated.
  public var runMemory: Int?
  /// How long a worker may take from its start to its hello, in seconds; at least 1.
  public var helloTimeout: Double
  /// How long a worker that reports progress may be silent while it has a run, in seconds; at least
  /// 1.
  public var heartbeatTimeout: Double
  /// How long runs may take to be checkpointed or to end when the sweep is interrupted, in seconds;
  /// from 1 to 3600.
  public var shutdownGracePeriod: Double

  /// The default of ``initialFailures``.
  public static let defaultInitialFailures = 20
  /// The default of ``helloTimeout``: programs that load large libraries from a file system that
  /// many others read at the time take long.
  public static let defaultHelloTimeout = 60.0
  /// The default of ``heartbeatTimeout``.
  public static let defaultHeartbeatTimeout = 60.0
  /// The default of ``shutdownGracePeriod``.
  public static let defaultShutdownGracePeriod = 10.0

  /// Limits.
  public init(
    attempts: Int = 3, initialFailures: Int = defaultInitialFailures, memory: Int? = nil,
    runMemory: Int? = nil, helloTimeout: Double = defaultHelloTimeout,
    heartbeatTimeout: Double = defaultHeartbeatTimeout,
    shutdownGracePeriod: Double = defaultShutdownGracePeriod
  ) {
    self.attempts = attempts
    self.initialFailures = initialFailures
    self.memory = memory
    self.runMemory = runMemory
    self.helloTimeout = helloTimeout
    self.heartbeatTimeout = heartbeatTimeout
    self.shutdownGracePeriod = shutdownGracePeriod
  }

  private enum CodingKeys: String, CodingKey {
    case attempts, memory
    case initialFailures = "initial_failures"
    case runMemory = "run_memory"
    case helloTimeout = "hello_timeout"
    case heartbeatTimeout = "heartbeat_timeout"
    case shutdownGracePeriod = "shutdown_grace_period"
  }
}
