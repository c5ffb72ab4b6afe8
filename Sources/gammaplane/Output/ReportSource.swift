import Figures
import Foundation
import LimitFit
import Model
import Orchestration
import Report
import ResultStore

/// What a report is made from.
struct ReportSource {
  let sweep: Sweep
  let context: SweepContext
  /// Open for reading.
  let store: ResultStore

  /// So many networks of a point are shown in each figure.
  private static let maxWidths = 3
  private static let maxLines = 12

  /// The report with all its points.
  func report() throws -> Report {
    let map = try presentFit(of: sweep, context, in: store)
    let pending = map.points.reduce(0) { $0 + $1.counts.pending }
    let caveats = pending > 0 ? ["Provisional: \(Formatting.count(pending, "run")) pending."] : []
    let curves = FittedCurves(try store.observations(of: sweep, quantity: context.orderParameter))
    let recorded = Dictionary(
      grouping: try store.records(of: sweep).filter { !$0.record.isEmpty }, by: \.run.setting
    ).mapValues { RecordedRuns.Choice($0, widths: Self.maxWidths, lines: Self.maxLines) }
    var report = Report(
      sweep: sweep, map: map, context: context.figures,
      failures: try store.failureGroups(of: sweep).map { group in
        FailureGroup(
          reason: group.example.reason, runs: group.runs, example: group.example.run,
          detail: group.example.detail, stderrTail: group.example.stderrTail)
      },
      provenance: FigureProvenance(of: sweep),
      origins: try store.provenances(of: sweep.problem.digest).map { recorded in
        ReportedOrigin(
          recorded.provenance, first: recorded.first.formatted(.iso8601),
          last: recorded.last.formatted(.iso8601), runs: recorded.runs)
      },
      networks: recorded.values.reduce(0) { $0 + $1.neurons.count }, caveats: caveats)
    for fit in map.points {
      try report.add(try point(fit, curves, recorded[fit.setting]))
    }
    return report
  }

  private func point(_ fit: PointFit, _ curves: FittedCurves, _ choice: RecordedRuns.Choice?) throws
    -> ReportedPoint
  {
    let recorded = try store.recorded(
      RunSet(sweep.restricted(to: fit.setting)), of: sweep.problem.digest)
    var point = ReportedPoint(
      fit: fit, runs: recorded.map(ReportedPoint.RunLine.init),
      curve: curves.curve(at: fit.setting, decadesBeyond: ScalingFigure.decadesBeyond))
    if fit.exponentSource == .computed {
      let limit = Run.limit(fit.setting).identity(of: sweep.problem.digest)
      point.rungs = try store.recordedArrays(of: limit).ladder?.rungs(of: context.orderParameter) ?? []
    }
    guard let choice else { return point }
    for record in choice.all {
      let arrays = try store.recordedArrays(of: record.identity)
      func add<Part>(_ part: Part?, of shown: Set<RunIdentity>, to runs: inout [PanelRun<Part>]) {
        guard let part, shown.contains(record.identity) else { return }
        runs.append(PanelRun(width: record.run.width, seed: record.run.seed, record: part))
      }
      if NeuronSnapshot.hasCosines(arrays) { point.abscissa = .cosine(.diagonal) }
      add(arrays.neurons, of: choice.neurons, to: &point.neurons)
      add(arrays.trajectory, of: choice.trajectories, to: &point.trajectories)
      add(arrays.function, of: choice.functions, to: &point.functions)
    }
    return point
  }
}

extension ReportedPoint.RunLine {
  /// What is recorded of a run.
  init(_ recorded: RecordedRun) {
    let result = recorded.record?.result
    let state: State = recorded.failure != nil ? .failed : result.map { .ended($0.outcome) } ?? .pending
    self.init(
      run: recorded.run, state: state, result: result, attempts: recorded.attempts,
      reason: recorded.failure?.reason ?? "", detail: recorded.failure?.detail ?? "",
      stderrTail: recorded.failure?.stderrTail ?? "")
  }
}
