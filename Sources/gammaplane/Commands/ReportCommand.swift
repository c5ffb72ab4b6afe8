import ArgumentParser
import Figures
import Foundation
import LimitFit
import Model
import Report
import ResultStore

/// `gammaplane report`.
struct ReportCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "report",
    abstract: "Write a sweep as one HTML file: the map, and behind every cell its figures and runs.",
    discussion: """
      Writes report.html in the sweep's folder, or what --output names, and prints its path. The file needs no network and \
      nothing else: open it in a browser, keep it, or send it. The same results give the same bytes. Only reads the \
      database. Figures of neurons, trajectories and functions are there where the grid says `keep`.
      """)

  @Argument(help: "A grid file, or the name of a sweep that has results (default: all sweeps).")
  var grid: String?

  @Option(
    name: .shortAndLong,
    help: "The file to write (default: report.html in the folder of the sweep); - is standard output.",
    completion: .file())
  var output: String?

  @OptionGroup var results: ResultsOption

  mutating func run() async throws {
    if let output, output != "-" { try OutputFile.checkName(output, option: "--output") }
    let references =
      output == nil ? try SweepReference.all(grid, in: results) : [try SweepReference.only(grid, in: results)]
    for reference in references {
      let store = try ResultStore.read(at: reference.folder.database)
      let sweep = try store.sweep(named: reference.folder.name)
      let page = Data(try ReportSource(sweep: sweep, store: store, results: results).report().html().utf8)
      if let output {
        try OutputFile.write(page, to: output)
      } else {
        let path = reference.folder.report
        try writeFigure(page, to: path, remedy: results.command("report", sweep.name))
        Console.print(path)
      }
    }
  }
}

/// What a report is made from.
struct ReportSource {
  let sweep: Sweep
  /// Open for reading.
  let store: ResultStore
  let results: ResultsOption

  /// So many networks of a point are shown in each figure.
  private static let mostWidths = 3
  private static let mostLines = 12

  /// The report with all its points.
  ///
  /// - Throws: ``Failure`` if there is no fit.
  func report() throws -> Report {
    let (map, isCurrent) = try storedFit(of: sweep, in: store, results: results)
    var caveats: [String] = []
    if !isCurrent {
      // Without the folder of this machine: the file may go elsewhere.
      caveats.append(
        "The fit is older than the runs or the grid; “gammaplane fit \(sweep.name)” makes it again.")
    }
    let curves = FittedCurves(try store.observations(of: sweep))
    let kept = Dictionary(grouping: try store.records(of: sweep).filter { !$0.keep.isEmpty }, by: \.run.point)
      .mapValues { KeptRuns.Choice($0, widths: Self.mostWidths, lines: Self.mostLines) }
    var report = Report(
      sweep: sweep, map: map,
      failures: try store.failureGroups(of: sweep).map { group in
        Report.FailureGroup(
          reason: group.example.reason, runs: group.runs, example: group.example.run,
          detail: group.example.detail,
          lastWords: group.example.stderrTail)
      },
      provenance: Provenance(of: sweep), networks: kept.values.reduce(0) { $0 + $1.neurons.count },
      caveats: caveats)
    for fit in map.points {
      try report.add(try point(fit, curves, kept[fit.point]))
    }
    return report
  }

  private func point(_ fit: PointFit, _ curves: FittedCurves, _ kept: KeptRuns.Choice?) throws
    -> ReportedPoint
  {
    let recorded = try store.recorded(RunSet(sweep.restricted(to: fit.point)), of: sweep.problem.digest)
    var point = ReportedPoint(
      fit: fit, runs: recorded.map(ReportedPoint.RunLine.init),
      curve: curves.curve(at: fit.point, decadesBeyond: ScalingFigure.decadesBeyond))
    guard let kept else { return point }
    for record in kept.all {
      let flow = try store.flowRecord(of: record.identity)
      func add<Kept>(_ part: Kept?, of shown: Set<RunIdentity>, to runs: inout [KeptRun<Kept>]) {
        guard let part, shown.contains(record.identity) else { return }
        runs.append(KeptRun(width: record.run.width, seed: record.run.seed, kept: part))
      }
      add(flow.neurons, of: kept.neurons, to: &point.neurons)
      add(flow.trajectory, of: kept.trajectories, to: &point.trajectories)
      add(flow.function, of: kept.functions, to: &point.functions)
    }
    return point
  }
}

extension ReportedPoint.RunLine {
  /// What is recorded of a run.
  init(_ recorded: RecordedRun) {
    let result = recorded.record?.result
    var state =
      switch result?.outcome {
      case .converged: State.converged
      case .stationary: State.stationary
      case .budget: State.budget
      case nil: State.pending
      }
    if recorded.failure != nil { state = .failed }
    self.init(
      run: recorded.run, state: state, result: result,
      attempts: recorded.attempts,
      reason: recorded.failure?.reason ?? "",
      detail: recorded.failure?.detail ?? "", lastWords: recorded.failure?.stderrTail ?? "")
  }
}
