import Figures
import Foundation
import LimitFit
import Model
import Networks
import Orchestration
import Report
import ResultStore
import Scheduling
import Synchronization
import Testing
import ToyFamily

/// A family that no file of the program mentions goes the whole way: planned, run, checkpointed,
/// stored, fitted, drawn and reported.
@Suite(.serialized) struct ToyFamilyTests {
  private static let families = NetworkFamilies([ToyFamily()])

  /// Lines that were logged; shows nothing.
  private final class SilentDisplay: SweepDisplay {
    let lines = Mutex<[String]>([])
    func note(_ text: String) { lines.withLock { $0.append(text) } }
    func print(_ text: String) { note(text) }
    func begin(name: String, done: Int, total: Int) {}
    func update(_ progress: SweepProgress) {}
    func tick(remaining: RemainingTime?, waiting: String?) {}
    func end() {}
  }

  private func runToy(in folder: URL) async throws -> SweepRunner.Outcome {
    let grid = folder.appendingPathComponent("toy.yaml").path
    try Data(
      """
      name: toy
      axes:
        power: [-0.5, 0, 0.75]
        width: [10, 31.5, 100, 1000]
        seed:  { count: 2 }
      record: [trajectory]

      """.utf8
    ).write(to: URL(fileURLWithPath: grid))
    setenv("GAMMAPLANE_WORKER", Products.path("toy-worker"), 1)
    defer { unsetenv("GAMMAPLANE_WORKER") }
    let display = SilentDisplay()
    let request = RunRequest(
      grid: grid, results: ResultsFolder(path: folder.path), resources: ResourceRequest(workers: 2),
      processes: ProcessRequest(watchdog: nil), families: Self.families)
    return try await SweepRunner(request, display: display) { map, sweep, context, folder in
      let svg = PhaseMapFigure(
        map: map, context: Self.figures(context), title: sweep.name, provenance: Self.provenance
      ).svg()
      try Data(svg.utf8).write(to: URL(fileURLWithPath: folder.phaseMap))
    }.run(Interruption(display))
  }

  private static let provenance = FigureProvenance(
    grid: "toy", digest: "", problem: "", program: "", fitMethod: "")

  private static func figures(_ context: SweepContext) -> FigureContext {
    FigureContext(
      plane: context.plane, orderParameter: context.orderParameter, description: context.description,
      theory: context.theory)
  }

  @Test func theWholeWay() async throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("toy-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let outcome = try await runToy(in: folder)
    #expect(outcome.failure == nil)
    #expect(outcome.map.orderParameter == "magnitude")
    #expect(outcome.map.plane == Plane(x: "power"))
    #expect(outcome.context.theory == nil)
    #expect(outcome.map.points.map(\.trend) == [.vanishing, .bounded, .growing])
    for fit in outcome.map.points {
      let power = try #require(fit.setting["power"])
      #expect(try abs(#require(fit.exponent).value - power) < 0.02)
      #expect(fit.expectedExponent == nil)
    }
    let svg = try String(contentsOfFile: outcome.folder.phaseMap, encoding: .utf8)
    #expect(svg.contains(">p</tspan>"), "in its symbol")
    #expect(!svg.contains("theory") && !svg.contains("Luo"))
    let store = try ResultStore.read(at: outcome.folder.database)
    let sweep = try store.sweep(named: "toy")
    let records = try store.records(of: sweep)
    #expect(records.count == 24)
    let record = try #require(records.first)
    #expect(try store.recordedArrays(of: record.identity).trajectory?.points.count == 11)
    #expect(record.provenance?.worker.hasPrefix("toy-worker") == true)
    try checkFigures(outcome, sweep, store)
    try checkReport(outcome, sweep, store)
  }

