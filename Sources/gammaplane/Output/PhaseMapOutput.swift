import Failpoints
import Figures
import Foundation
import LimitFit
import Model
import ResultStore

/// Writes the picture of a phase map, unless the file holds it already.
///
/// - Returns: whether the file changed.
/// - Throws: ``Failure``.
@discardableResult
func writeFigure(
  of map: PhaseMap, sweep: Sweep, in folder: SweepFolder, results: ResultsOption
) throws -> Bool {
  let figure = PhaseMapFigure(
    map: map, title: "Phase diagram: \(sweep.name)", provenance: Provenance(of: sweep))
  return try writeFigure(
    Data(figure.svg().utf8), to: folder.phaseMap, remedy: results.command("render", sweep.name),
    beforeWriting: Failpoint.beforeFigure.pass)
}

/// The fit of everything that is recorded of a sweep, which is stored if it is new.
func fitAndSave(_ sweep: Sweep, in store: ResultStore) throws -> PhaseMap {
  Failpoint.beforeFit.pass()
  if let map = try store.currentPhaseMap(of: sweep) { return map }
  let observations = try store.observations(of: sweep)
  let map = PhaseMap.fit(
    observations: observations, axes: sweep.axes, antisymmetric: sweep.problem.network.antisymmetric)
  try store.save(map, of: sweep)
  return map
}

/// The stored fit of a sweep, and whether it is that of the runs that are recorded now; if not, a note says so.
///
/// - Throws: ``Failure`` if there is none.
func storedFit(of sweep: Sweep, in store: ResultStore, results: ResultsOption) throws
  -> (map: PhaseMap, isCurrent: Bool)
{
  let command = results.command("fit", sweep.name)
  guard let map = try store.phaseMap(of: sweep) else {
    throw Failure(.noInput, "there is no fit of \(sweep.name) yet; make one with \(command)")
  }
  let isCurrent = try store.currentPhaseMap(of: sweep) != nil
  if !isCurrent {
    Console.note(
      "the stored fit of \(sweep.name) is older than its runs or its grid; \(command) makes it again")
  }
  return (map, isCurrent)
}

/// The verdicts of a phase map in one line: "80 linear, 12 critical, 60 condensed, 17 undecided".
func verdictSummary(_ map: PhaseMap) -> String {
  let counts = Dictionary(grouping: map.points, by: \.trend).mapValues(\.count)
  return Trend.allCases.map { "\(counts[$0] ?? 0) \($0.rawValue)" }.joined(separator: ", ")
}
