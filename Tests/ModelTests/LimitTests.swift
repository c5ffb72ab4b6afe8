import Foundation
import Testing

@testable import Model

/// Runs of infinite width.
struct LimitTests {
  private let axes = Axes(parameters: ["x": [0, 1], "y": [2, 3, 4]], width: [10, 100], seed: [5, 6])

  private func sweep(limit: Bool, include: [Axes] = []) -> Sweep {
    Sweep(name: "s", axes: axes, include: include, problem: Problem(method: "m"), limit: limit)
  }

  @Test func everySettingHasOneLimit() throws {
    let more = Axes(parameters: ["x": [1, 7], "y": [2]], width: [], seed: [])
    let runs = RunSet(sweep(limit: true, include: [more]))
    let settings = Set(axes.settings + more.settings)
    #expect(Set(runs.filter(\.isLimit)) == Set(settings.map { Run.limit($0) }))
    #expect(runs.count == axes.runCount + settings.count)
    #expect(runs.filter { !$0.isLimit } == Array(axes.runs))
    // Limits have no seeds, so that they say nothing of those that all cells have.
    #expect(runs.commonSeeds == axes.seed)
    for (index, run) in runs.enumerated() { #expect(runs.index(of: run) == index) }
    #expect(!RunSet(sweep(limit: false)).contains { $0.isLimit })
  }

  @Test func oneSettingHasOneLimit() throws {
    let setting: Setting = ["x": 1, "y": 3]
    let all = sweep(limit: true)
    #expect(RunSet(all.restricted(to: setting)).filter(\.isLimit) == [.limit(setting)])
    #expect(RunSet(all.restricted(to: ["x": 9, "y": 3])).isEmpty)
  }

  @Test func sweepsWithAndWithoutLimitsDiffer() {
    #expect(sweep(limit: true).digest != sweep(limit: false).digest)
    // A block that adds no setting adds no limit.
    let again = Axes(parameters: ["x": [1], "y": [2]], width: [], seed: [])
    #expect(sweep(limit: true, include: [again]).runBlocks.count == 4)
  }

  @Test func infinityIsWritten() throws {
    let run = Run.limit(["x": 1])
    let text = try #require(String(bytes: try JSONEncoder().encode(run), encoding: .utf8))
    #expect(text.contains(#""width":"infinity""#))
    #expect(try JSONDecoder().decode(Run.self, from: Data(text.utf8)) == run)
    let blocks = sweep(limit: true).runBlocks
    #expect(try JSONDecoder().decode([Axes].self, from: try JSONEncoder().encode(blocks)) == blocks)
    #expect(throws: DecodingError.self) {
      try JSONDecoder().decode(Run.self, from: Data(text.replacing("infinity", with: "wide").utf8))
    }
    #expect(
      run.identity(of: Problem(method: "m").digest)
        != Run(["x": 1], width: 1e300, seed: 0)
        .identity(of: Problem(method: "m").digest))
  }

  /// Whatever a grid records, of limits it is the ladder.
  @Test func laddersAreRecorded() {
    var sweep = sweep(limit: true)
    #expect(sweep.recordNames(of: .limit(["x": 1, "y": 2])) == [Ladder.name])
    sweep.record = [RecordRule(what: ["trajectory"])]
    #expect(sweep.recordNames(of: .limit(["x": 1, "y": 2])) == [Ladder.name])
    #expect(sweep.recordNames(of: Run(["x": 1, "y": 2], width: 10, seed: 5)) == ["trajectory"])
  }

  @Test func laddersAreReadBack() throws {
    let ladder = Ladder(
      columns: [Ladder.widthColumn, Ladder.valueColumn(of: "q"), Ladder.slopeColumn(of: "q"), "steps"],
      rows: [[30, -1.5, -0.5, 12], [10, -400, .nan, 7], [20, .nan, 1, 8]])
    let again = try #require(Ladder(ladder.array))
    #expect(again.columns == ladder.columns && again.rows.count == 3)
    #expect(
      again.rungs(of: "q") == [
        .init(logWidth: 10, logValue: -400, slope: nil), .init(logWidth: 30, logValue: -1.5, slope: -0.5),
      ])
    #expect(again.rungs(of: "other").isEmpty)
    #expect(Ladder(Trajectory(columns: ["time"], points: [[0]]).array) == nil)
  }
}
