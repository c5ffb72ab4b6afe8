import Foundation
import GridFile
import LimitFit
import Model
import Networks
import Orchestration
import Planning
import Platform
import ResultStore

/// How far one sweep is.
struct SweepStatus: Encodable {
  struct Counts: Encodable {
    var width: Double?
    var total: Int
    var converged: Int
    var stationary: Int
    var budgetExhausted: Int
    var diverged: Int
    var failed: Int
    var toDo: Int

    init(width: Double?, _ counts: PointFit.Counts) {
      self.width = width
      total = counts.total
      converged = counts.converged
      stationary = counts.stationary
      budgetExhausted = counts.budgetExhausted
      diverged = counts.diverged
      failed = counts.failed
      toDo = counts.pending
    }

    enum CodingKeys: String, CodingKey {
      case width, total, converged, stationary, diverged, failed
      case budgetExhausted = "budget_exhausted"
      case toDo = "to_do"
    }

    var done: Int { converged + stationary + budgetExhausted + diverged }
    var cells: [String] {
      [width.map(formattedNumber) ?? "all"]
        + [converged, stationary, budgetExhausted, diverged, failed, toDo].map { "\($0)" }
    }
  }

  struct Failure: Encodable {
    var reason: String
    /// What is particular to the example; may be empty.
    var detail: String
    var runs: Int
    /// The first run that failed so.
    var example: Run
    var stderrTail: String

    enum CodingKeys: String, CodingKey {
      case reason, detail, runs, example
      case stderrTail = "stderr_tail"
    }
  }

  /// `finished`; `running`; `queued`: tasks of a cluster wait; `unmerged`: all is done, and part of
  /// it in shards; `unknown`: there are tasks, and the cluster does not answer; or `interrupted`:
  /// there are runs to do and no process runs them.
  enum State: String, Encodable {
    case finished, running, queued, unmerged, unknown, interrupted

    /// Whether it may change by itself.
    var goesOn: Bool { [.running, .queued, .unknown].contains(self) }
  }

  var sweep: String
  var state: State
  var database: String
  var runs: Counts
  var widths: [Counts]
  /// Wall time of all recorded runs, summed, in seconds.
  var spentSeconds: Double
  /// Expected CPU time of the runs without a result, in seconds.
  var remainingSeconds: Double
  var failures: [Failure]
  /// How many of the runs to do need more memory than the sweep may use.
  var tooLarge: Int
  /// Who says how much that is.
  private let memorySource: String
  /// Results that are in shards and not in the database.
  private let unmerged: Int
  private let reference: SweepReference
  /// How many runs with a result are to be repeated, because more is to be recorded of them.
  var lacking: Int
  /// Who writes the database now; absent if none does.
  var writer: LockHolder?
  /// The session of the process that writes it; absent if there is none.
  var session: SessionFile?
  /// The shards; absent if there are none.
  var shards: TaskTable?
  /// The picture; absent if there is none.
  var phaseMap: String?

  enum CodingKeys: String, CodingKey {
    case sweep, state, database, runs, widths, failures, writer, session, shards
    case lacking = "lacking_record"
    case tooLarge = "too_large"
    case spentSeconds = "spent_seconds"
    case remainingSeconds = "remaining_cpu_seconds"
    case phaseMap = "phase_map"
  }

