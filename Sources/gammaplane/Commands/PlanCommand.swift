import ArgumentParser
import Dispatch
import GridFile
import Model
import ResultStore

/// `gammaplane plan`.
struct PlanCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "plan",
    abstract: "Say what a sweep would do, without doing it.",
    discussion: """
      Counts the runs of every width that are done, failed or to do, and estimates what they cost. What shards have \
      recorded counts as well. Changes nothing and needs no worker.
      """)

  @Argument(help: "A grid file.", completion: .file(extensions: ["yaml", "yml"]))
  var grid: String

  @OptionGroup var machine: MachineOptions
  @OptionGroup var results: ResultsOption

  @Flag(help: "One JSON value instead of a table.")
  var json = false

  @Flag(help: "More than ten million runs are meant.")
  var yes = false

  mutating func run() async throws {
    let sweep = try loadGrid(grid, allowHuge: yes)
    let folder = SweepFolder(results: results.folder, sweep: sweep)
    var store: ResultStore?
    do {
      store = try ResultStore.read(at: folder.database)
    } catch StoreError.missing {
      // Nothing has been run yet.
    }
    let memory = machine.memory(sweep.limits)
    let plan = try planning {
      let plan = try Plan(sweep: sweep, memory: memory, recordedIn: store)
      let isAllDone = plan.counts.toDo + plan.counts.tooLarge == 0
      // As `run` does, which merges them first.
      return isAllDone || ShardSet.all(in: folder).isEmpty
        ? plan : try Plan(sweep: sweep, memory: memory, recordedInShardsOf: folder)
    }
    let report = PlanReport(plan, of: sweep, workers: machine.workers, memory: memory)
    if json {
      try Console.print(json: report)
    } else {
      Console.print(report.text)
    }
  }
}

/// Makes a plan, and says so if it takes more than a second.
func planning<Result>(_ plan: () throws -> Result) rethrows -> Result {
  let notice = DispatchWorkItem { Console.note("planning …") }
  DispatchQueue.global().asyncAfter(deadline: .now() + 1, execute: notice)
  defer { notice.cancel() }
  return try plan()
}

extension Plan {
  /// The plan of a sweep that may use so much memory, given what is recorded; where nothing is, runs are counted without
  /// looking at each.
  init(sweep: Sweep, memory: Machine.Bound?, recordedIn store: ResultStore?) throws {
    var sweep = sweep
    sweep.limits.memory = memory?.value
    // A byte a run: a dictionary of a million identities would take seconds and hundreds of megabytes.
    var states: [PlanState] = []
    let count = RunSet(sweep).count
    try store?.forEachKnownRun(of: sweep) { index, run, known in
      if states.isEmpty { states = Array(repeating: .toDo, count: count) }
      let keep = sweep.record.isEmpty ? [] : sweep.recordNames(of: run)
      states[index] = PlanState(known, budget: sweep.budget, keep: keep)
    }
    if states.isEmpty {
      self.init(sweep: sweep)
    } else {
      self.init(sweep: sweep, states: states)
    }
  }
}

extension Plan {
  /// The plan of a sweep that may use so much memory, given what is in its database and in its shards.
  init(sweep: Sweep, memory: Machine.Bound?, recordedInShardsOf folder: SweepFolder) throws {
    var bounded = sweep
    bounded.limits.memory = memory?.value
    self.init(sweep: bounded, states: try Submission.known(of: sweep, in: folder, retryFailed: false))
  }
}

/// What `plan` says.
struct PlanReport: Encodable {
  struct Row: Encodable {
    var width: Int?
    var total: Int
    var done: Int
    var failed: Int
    var toDo: Int
    /// Runs without a result that need more memory than the sweep may use.
    var tooLarge: Int
    /// Expected CPU time of the runs to do, in seconds.
    var cpuSeconds: Double

    init(width: Int?, _ counts: Plan.Counts) {
      self.width = width
      total = counts.total
      done = counts.done
      failed = counts.failed
      toDo = counts.toDo
      tooLarge = counts.tooLarge
      cpuSeconds = counts.cost
    }

    enum CodingKeys: String, CodingKey {
      case width, total, done, failed
      case toDo = "to_do"
      case tooLarge = "too_large"
      case cpuSeconds = "cpu_seconds"
    }

    var cells: [String] {
      [
        width.map { "\($0)" } ?? "all", "\(done)", "\(failed)", "\(toDo)",
        toDo > 0 ? Formatting.duration(cpuSeconds) : "–",
      ]
    }
  }

  var sweep: String
  var runs: Row
  var widths: [Row]
  var workers: Int
  /// Expected wall time with so many workers, in seconds.
  var wallSeconds: Double
  /// Expected memory with so many workers, in bytes.
  var memory: Int
  /// What the runs that are too large need and may use, in bytes; nil if there are none.
  var memoryNeeded: Int?
  private let memoryLimit: Machine.Bound?

  enum CodingKeys: String, CodingKey {
    case sweep, runs, widths, workers
    case wallSeconds = "wall_seconds"
    case memory = "memory_bytes"
    case memoryNeeded = "memory_bytes_needed"
  }

  init(_ plan: Plan, of sweep: Sweep, workers: Int, memory limit: Machine.Bound?) {
    let model = CostModel(samples: sweep.problem.samples.count)
    self.sweep = sweep.name
    runs = Row(width: nil, plan.counts)
    widths = plan.widths.map { Row(width: $0.width, $0.counts) }
    self.workers = plan.workers(atMost: workers)
    memoryLimit = limit
    memoryNeeded = plan.widths.last { $0.counts.tooLarge > 0 }.map { model.memory(width: $0.width) }
    wallSeconds = plan.wallSeconds(workers: workers)
    memory = plan.memory(workers: workers)
  }

  var text: String {
    var lines = ["\(sweep): \(Formatting.count(runs.total, "run"))"]
    lines.append(
      Formatting.table([["width", "done", "failed", "to do", "CPU time"]] + (widths + [runs]).map(\.cells)))
    if runs.toDo > 0 {
      lines.append(
        "about \(Formatting.duration(wallSeconds)) and \(Formatting.bytes(memory)) with "
          + Formatting.count(workers, "worker"))
    } else if runs.tooLarge == 0 {
      lines.append("nothing to do")
    }
    if let shortage { lines.append(shortage) }
    return lines.joined(separator: "\n")
  }

  /// Which runs do not fit into the memory of the sweep; nil if all do.
  var shortage: String? {
    guard let memoryNeeded, let memoryLimit else { return nil }
    let names = widths.filter { $0.tooLarge > 0 }.compactMap { $0.width.map(String.init) }
    return
      "\(Formatting.count(runs.tooLarge, "run")) of width \(names.joined(separator: ", ")) cannot be done: "
      + "\(memoryLimit.source) is \(Formatting.bytes(memoryLimit.value)), and up to \(Formatting.bytes(memoryNeeded)) are needed"
  }
}
