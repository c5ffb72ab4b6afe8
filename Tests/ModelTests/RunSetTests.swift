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
        gamma: some([-1, 0.5, 0.75, 1, 2]), gammaPrime: some([-0.5, 0, 1]), width: some([1, 10, 20, 1000]),
        seed: some([0, 1, 2, .max]))
    }
  }

  private func inOrder(_ runs: Set<Run>) -> [Run] {
    runs.sorted { ($0.point, $0.width, $0.seed) < ($1.point, $1.width, $1.seed) }
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
      #expect(expected.indices.allSatisfy { runs.place(of: expected[$0]) == $0 }, "\(blocks)")
      #expect(Set(runs.points).isSuperset(of: expected.map(\.point)) && runs.points == runs.points.sorted())
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
        let width = runs.widths[cell.widthPlace]
        #expect(cell.runs.allSatisfy { all[$0].point == cell.point && all[$0].width == width }, "\(blocks)")
        #expect(runs.seeds(at: cell.point, width: width) == all[cell.runs].map(\.seed), "\(blocks)")
        #expect(runs.contains(cell.point, width: width), "\(blocks)")
        if let seeds = runs.seedsPerCell { #expect(cell.runs.count == seeds, "\(blocks)") }
      }
      for point in runs.points {
        let widths = Set(all.filter { $0.point == point }.map(\.width)).sorted()
        if !all.isEmpty { #expect(runs.widths(at: point) == widths, "\(blocks)") }
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

  @Test func whatIsNotInItHasNoPlace() {
    var generator = Generator()
    for _ in 0..<200 {
      let blocks = blocks(Int.random(in: 1...4, using: &generator), using: &generator)
      let runs = RunSet(blocks)
      let all = Set(runs)
      let everything = Axes(
        gamma: [-1, 0.5, 0.75, 0.8, 1, 2, 3], gammaPrime: [-0.5, 0, 0.5, 1],
        width: [1, 5, 10, 20, 1000, 2000],
        seed: [0, 1, 2, 3, .max])
      for run in everything.runs where !all.contains(run) {
        #expect(runs.place(of: run) == nil && !runs.contains(run), "\(blocks)")
      }
      let cells = Set(all.map { Run(point: $0.point, width: $0.width, seed: 0) })
      for run in everything.runs where run.seed == 0 && !all.isEmpty {
        #expect(runs.contains(run.point, width: run.width) == cells.contains(run), "\(blocks)")
      }
    }
  }

  @Test func aSweepIsRestrictedToAPoint() throws {
    var generator = Generator()
    let problem = Problem(network: Network(), samples: try SampleSet(x: [0, 1], y: [1, 2]))
    for _ in 0..<100 {
      let blocks = blocks(4, using: &generator)
      let sweep = Sweep(
        name: "a", axes: blocks[0], also: Array(blocks[1...]), problem: problem, budget: .standard,
        limits: Limits())
      let all = RunSet(sweep)
      for point in RunSet(sweep).points + [PhasePoint(gamma: 7, gammaPrime: 7)] {
        let narrow = RunSet(sweep.restricted(to: point))
        #expect(Array(narrow) == all.filter { $0.point == point }, "\(blocks)")
      }
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
