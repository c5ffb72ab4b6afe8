import Foundation
import GridFile
import Planning
import Model
import Testing

@testable import Cluster

/// The division of runs into shards.
struct SplitTests {
  /// Costs from a seed, the longest first.
  private func costs(_ count: Int, seed: UInt64) -> [Double] {
    var state = seed
    return (0..<count).map { _ in
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      let uniform = Double(state >> 11) / Double(UInt64(1) << 53)
      return exp(12 * uniform)
    }.sorted(by: >)
  }

  private func divide(_ costs: [Double], into shards: Int) -> ShardDivision {
    var division = ShardDivision(shards: shards)
    for (index, cost) in costs.enumerated() { division.add(index: index, cost: cost) }
    division.finish()
    return division
  }

  @Test(arguments: [1, 2, 7, 64], [0, 1, 5, 1000])
  func everyRunIsInOneShard(shards: Int, runs: Int) {
    let parts = divide(costs(runs, seed: UInt64(shards * 31 + runs)), into: shards).parts
    #expect(parts.count == shards)
    #expect(parts.flatMap(\.indices).sorted() == (0..<runs).map { UInt32($0) })
    for part in parts { #expect(part.indices == part.indices.sorted()) }
  }

  /// Graham's bound against the trivial one: the mean, and the longest run.
  @Test(arguments: [2, 7, 64], [10, 1000])
  func noShardCostsMuchMoreThanItMust(shards: Int, runs: Int) {
    let costs = costs(runs, seed: UInt64(runs))
    let most = divide(costs, into: shards).parts.map(\.seconds).max() ?? 0
    let mean = costs.reduce(0, +) / Double(shards)
    #expect(most <= max(mean, costs[0]) + costs[min(shards, runs - 1)])
  }

  @Test func itIsByCostAndNotByCount() {
    // One run as long as a hundred others: it is alone in its shard.
    let parts = divide([100] + Array(repeating: 1, count: 300), into: 4).parts
    #expect(parts.map(\.seconds) == [100, 100, 100, 100])
    #expect(parts.map(\.indices.count) == [1, 100, 100, 100])
  }

  @Test(arguments: ["1/1", "3/8", "8/8"])
  func shardsAreReadAsTheyAreWritten(text: String) throws {
    #expect("\(try #require(Shard(text)))" == text)
  }

  @Test(arguments: [
    "0/8", "9/8", "1", "1/0", "-1/8", "1/8/2", "a/b", "", "/", "1/", "1 /2", "1/10000000", "+1/2",
  ])
  func whatIsNoShardIsNone(text: String) { #expect(Shard(text) == nil) }

  private func sweep() throws -> Sweep {
    let text = """
      name: tiny
      axes: { gamma: [0.5, 1.75], gamma_prime: 0, width: [50, 100], seed: { count: 200 } }
      samples: { x: [-1.0, 1.0], y: [0.2, -0.4] }
      """
    return try GridFile(text: text).sweep
  }

  @Test func aFileHoldsWhatWasDivided() throws {
    let sweep = try sweep()
    let division = divide(costs(800, seed: 5), into: 3)
    let bytes = try ShardManifest.encode(division, of: sweep)
    let end = try ShardManifest.headerEnd(lead: bytes.prefix(ShardManifest.leadLength))
    let file = try ShardManifest(header: bytes.prefix(end))
    #expect(file.sweep == sweep)
    #expect(file.runCount == 800)
    for (index, part) in division.parts.enumerated() {
      let entry = file.shards[index]
      #expect(entry.seconds == part.seconds)
      let own = bytes.dropFirst(file.start + entry.offset).prefix(entry.bytes)
      let shard = try #require(Shard(number: index + 1, of: 3))
      #expect(try file.indices(of: shard, in: Data(own)).map { UInt32($0) } == part.indices)
    }
  }

  /// A byte that has changed anywhere is seen by a reader.
  @Test func aFileThatIsNotWhatWasWrittenIsSeen() throws {
    let bytes = try ShardManifest.encode(divide(costs(100, seed: 1), into: 2), of: try sweep())
    func read(_ bytes: Data) throws {
      let end = try ShardManifest.headerEnd(lead: bytes.prefix(ShardManifest.leadLength))
      let file = try ShardManifest(header: bytes.prefix(end))
      for number in 1...2 {
        let entry = file.shards[number - 1]
        let own = Data(bytes.dropFirst(file.start + entry.offset).prefix(entry.bytes))
        _ = try file.indices(of: try #require(Shard(number: number, of: 2)), in: own)
      }
    }
    try read(bytes)
    let blank = Set(bytes.prefix(ShardManifest.leadLength).indices.filter { bytes[$0] == 0x20 })
    for index in stride(from: 0, to: bytes.count, by: 7) where !blank.contains(index) {
      var flipped = bytes
      flipped[index] ^= 1
      #expect(throws: ShardManifestError.self, "byte \(index)") { try read(flipped) }
    }
    for length in [0, 10, 59, 60, 100, bytes.count - 1] {
      #expect(throws: ShardManifestError.self) { try read(bytes.prefix(length)) }
    }
  }

  /// A plan of a part is the whole plan less the rest.
  @Test func aPlanOfAPartHasItsRunsAlone() throws {
    let sweep = try sweep()
    let all = RunSet(sweep)
    let indices = Array(stride(from: 1, to: all.count, by: 3))
    let part = Plan(sweep: sweep, indices: indices) { index, _ in index % 2 == 0 ? .done : .toDo }
    let whole = Plan(sweep: sweep, states: all.indices.map { $0 % 3 == 1 && $0 % 2 == 1 ? .toDo : .done })
    #expect(Array(part.runs) == Array(whole.runs))
    #expect(part.counts.done == indices.filter { $0 % 2 == 0 }.count)
    #expect(part.counts.total == indices.count)
  }

  @Test func placesAreVisitedInTheOrderOfRuns() throws {
    let sweep = try sweep()
    let all = RunSet(sweep)
    for plan in [
      Plan(sweep: sweep), Plan(sweep: sweep, states: all.indices.map { $0 % 5 == 0 ? .done : .toDo }),
    ] {
      var visited: [Run] = []
      var costs: [Double] = []
      plan.runs.forEachIndex { index, cost in
        visited.append(all[index])
        costs.append(cost)
      }
      #expect(visited == plan.runs.map(\.run))
      #expect(costs == plan.runs.map(\.cost))
    }
  }
}
