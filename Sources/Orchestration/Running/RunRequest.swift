import Model
import Networks
import Platform
import Scheduling

/// What to run, and with what.
package struct RunRequest: Sendable {
  /// Which failed runs are done again.
  package enum Retries: Hashable, Sendable {
    /// None.
    case none
    /// All.
    case all
    /// Those with this cause, or with this in their reason.
    case reason(String)
  }

  /// The path of a grid file.
  package var grid: String
  /// The folder that holds the sweep's folder.
  package var results: ResultsFolder
  /// What it may use of the machine.
  package var resources: ResourceRequest
  /// How its processes run.
  package var processes: ProcessRequest
  /// Which failed runs are done again.
  package var retries: Retries
  /// Whether more than ten million runs are meant.
  package var allowHuge: Bool
  /// Whether results of a worker of one's own may stand beside those of another command line of it.
  package var acceptsWorkerChange: Bool
  /// Runs only so many, chosen at random; nil: all.
  package var sample: Int?
  /// The networks that the program knows.
  package var families: NetworkFamilies

  /// A request.
  package init(
    grid: String, results: ResultsFolder, resources: ResourceRequest = ResourceRequest(),
    processes: ProcessRequest = ProcessRequest(), retries: Retries = .none, allowHuge: Bool = false,
    acceptsWorkerChange: Bool = false, sample: Int? = nil, families: NetworkFamilies = .builtIn
  ) {
    self.sample = sample
    self.grid = grid
    self.results = results
    self.resources = resources
    self.processes = processes
    self.retries = retries
    self.allowHuge = allowHuge
    self.acceptsWorkerChange = acceptsWorkerChange
    self.families = families
  }
}

/// What a sweep may use of the machine, as far as the user asks.
package struct ResourceRequest: Hashable, Sendable {
  /// How many runs at the same time; nil: as many as there are cores to use.
  package var workers: Int?
  /// Memory for all workers together, in bytes; nil: what grid and machine allow.
  package var memory: Int?

  /// A request.
  package init(workers: Int? = nil, memory: Int? = nil) {
    self.workers = workers
    self.memory = memory
  }

  /// The number asked for, or that of the cores that may be used.
  package var workerCount: Int { workers ?? Machine().cores.value }

  /// How much memory the runs of a sweep may use together, and where that bound comes from; nil if
  /// there is none.
  ///
  /// - Parameter machine: nil: whatever the machine.
  package func memory(_ limits: Limits, on machine: Machine? = Machine()) -> Machine.Bound? {
    var bounds = machine?.memoryBounds ?? []
    if let grid = limits.memory { bounds.append(Machine.Bound(value: grid, source: "limits.memory")) }
    if let memory { bounds.append(Machine.Bound(value: memory, source: "--memory")) }
    return bounds.min { $0.value < $1.value }
  }

  /// How many workers to start: no more than there are runs, nor than there are file descriptors
  /// for.
  ///
  /// - Throws: ``Failure`` if there is not a single one.
  package func workers(atMost runs: Int, _ log: some MessageLog) throws -> Int {
    let wanted = min(workerCount, runs)
    let possible = Descriptors.workersPossible()
    guard possible > 0 else {
      throw Failure(
        .cannotOpen, "too few files may be open at once to start a worker; raise the limit (`ulimit -n 1024`)"
      )
    }
    if wanted > possible {
      log.note(
        "\(Formatting.count(possible, "worker")) instead of \(wanted), because few files may be open at once "
          + "(`ulimit -n`)")
    }
    return min(wanted, possible)
  }
}

/// How the processes of a sweep run.
package struct ProcessRequest: Hashable, Sendable {
  /// The scheduling priority, from 0 to 19, of this process and all workers; nil: as it is.
  package var niceness: Int?
  /// Whether every worker is kept to one core of its own, as far as there are enough.
  package var isPinned: Bool
  /// The process that kills the workers should this one die; nil: none.
  package var watchdog: WorkerCommand?

  /// A request.
  package init(
    niceness: Int? = nil, isPinned: Bool = false, watchdog: WorkerCommand? = ownProgram("watchdog")
  ) {
    self.niceness = niceness
    self.isPinned = isPinned
    self.watchdog = watchdog
  }

  /// Gives this process the niceness that was asked for; its children inherit it.
  package func apply() {
    if let niceness { Niceness.set(niceness) }
  }
}
