import ArgumentParser
import Foundation
import Grid
import LimitFit
import Model
import ResultStore

/// `phasesweep status`.
struct StatusCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "status",
    abstract: "Say how far sweeps are, and what failed.",
    discussion: """
      Only reads, and may be used while a sweep runs. Given a grid file, it counts the runs of that file; \
      given a name, those of the sweep as it was last run; given nothing, it lists all sweeps.
      """)

  @Argument(help: "A grid file, or the name of a sweep that has results (default: all sweeps).")
  var grid: String?

  @OptionGroup var results: ResultsOption

  @Flag(help: "One JSON value instead of tables.")
  var json = false

  mutating func run() async throws {
    if let grid {
      let report = try SweepStatus(SweepReference(grid, in: results))
      if json { try Console.print(json: report) } else { Console.print(report.text) }
      return
    }
    let references =
      json && SweepFolder.all(in: results.folder).isEmpty
      ? [] : try SweepReference.all(nil, in: results)
    let reports = try references.map { try SweepStatus($0) }
    if json {
      try Console.print(json: reports)
    } else {
      let head = ["sweep", "runs", "done", "failed", "to do", "state"]
      Console.print(Formatting.table([head] + reports.map(\.row), left: [0, 5]))
    }
  }
}

/// How far one sweep is.
struct SweepStatus: Encodable {
  struct Counts: Encodable {
    var width: Int?
    var total: Int
    var converged: Int
    var stalled: Int
    var budget: Int
    var failed: Int
    var toDo: Int

    init(width: Int?, _ counts: PointFit.Counts) {
      self.width = width
      total = counts.total
      converged = counts.converged
      stalled = counts.stalled
      budget = counts.budget
      failed = counts.failed
      toDo = counts.pending
    }

    enum CodingKeys: String, CodingKey {
      case width, total, converged, stalled, budget, failed
      case toDo = "to_do"
    }

    var done: Int { converged + stalled + budget }
    var cells: [String] {
      [width.map { "\($0)" } ?? "all"] + [converged, stalled, budget, failed, toDo].map { "\($0)" }
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

  /// `finished`, `running`, or `interrupted`: there are runs to do and nobody is at it.
  enum State: String, Encodable { case finished, running, interrupted }

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
  /// How many runs with a result are to be repeated, because more is to be kept of them.
  var lacking: Int
  /// Who writes the database now; absent if nobody does.
  var writer: LockHolder?
  /// The picture; absent if there is none.
  var phaseMap: String?

  enum CodingKeys: String, CodingKey {
    case sweep, state, database, runs, widths, failures, writer
    case lacking = "lacking_keep"
    case tooLarge = "too_large"
    case spentSeconds = "spent_seconds"
    case remainingSeconds = "remaining_cpu_seconds"
    case phaseMap = "phase_map"
  }

  init(_ reference: SweepReference) throws {
    let folder = reference.folder
    let store = try ResultStore.read(at: folder.database)
    let sweep = try reference.grid ?? store.sweep(named: folder.name)
    let model = CostModel(samples: sweep.problem.samples.count)
    var remaining = sweep.axes.points.reduce(0.0) { sum, point in
      sweep.axes.width.reduce(sum) { $0 + model.cost(at: point, width: $1) * Double(sweep.axes.seed.count) }
    }
    let progress = try store.progress(of: sweep) { remaining -= model.cost(at: $0.point, width: $0.width) }
    self.sweep = sweep.name
    database = folder.database
    runs = Counts(width: nil, progress.counts)
    widths = progress.widths.map { Counts(width: $0.width, $0.counts) }
    spentSeconds = progress.widths.reduce(0) { $0 + $1.wallSeconds }
    remainingSeconds = runs.toDo > 0 ? max(0, remaining) : 0
    failures = try store.failureGroups(of: sweep).map {
      Failure(
        reason: $0.example.reason, detail: $0.example.detail, runs: $0.runs, example: $0.example.run,
        stderrTail: $0.example.stderrTail)
    }
    tooLarge = progress.widths.reduce(0) { sum, width in
      sum + (model.memory(width: width.width) > sweep.limits.memory ?? .max ? width.counts.pending : 0)
    }
    lacking = progress.lacking
    writer = ResultStore.writer(of: folder.database)
    state = runs.toDo == 0 && lacking == 0 ? .finished : writer == nil ? .interrupted : .running
    phaseMap = FileManager.default.fileExists(atPath: folder.phaseMap) ? folder.phaseMap : nil
  }

  /// A row in the list of all sweeps.
  var row: [String] {
    [sweep, "\(runs.total)", "\(runs.done)", "\(runs.failed)", "\(runs.toDo)", state.rawValue]
  }

  /// The state, but that failed runs are no happy end.
  private var verdict: String {
    state == .finished && runs.failed > 0 ? "\(runs.failed) failed, nothing left to do" : state.rawValue
  }

  /// So many reasons of failures are spelt out.
  private static let reasonsShown = 10

  /// Everything about this sweep.
  var text: String {
    var lines = [
      "\(sweep): \(runs.done) of \(Formatting.count(runs.total, "run")) done "
        + "(\(Formatting.percent(runs.done, of: runs.total))), \(verdict)",
      Formatting.table(
        [["width", "converged", "stalled", "budget", "failed", "to do"]] + (widths + [runs]).map(\.cells)),
      "time spent in runs: \(Formatting.duration(spentSeconds))",
    ]
    if runs.toDo > 0 { lines.append("CPU time to go:     about \(Formatting.duration(remainingSeconds))") }
    if let writer { lines.append("being written by \(writer)") }
    if lacking > 0 {
      lines.append(
        "\(Formatting.count(lacking, "run")) will be repeated for what `keep` of the grid asks for besides")
    }
    if tooLarge > 0 {
      lines.append(
        "\(Formatting.count(tooLarge, "run")) to do need more memory than limits.memory allows; raise it")
    }
    for failure in failures.prefix(Self.reasonsShown) {
      let run = failure.example
      lines.append(
        "\(Formatting.count(failure.runs, "run")) failed: \(failure.reason)\n"
          + "  for example γ = \(run.point.gamma), γ' = \(run.point.gammaPrime), width \(run.width), seed "
          + "\(run.seed)" + (failure.detail.isEmpty ? "" : "\n  \(failure.detail)"))
      let tail = failure.stderrTail.split(separator: "\n").suffix(5)
      if !tail.isEmpty { lines.append(tail.map { "  | \($0)" }.joined(separator: "\n")) }
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