  /// - Parameters:
  ///   - queue: what the cluster says of its queue, if it has to be asked.
  ///   - machine: where the sweep would be run.
  init(
    _ reference: SweepReference, families: NetworkFamilies = .builtIn,
    queue: QueueSnapshot = QueueSnapshot(), on machine: Machine = Machine()
  ) throws {
    let folder = reference.folder
    let view = SubmissionView(folder, queue: queue)
    let store = try folder.store(mayBeMissing: !view.isEmpty)
    let sweep = try reference.grid ?? folder.sweep(in: store)
    let costs = RunEstimates(sweep, families: families)
    let progress = try store?.progress(of: sweep) ?? .none(of: sweep)
    self.sweep = sweep.name
    database = folder.database
    runs = Counts(width: nil, progress.counts)
    widths = progress.widths.map { Counts(width: $0.width, $0.counts) }
    spentSeconds = progress.widths.reduce(0) { $0 + $1.wallSeconds }
    // Where nothing is to do, a million estimates are not needed.
    remainingSeconds = runs.toDo > 0 ? try Self.remaining(of: sweep, costs, in: store) : 0
    let groups = if let store { try store.failureGroups(of: sweep) } else { [FailureGroup]() }
    failures = groups.map {
      Failure(
        reason: $0.example.reason, detail: $0.example.detail, runs: $0.runs, example: $0.example.run,
        stderrTail: $0.example.stderrTail)
    }
    lacking = progress.lacking
    writer = ResultStore.writer(of: folder.database)
    // What another machine allows is not known here.
    let isHere = writer.map { $0.host == LockHolder.current.host } ?? true
    let bound = ResourceRequest().memory(sweep.limits, on: isHere ? machine : nil)
    memorySource = bound?.source ?? ""
    let setting = RunSet(sweep).settings.first ?? .none
    tooLarge = progress.widths.reduce(0) { sum, width in
      let needed = costs.estimate(Run(setting, width: width.width, seed: 0)).bytes
      return sum + (needed > bound?.value ?? .max ? width.counts.pending : 0)
    }
    session = SessionFile.read(from: folder.session, of: writer)
    shards = view.isEmpty ? nil : TaskTable(view)
    unmerged = min(shards?.unmerged ?? 0, runs.toDo)
    // What a shard has reported, and what is damaged in it, may have been done again.
    shards?.unmerged = unmerged
    if runs.toDo == 0 && lacking == 0 {
      state = .finished
    } else if writer != nil || shards?.runs == true {
      state = .running
    } else if shards?.waits == true {
      state = .queued
    } else if unmerged == runs.toDo && lacking == 0 {
      state = .unmerged
    } else {
      state = shards?.isUnknown == true ? .unknown : .interrupted
    }
    self.reference = reference
    // Without results, the picture is of another problem.
    phaseMap =
      runs.done > 0 && FileManager.default.fileExists(atPath: folder.phaseMap) ? folder.phaseMap : nil
  }

  /// The name, with the folder where that is not the one in which `run` would have it.
  private var title: String {
    let folder = reference.folder
    return folder.isHome ? sweep : "\(sweep) in \(folder.folderName)"
  }

  /// The expected CPU seconds of the runs that have not ended: their estimates, times what those
  /// that have ended took of theirs.
  private static func remaining(
    of sweep: Sweep, _ costs: RunEstimates, in store: ResultStore?
  ) throws -> Double {
    let total = costs.seconds(of: RunSet(sweep))
    var ended = 0.0
    let progress = try store?.progress(of: sweep) {
      let run = Run($0.setting, width: $0.width, seed: 0)
      ended += Double($0.ended) * costs.estimate(run).seconds
    }
    let spent = progress?.widths.reduce(0) { $0 + $1.wallSeconds } ?? 0
    let ratio = spent > 0 && ended > 0 ? spent / ended : 1
    return max(0, total - ended) * ratio
  }

  /// A row in the list of all sweeps.
  var row: [String] {
    [
      title, "\(runs.total)", "\(runs.done + unmerged)", "\(runs.failed)", "\(runs.toDo - unmerged)",
      state.rawValue,
    ]
  }

  /// The state, and failed runs where all else is done.
  private var summary: String {
    state == .finished && runs.failed > 0 ? "\(runs.failed) failed, nothing left to do" : state.rawValue
  }

  /// So many runs under way are listed.
  private static let activeShown = 20