  private func checkFigures(
    _ outcome: SweepRunner.Outcome, _ sweep: Sweep, _ store: ResultStore
  ) throws {
    let context = Self.figures(outcome.context)
    let observations = try store.observations(of: sweep, quantity: outcome.context.orderParameter)
    let curves = FittedCurves(observations)
    let scaling = ScalingFigure(
      entries: outcome.map.points.map { fit in
        ScalingFigure.Entry(
          fit: fit, observations: observations.filter { $0.run.setting == fit.setting },
          curve: curves.curve(at: fit.setting, decadesBeyond: ScalingFigure.decadesBeyond))
      }, context: context, frame: PanelFrame(title: "toy", provenance: Self.provenance)
    ).svg()
    #expect(scaling.components(separatedBy: "class=\"panel\"").count == 4)
    for trend in ["vanishing", "bounded", "growing"] { #expect(scaling.contains("· \(trend)"), "\(trend)") }
    #expect(scaling.contains(">M</tspan>") && !scaling.contains("theory"))
    let record = try #require(try store.records(of: sweep).last)
    let trajectory = try #require(try store.recordedArrays(of: record.identity).trajectory)
    let course = TrajectoryFigure(
      RunPanels(
        entries: [
          RunPanels.Entry(
            setting: record.run.setting,
            runs: [PanelRun(width: record.run.width, seed: record.run.seed, record: trajectory)])
        ], context: context, frame: PanelFrame(title: "toy", provenance: Self.provenance)),
      target: sweep.problem.target)
    #expect(course.columns == ["magnitude"] && course.svg().contains("the number at the end"))
  }

  private func checkReport(
    _ outcome: SweepRunner.Outcome, _ sweep: Sweep, _ store: ResultStore
  ) throws {
    let observations = try store.observations(of: sweep, quantity: outcome.context.orderParameter)
    let curves = FittedCurves(observations)
    let records = Dictionary(grouping: try store.records(of: sweep), by: \.run.setting)
    func html() throws -> String {
      var report = Report(
        sweep: sweep, map: outcome.map, context: Self.figures(outcome.context), failures: [],
        provenance: Self.provenance,
        origins: try store.provenances(of: sweep.problem.digest).map {
          ReportedOrigin($0.provenance, first: "", last: "", runs: $0.runs)
        })
      for fit in outcome.map.points {
        let records = records[fit.setting] ?? []
        try report.add(
          ReportedPoint(
            fit: fit,
            runs: records.map {
              ReportedPoint.RunLine(run: $0.run, state: .ended($0.result.outcome), result: $0.result)
            },
            curve: curves.curve(at: fit.setting, decadesBeyond: ScalingFigure.decadesBeyond),
            trajectories: try records.compactMap { record in
              try store.recordedArrays(of: record.identity).trajectory.map {
                PanelRun(width: record.run.width, seed: record.run.seed, record: $0)
              }
            }))
      }
      return try report.html()
    }
    let page = try html()
    #expect(try html() == page, "the same results give the same bytes")
    for words in ["a number that grows as a power of the width", "the number at the end", "toy/1", "31.5"] {
      #expect(page.contains(words), "\(words)")
    }
    #expect(page.contains("1 vanishing, 1 bounded, 1 growing, 0 undecided"))
    #expect(!page.contains("Luo") && !page.contains("Theory"))
  }

  @Test func aSecondRunHasNothingToDo() async throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("toy-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let first = try await runToy(in: folder)
    let second = try await runToy(in: folder)
    #expect(first.map == second.map)
  }

  @Test func aSuspendedRunEndsAsAnotherOne() throws {
    let family = ToyFamily()
    let problem = Problem(method: "toy/1")
    let run = Run(["power": 0.3], width: 250, seed: 3)
    let file = CheckpointFile(
      path: FileManager.default.temporaryDirectory.appendingPathComponent("toy-\(UUID().uuidString)").path)
    defer { file.remove() }
    var whole = try family.start(run, of: problem, options: FlowOptions())
    var ending: FlowEnding?
    while ending == nil { ending = whole.step(within: .default) }
    var part = try family.start(run, of: problem, options: FlowOptions())
    for _ in 0..<4 { #expect(part.step(within: .default) == nil) }
    try file.write(part, run, of: problem)
    var rest = try #require(try file.resume(run, of: problem, by: family))
    #expect(rest.state.steps == 4)
    var resumed: FlowEnding?
    while resumed == nil { resumed = rest.step(within: .default) }
    #expect(resumed == ending)
  }
}
