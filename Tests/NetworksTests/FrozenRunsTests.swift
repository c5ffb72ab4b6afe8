import Foundation
import Model
import Testing

@testable import Networks

/// The runs of `grids/quickstart.yaml` have the numbers that they had when the file of them was
/// made, to the last bit: whatever is made of this code, the method is the same as long as it is
/// called the same.
struct FrozenRunsTests {
  /// A line of the file: a run and its result.
  struct Entry: Sendable {
    let run: Run
    let outcome: String
    let quantities: NamedNumbers
    let steps: Int
  }

  /// The columns of the file that are quantities.
  private static let quantityNames = ["rd", "sup_rd", "mean_squared_residual", "time"]

  private static func entries() throws -> [Entry] {
    let tests = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    let file = tests.appendingPathComponent("CommandTests/Frozen/quickstart-runs.csv")
    let lines = String(decoding: try Data(contentsOf: file), as: UTF8.self).split(separator: "\n")
    let names = try #require(lines.first).split(separator: ",").map(String.init)
    return try lines.dropFirst().map { line in
      let row = Dictionary(uniqueKeysWithValues: zip(names, line.split(separator: ",").map(String.init)))
      func number(_ name: String) throws -> Double { try #require(row[name].flatMap { Double($0) }) }
      let setting = Setting(gamma: try number("gamma"), gammaPrime: try number("gamma_prime"))
      return Entry(
        run: Run(setting, width: try number("width"), seed: try #require(row["seed"].flatMap { UInt64($0) })),
        outcome: try #require(row["outcome"]),
        quantities: NamedNumbers(try quantityNames.map { (name: $0, value: try number($0)) }),
        steps: try #require(row["steps"].flatMap { Int($0) }))
    }
  }

  private func check(_ entries: [Entry]) throws {
    let problem = try Problem.fourSamples()
    for entry in entries {
      let result = try train(entry.run, of: problem).result
      #expect(
        result.quantities == entry.quantities && result.steps == entry.steps
          && result.outcome.rawValue == entry.outcome, "\(entry.run): \(result), was \(entry)")
    }
  }

  @Test func narrowRunsAreUnchanged() throws {
    let narrow = try Self.entries().filter { $0.run.width == 1000 && $0.run.seed == 0 }
    #expect(narrow.count == 169)
    try check(narrow)
  }

  @Test func someWiderRunsAreUnchanged() throws {
    let wide = try Self.entries().filter { $0.run.width == 10_000 && $0.run.seed == 1 }
    try check(stride(from: 0, to: wide.count, by: 17).map { wide[$0] })
  }

  @Test(.enabled(if: BruteForceTests.slow)) func allRunsAreUnchanged() throws {
    let entries = try Self.entries()
    #expect(entries.count == 1690)
    try check(entries)
  }
}