  /// What a session under way does.
  private static func lines(_ session: SessionFile) -> [String] {
    var words = [
      String(format: "%.3g runs a second", session.rate),
      "\(Formatting.count(session.recorded, "run")) recorded in this session",
    ]
    if let range = session.etaRange, let low = range.first, let high = range.last {
      words.insert("about \(Formatting.durations(low, high)) to go", at: 1)
    }
    if session.stopping { words.append("stopping: no more runs are started") }
    var lines = [words.joined(separator: ", ")]
    guard !session.active.isEmpty else { return lines }
    let names = session.active.first?.setting.names ?? []
    let head =
      ["worker", "pid"] + names + ["width", "seed", "attempt", "since", "steps", "time"]
      + (session.active.first { !$0.quantities.isEmpty }?.quantities.names ?? [])
    let longest = session.active.sorted { $0.seconds > $1.seconds }.prefix(activeShown)
    let rows = longest.map { run in
      ["\(run.worker)", "\(run.pid)"] + run.setting.values.map(formattedNumber)
        + [
          formattedNumber(run.width), "\(run.seed)", "\(run.attempt)", Formatting.duration(run.seconds),
          run.steps.map { "\($0)" } ?? "–", run.time.map { String(format: "%.4g", $0) } ?? "–",
        ] + run.quantities.values.map { String(format: "%.3g", $0) }
    }
    lines.append(Formatting.table([head] + rows))
    let more = session.active.count - longest.count
    if more > 0 { lines.append("  and \(Formatting.count(more, "more run")) under way") }
    return lines
  }

  /// So many reasons of failures are spelt out.
  private static let reasonsShown = 10

  /// Everything about this sweep.
  var text: String {
    var lines = [
      "\(title): \(runs.done + unmerged) of \(Formatting.count(runs.total, "run")) done "
        + "(\(Formatting.percent(runs.done + unmerged, of: runs.total))), \(summary)"
    ]
    if unmerged > 0 {
      lines.append("in the database, without about \(Formatting.count(unmerged, "result")) in shards:")
    }
    lines += [
      Formatting.table(
        [["width", "converged", "stationary", "budget exhausted", "diverged", "failed", "to do"]]
          + (widths + [runs]).map(\.cells)),
      "time spent in runs: \(Formatting.duration(spentSeconds))",
    ]
    if runs.toDo > 0 { lines.append("CPU time to go:     about \(Formatting.duration(remainingSeconds))") }
    if let writer { lines.append("being written by \(writer)") }
    if let session { lines += Self.lines(session) }
    if let shards {
      lines += shards.lines(
        submit: reference.gridCommand("submit", "slurm"), merge: reference.command("merge"))
    }
    if lacking > 0 {
      lines.append(
        "\(Formatting.count(lacking, "run")) will be repeated for what `record` of the grid asks for besides")
    }
    if tooLarge > 0 {
      lines.append(
        "\(Formatting.count(tooLarge, "run")) to do \(tooLarge == 1 ? "needs" : "need") more memory than \(memorySource) allows; raise it"
      )
    }
    for failure in failures.prefix(Self.reasonsShown) {
      let run = failure.example
      lines.append(
        "\(Formatting.count(failure.runs, "run")) failed: \(Formatting.line(failure.reason))\n"
          + "  for example \(run.text)")
      let detail = Formatting.lines(failure.detail, after: "  ", first: 10)
      let tail = Formatting.lines(failure.stderrTail, after: "  | ", last: 5)
      lines += [detail, tail].filter { !$0.isEmpty }
    }
    let more = failures.count - Self.reasonsShown
    if more > 0 { lines.append("and \(Formatting.count(more, "more reason"))") }
    if !failures.isEmpty {
      lines.append("all failures: sqlite3 -readonly \(shellQuoted(database)) 'SELECT * FROM failures'")
    }
    if let phaseMap { lines.append("phase map: \(phaseMap)") }
    return lines.joined(separator: "\n")
  }
}
