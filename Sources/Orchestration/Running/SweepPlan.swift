import Dispatch
import Model
import Networks
import Planning
import ResultStore

/// Makes a plan, with a note if it takes more than a second.
package func noting<Result>(_ log: any MessageLog, _ plan: () throws -> Result) rethrows -> Result {
  let notice = DispatchWorkItem { log.note("planning …") }
  DispatchQueue.global().asyncAfter(deadline: .now() + 1, execute: notice)
  defer { notice.cancel() }
  return try plan()
}

extension Plan {
  /// The plan of a sweep that may use so much memory, given what is recorded; where nothing is,
  /// runs are counted without looking at each.
  package init(
    sweep: Sweep, families: NetworkFamilies, memory: Machine.Bound?, recordedIn store: ResultStore?
  ) throws {
    var sweep = sweep
    sweep.limits.memory = memory?.value
    // A byte a run: a dictionary of a million identities would take seconds and hundreds of
    // megabytes.
    var states: [PlanState] = []
    let count = RunSet(sweep).count
    try store?.forEachKnownRun(of: sweep) { index, run, known in
      if states.isEmpty { states = Array(repeating: .toDo, count: count) }
      let record = sweep.recordNames(of: run)
      states[index] = PlanState(known, budget: sweep.budget, record: record)
    }
    if states.isEmpty {
      self.init(sweep: sweep, families: families)
    } else {
      self.init(sweep: sweep, families: families, states: states)
    }
  }
}

extension Plan {
  /// The plan of a sweep that may use so much memory, given what is in its database and in its
  /// shards.
  package init(
    sweep: Sweep, families: NetworkFamilies, memory: Machine.Bound?,
    recordedInShardsOf folder: SweepFolder, _ log: any MessageLog
  ) throws {
    var bounded = sweep
    bounded.limits.memory = memory?.value
    self.init(
      sweep: bounded, families: families,
      states: try Submission.known(of: sweep, in: folder, retryFailed: false, log))
  }
}

extension Plan {
  /// The plan of a sweep that may use so much memory, given what is recorded in a folder: as `run`
  /// makes it, which merges shards first.
  package init(
    sweep: Sweep, families: NetworkFamilies, memory: Machine.Bound?,
    recordedAnywhereIn folder: SweepFolder, _ log: any MessageLog
  ) throws {
    let store = try folder.store(mayBeMissing: true)
    let plan = try noting(log) {
      try Plan(sweep: sweep, families: families, memory: memory, recordedIn: store)
    }
    let isAllDone = plan.counts.toDo + plan.counts.tooLarge == 0
    guard !isAllDone, !ShardSet.all(in: folder).isEmpty else {
      self = plan
      return
    }
    self = try noting(log) {
      try Plan(sweep: sweep, families: families, memory: memory, recordedInShardsOf: folder, log)
    }
  }
}

/// The plan in numbers, for people and programs.
package struct PlanReport: Encodable {
  package struct Row: Encodable {
    package var width: Double?
    package var total: Int
    package var done: Int
    package var failed: Int
    package var toDo: Int
    /// Runs without a result that need more memory than the sweep may use.
    package var tooLarge: Int
    /// Expected CPU time of the runs to do, in seconds.
    package var cpuSeconds: Double

    package init(width: Double?, _ counts: Plan.Counts) {
      self.width = width
      total = counts.total
      done = counts.done
      failed = counts.failed
      toDo = counts.toDo
      tooLarge = counts.tooLarge
      cpuSeconds = counts.cost
    }

    package enum CodingKeys: String, CodingKey {
      case width, total, done, failed
      case toDo = "to_do"
      case tooLarge = "too_large"
      case cpuSeconds = "cpu_seconds"
    }

    package var cells: [String] {
      [
        width.map(formattedNumber) ?? "all", "\(done)", "\(failed)", "\(toDo)",
        toDo > 0 ? Formatting.duration(cpuSeconds) : "–",
      ]
    }
  }

  package var sweep: String
  package var runs: Row
  package var widths: [Row]
  package var workers: Int
  /// Expected wall time with so many workers, in seconds.
  package var wallSeconds: Double
  /// Expected memory with so many workers, in bytes.
  package var memory: Int
  /// What the runs that are too large need and may use, in bytes; nil if there are none.
  package var memoryNeeded: Int?
  private let memoryLimit: Machine.Bound?

  package enum CodingKeys: String, CodingKey {
    case sweep, runs, widths, workers
    case wallSeconds = "wall_seconds"
    case memory = "memory_bytes"
    case memoryNeeded = "memory_bytes_needed"
  }

  package init(
    _ plan: Plan, of sweep: Sweep, families: NetworkFamilies, workers: Int, memory limit: Machine.Bound?
  ) {
    self.sweep = sweep.name
    runs = Row(width: nil, plan.counts)
    widths = plan.widths.map { Row(width: $0.width, $0.counts) }
    self.workers = plan.workers(atMost: workers)
    memoryLimit = limit
    memoryNeeded = plan.counts.tooLarge > 0 ? plan.maxMemoryOfTooLarge : nil
    wallSeconds = plan.wallSeconds(workers: workers)
    memory = plan.memory(workers: workers)
  }

  package var text: String {
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
  package var shortage: String? {
    guard let memoryNeeded, let memoryLimit else { return nil }
    let names = widths.filter { $0.tooLarge > 0 }.compactMap { $0.width.map(formattedNumber) }
    return
      "\(Formatting.count(runs.tooLarge, "run")) of width \(names.joined(separator: ", ")) cannot be done: "
      + "\(Formatting.bytes(memoryLimit.value)) may be used (\(memoryLimit.source)), and up to "
      + "\(Formatting.bytes(memoryNeeded)) are needed"
  }
}
