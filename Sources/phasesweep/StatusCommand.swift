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
      let report = try SweepStatus(SweepReference(grid, results: results.folder))
      if json { try Console.print(json: report) } else { Console.print(report.text) }
      return
    }
    let references =
      json && SweepFolder.all(in: results.folder).isEmpty
      ? [] : try SweepReference.all(nil, results: results.folder)
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
    var runs: Int
    /// The first run that failed so.
    var example: Run
    var stderrTail: String

    enum CodingKeys: String, CodingKey {
      case reason, runs, example
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
  /// Who writes the database now; absent if nobody does.
  var writer: LockHolder?
  /// The picture; absent if there is none.
  var phaseMap: String?

  enum CodingKeys: String, CodingKey {
    case sweep, state, database, runs, widths, failures, writer
    case spentSeconds = "spent_seconds"
    case remainingSeconds = "remaining_cpu_seconds"
    case phaseMap = "phase_map"
  }

  init(_ reference: SweepReference) throws {
    let folder = reference.folder
    let store = try ResultStore.read(at: folder.database)
    let sweep = try reference.grid ?? store.sweep(named: folder.name)
    let progress = try store.progress(of: sweep)
    self.sweep = sweep.name
    database = folder.database
    runs = Counts(width: nil, progress.counts)
    widths = progress.widths.map { Counts(width: $0.width, $0.counts) }
    spentSeconds = progress.widths.reduce(0) { $0 + $1.wallSeconds }
    remainingSeconds = 0
    if runs.toDo > 0 {
      let model = CostModel()
      for observation in try store.observations(of: sweep) where observation.state == .pending {
        remainingSeconds += model.cost(at: observation.run.point, width: observation.run.width)
      }
    }
    failures = try Self.failures(in: store, of: sweep)
    writer = ResultStore.writer(of: folder.database)
    state = runs.toDo == 0 ? .finished : writer == nil ? .interrupted : .running
    phaseMap = FileManager.default.fileExists(atPath: folder.phaseMap) ? folder.phaseMap : nil
  }

  private static func failures(in store: ResultStore, of sweep: Sweep) throws -> [Failure] {
    Dictionary(grouping: try store.failures(of: sweep), by: \.reason).compactMap { reason, records in
      records.first.map {
        Failure(reason: reason, runs: records.count, example: $0.run, stderrTail: $0.stderrTail)
      }
    }.sorted { ($1.runs, $0.reason) < ($0.runs, $1.reason) }
  }

  /// A row in the list of all sweeps.
  var row: [String] {
    [sweep, "\(runs.total)", "\(runs.done)", "\(runs.failed)", "\(runs.toDo)", state.rawValue]
  }

  /// Everything about this sweep.
  var text: String {
    var lines = [
      "\(sweep): \(runs.done) of \(Formatting.count(runs.total, "run")) done "
        + "(\(Formatting.percent(runs.done, of: runs.total))), \(state.rawValue)",
      Formatting.table(
        [["width", "converged", "stalled", "budget", "failed", "to do"]] + (widths + [runs]).map(\.cells)),
      "time spent in runs: \(Formatting.duration(spentSeconds))",
    ]
    if runs.toDo > 0 { lines.append("CPU time to go:     about \(Formatting.duration(remainingSeconds))") }
    if let writer { lines.append("being written by \(writer)") }
    for failure in failures {
      let run = failure.example
      lines.append(
        "\(Formatting.count(failure.runs, "run")) failed: \(failure.reason)\n"
          + "  for example γ = \(run.point.gamma), γ' = \(run.point.gammaPrime), width \(run.width), seed "
          + "\(run.seed)")
      let tail = failure.stderrTail.split(separator: "\n").suffix(5)
      if !tail.isEmpty { lines.append(tail.map { "  | \($0)" }.joined(separator: "\n")) }
    }
    if !failures.isEmpty {
      lines.append("all failures: sqlite3 -readonly \(database) 'SELECT * FROM failures'")
    }
    if let phaseMap { lines.append("phase map: \(phaseMap)") }
    return lines.joined(separator: "\n")
  }
}
