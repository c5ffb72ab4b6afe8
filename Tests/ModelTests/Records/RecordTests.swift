import Foundation
import Testing

@testable import Model

/// What is asked to be recorded, and what was.
struct RecordTests {
  @Test func namesAreASet() throws {
    let names: RecordNames = ["function", "trajectory", "function"]
    #expect(names == ["trajectory", "function"] && names.names == ["function", "trajectory"])
    #expect(names.union(["a"]).names == ["a", "function", "trajectory"])
    #expect(RecordNames([]).isEmpty && RecordNames([]).isSubset(of: []) && !names.isSubset(of: ["function"]))
    let json = Data(#"["neurons","of any name"]"#.utf8)
    #expect(try JSONDecoder().decode(RecordNames.self, from: json) == ["of any name", "neurons"])
    #expect(try JSONDecoder().decode(RecordNames.self, from: JSONEncoder().encode(names)) == names)
  }

  @Test func rulesAreAboutRuns() {
    let rule = RecordRule(what: ["a"], parameters: ["x": [2, 1]], width: [10], seed: [0, 5])
    func applies(_ setting: Setting, _ width: Double, _ seed: UInt64) -> Bool {
      rule.applies(to: Run(setting, width: width, seed: seed))
    }
    #expect(applies(["x": 1, "y": 7], 10, 5) && applies(["x": 2], 10, 0))
    #expect(!applies(["x": 1.5], 10, 0) && !applies(["y": 1], 10, 0))
    #expect(!applies(["x": 1], 11, 0) && !applies(["x": 1], 10, 1))
    #expect(RecordRule(what: ["a"]).applies(to: Run(.none, width: 1, seed: 0)))
  }

  /// What several rules say of a run adds up.
  @Test func rulesAddUp() {
    let sweep = Sweep(
      name: "a", axes: Axes(parameters: [:], width: [1, 2], seed: [0, 1]), problem: Problem(method: "a/1"),
      record: [
        RecordRule(what: ["curve"]), RecordRule(what: ["heads"], seed: [0]),
        RecordRule(what: ["heads", "tails"], width: [2], seed: [0]),
      ])
    func names(_ width: Double, _ seed: UInt64) -> RecordNames {
      sweep.recordNames(of: Run(.none, width: width, seed: seed))
    }
    #expect(names(1, 1) == ["curve"] && names(1, 0) == ["curve", "heads"])
    #expect(names(2, 0) == ["curve", "heads", "tails"] && names(2, 1) == ["curve"])
  }

  @Test func arraysBelongToNames() {
    let array = NumericArray([1], shape: [1])
    let arrays: RecordedArrays = [
      "neurons_histograms": array, "neurons": array, "neuronsx": array, "curve": array,
    ]
    #expect(arrays.restricted(to: ["neurons"]).keys.sorted() == ["neurons", "neurons_histograms"])
    #expect(arrays.restricted(to: ["neurons", "curve", "x"]).count == 3 && arrays.restricted(to: []).isEmpty)
    let trajectory = Trajectory(columns: ["time"], points: [[0]])
    #expect([Trajectory.name: trajectory.array].trajectory == trajectory)
    #expect(arrays.trajectory == nil && arrays.neurons == nil && arrays.function == nil)
  }
}
