import Testing

@testable import Model

/// Laws of unions of products, on random blocks.
struct RunSetTests {
  /// Blocks that overlap often; some have an empty axis.
  private func blocks(_ number: Int, using generator: inout some RandomNumberGenerator) -> [Axes] {
    func some<Value: Comparable>(_ values: [Value]) -> [Value] {
      let count = Int.random(in: 0...9, using: &generator) == 0 ? 0 : Int.random(in: 1...3, using: &generator)
      return values.shuffled(using: &generator).prefix(count).sorted()
    }
    return (0..<number).map { _ in
      Axes(
        parameters: ["gamma": some([-1, 0.5, 0.75, 1, 2]), "beta": some([-0.5, 0, 1])],
        width: some([1, 10, 20.5, 1000]), seed: some([0, 1, 2, .max]))
    }
  }

  private func inOrder(_ runs: Set<Run>) -> [Run] {
    runs.sorted { ($0.setting, $0.width, $0.seed) < ($1.setting, $1.width, $1.seed) }
  }

  /// A union is the set union of the expansions, in order, whatever the order of the blocks.
  @Test func aUnionHoldsEveryRunOfItsBlocksOnce() {
    var generator = Generator()
    for _ in 0..<300 {
      let blocks = blocks(Int.random(in: 0...6, using: &generator), using: &generator)
      let expected = inOrder(blocks.reduce(into: []) { $0.formUnion($1.runs) })
      let runs = RunSet(blocks)
      #expect(Array(runs) == expected, "\(blocks)")
      #expect(
        Array(RunSet(blocks.shuffled(using: &generator) + blocks.shuffled(using: &generator))) == expected,
        "\(blocks)")
      #expect(expected.indices.allSatisfy { runs.index(of: expected[$0]) == $0 }, "\(blocks)")
      #expect(Set(runs.settings).isSuperset(of: expected.map(\.setting)))
      #expect(runs.settings == runs.settings.sorted())
      for (index, setting) in runs.settings.enumerated() {
        #expect(runs.settingIndex(setting) == index, "\(blocks)")
      }
      for run in expected {
        let setting = runs.settingIndex(run.setting) ?? -1
        #expect(
          runs.index(setting: setting, width: run.width, seed: run.seed) == runs.index(of: run), "\(blocks)")
      }
    }
  }

  /// Cells, widths, seeds and counts are those of the runs.
  @Test func everythingElseFollowsFromTheRuns() {
    var generator = Generator()
    for _ in 0..<200 {
      let blocks = blocks(Int.random(in: 1...5, using: &generator), using: &generator)
      let runs = RunSet(blocks)
      let all = Array(runs)
      let cells = (0..<runs.cellCount).map { runs.cell($0) }
      #expect(cells.flatMap(\.runs) == Array(all.indices), "\(blocks)")
      for cell in cells {
        let width = runs.widths[cell.widthIndex]
        #expect(
          cell.runs.allSatisfy { all[$0].setting == cell.setting && all[$0].width == width }, "\(blocks)")
        #expect(runs.seeds(at: cell.setting, width: width) == all[cell.runs].map(\.seed), "\(blocks)")
        #expect(runs.contains(cell.setting, width: width), "\(blocks)")
        if let seeds = runs.seedsPerCell { #expect(cell.runs.count == seeds, "\(blocks)") }
      }
      for setting in runs.settings {
        let widths = Set(all.filter { $0.setting == setting }.map(\.width)).sorted()
        if !all.isEmpty { #expect(runs.widths(at: setting) == widths, "\(blocks)") }
      }
      #expect(runs.runsByWidth == runs.widths.map { width in all.count { $0.width == width } }, "\(blocks)")
      if !all.isEmpty {
        let common = cells.map { Set(all[$0.runs].map(\.seed)) }.reduce(Set(all.map(\.seed))) {
          $0.intersection($1)
        }
        #expect(runs.commonSeeds == common.sorted(), "\(blocks)")
      }
    }
  }

  @Test func whatIsNotInItHasNoIndex() {
    var generator = Generator()
    for _ in 0..<200 {
      let blocks = blocks(Int.random(in: 1...4, using: &generator), using: &generator)
      let runs = RunSet(blocks)
      let all = Set(runs)
      let everything = Axes(
        parameters: ["gamma": [-1, 0.5, 0.75, 0.8, 1, 2, 3], "beta": [-0.5, 0, 0.5, 1]],
        width: [1, 5, 10, 20.5, 1000, 2000], seed: [0, 1, 2, 3, .max])
      let strange = [
        Run(["gamma": 1], width: 1, seed: 0), Run(["gamma": 1, "delta": 0], width: 1, seed: 0),
        Run(["beta": 0, "gamma": 1, "zeta": 0], width: 1, seed: 0), Run(.none, width: 1, seed: 0),
      ]
      for run in strange { #expect(runs.index(of: run) == nil && !runs.contains(run), "\(blocks)") }
      for run in everything.runs where !all.contains(run) {
        #expect(runs.index(of: run) == nil && !runs.contains(run), "\(blocks)")
      }
      let cells = Set(all.map { Run($0.setting, width: $0.width, seed: 0) })
      for run in everything.runs where run.seed == 0 && !all.isEmpty {
        #expect(runs.contains(run.setting, width: run.width) == cells.contains(run), "\(blocks)")
      }
    }
  }

  @Test func aSweepIsRestrictedToASetting() {
    var generator = Generator()
    for _ in 0..<100 {
      let blocks = blocks(4, using: &generator)
      let sweep = Sweep(
        name: "a", axes: blocks[0], include: Array(blocks[1...]), problem: Problem(method: "a/1"))
      let all = RunSet(sweep)
      for setting in all.settings + [["gamma": 7, "beta": 7], ["gamma": 1], .none] {
        let narrow = RunSet(sweep.restricted(to: setting))
        #expect(Array(narrow) == all.filter { $0.setting == setting }, "\(blocks)")
      }
    }
  }
}

extension RunSetTests {
  /// A worker of one's own may have no parameters at all.
  @Test func withoutParametersThereIsOneSetting() {
    let axes = Axes(parameters: [:], width: [1, 2], seed: [0, 1, 2])
    for runs in [RunSet([axes]), RunSet([axes, axes])] {
      #expect(runs.settings == [.none] && runs.count == 6 && runs.widths(at: .none) == [1, 2])
      #expect(runs.index(of: Run(.none, width: 2, seed: 1)) == 4)
    }
  }
}

/// SplitMix64 from a fresh seed, which is printed.
private struct Generator: RandomNumberGenerator {
  private var state: UInt64

  init(_ test: String = #function) {
    state = UInt64.random(in: 0...UInt64.max)
    print("\(test): seed \(state)")
  }

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var z = state
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return z ^ (z >> 31)
  }
}
