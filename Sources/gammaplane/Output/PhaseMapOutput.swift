import Failpoints
import Figures
import Foundation
import LimitFit
import Model
import Orchestration
import ResultStore

/// Draws the phase map of a sweep into its folder, unless the file holds it already.
///
/// - Throws: ``Failure``.
@Sendable func drawPhaseMap(
  _ map: PhaseMap, _ sweep: Sweep, _ context: SweepContext, _ folder: SweepFolder
) throws {
  let figure = PhaseMapFigure(
    map: map, context: context.figures, title: "Phase diagram: \(sweep.name)",
    provenance: FigureProvenance(of: sweep))
  try writeFigure(
    Data(figure.svg().utf8), to: folder.phaseMap,
    remedy: "`gammaplane render \(sweep.name)`", beforeWriting: Failpoint.beforeFigure.pass)
}

extension SweepContext {
  /// What figures need to know of the names.
  var figures: FigureContext {
    FigureContext(plane: plane, orderParameter: orderParameter, description: description, theory: theory)
  }
}

extension FigureProvenance {
  /// The provenance of a figure of a sweep.
  init(of sweep: Sweep) {
    self.init(
      grid: sweep.name, digest: sweep.digest.description, problem: sweep.problem.digest.description,
      program: Program.nameAndVersion, fitMethod: PhaseMap.fitMethod)
  }
}

/// The fit of everything that is recorded of a sweep: the stored one while it is current, else a
/// fit of what is there now, which is not stored. A note tells of runs that are missing.
///
/// - Throws: ``Failure`` if all are.
func presentFit(of sweep: Sweep, _ context: SweepContext, in store: ResultStore) throws -> PhaseMap {
  let stored = try store.currentPhaseMap(
    of: sweep, orderParameter: context.orderParameter, plane: context.plane)
  let map = try stored ?? freshFit(of: sweep, context, in: store)
  let pending = map.points.reduce(0) { $0 + $1.counts.pending }
  // Not an empty picture in the place of an earlier one.
  guard pending == 0 || pending < map.points.reduce(0, { $0 + $1.counts.total }) else {
    throw Failure(
      .noInput,
      "\(sweep.name): none of the \(Formatting.count(pending, "run")) of the grid is recorded yet; first run it"
    )
  }
  if pending > 0 {
    Console.note("\(sweep.name): provisional, \(Formatting.count(pending, "run")) pending")
  }
  return map
}

/// The trends of a phase map in one line: "80 linear, 12 critical, 60 condensed, 17 undecided".
func trendSummary(_ map: PhaseMap, _ theory: (any Theory)?) -> String {
  let counts = Dictionary(grouping: map.points, by: \.trend).mapValues(\.count)
  return Trend.allCases.map { "\(counts[$0] ?? 0) \(theory?.caption($0) ?? $0.rawValue)" }
    .joined(separator: ", ")
}

/// How a phase map compares with a theory, in words under their heads; none without one.
func comparison(_ map: PhaseMap, _ theory: (any Theory)?) -> [(head: String, text: String)] {
  guard let theory else { return [] }
  let distance = BoundaryDistance(map, theory).map { ("boundary", $0.summary(theory, band: map.bandSource)) }
  return [("theory", Agreement(map, theory).summary(theory))] + [distance].compactMap { $0 }
}

extension SweepRunner.Outcome {
  /// Prints what came of a sweep.
  ///
  /// - Throws: why not everything is in the map.
  func report() throws {
    let lines =
      [("phase map", folder.phaseMap), ("trends", trendSummary(map, context.theory))]
      + comparison(map, context.theory)
    for (head, text) in lines {
      Console.print((head + ":").padding(toLength: 11, withPad: " ", startingAt: 0) + text)
    }
    if let shortage { Console.note(shortage) }
    if let failure { throw failure }
  }
}
