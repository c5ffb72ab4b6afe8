import Model
import Testing

@testable import GridFile

/// The key `include`: sweeps that are unions of products.
struct IncludeTests {
  private func grid(_ include: String, rest: String = "") -> DemoGrid {
    DemoGrid(width: "[1000, 2000]", seed: "{ count: 3 }", rest: "include: \(include)\n\(rest)")
  }

  private func text(_ include: String, rest: String = "") -> String { grid(include, rest: rest).error }

  private func axes(
    _ gamma: [Double], _ gammaPrime: [Double], width: [Double] = [1000, 2000], seed: [UInt64] = [0, 1, 2]
  ) -> Axes {
    Axes(parameters: ["gamma": gamma, "gamma_prime": gammaPrime], width: width, seed: seed)
  }

  @Test func widthsAndSeedsAreThoseOfTheAxesUnlessGiven() throws {
    let sweep = try grid(
      """
      [{ gamma: [0.6, 0.7], gamma_prime: 0 }, { gamma: 1, gamma_prime: 0, width: 5000 },
       { gamma: 1, gamma_prime: { from: 0, to: 1, step: 0.5 }, seed: { from: 3, to: 4 } }]
      """
    ).sweep()
    #expect(
      sweep.include == [
        axes([0.6, 0.7], [0]), axes([1], [0], width: [5000]), axes([1], [0, 0.5, 1], seed: [3, 4]),
      ])
    #expect(try grid("[]").sweep().include.isEmpty)
  }

  @Test func whatIsRecordedMayBeOnAnyBlock() throws {
    let include = "[{ gamma: 0.6, gamma_prime: 0.25, width: 5000, seed: 9 }]"
    let rest = "record: { what: neurons, gamma: [0.5, 0.6], gamma_prime: 0.25, width: 5000, seed: 9 }"
    let sweep = try grid(include, rest: rest).sweep()
    #expect(RunSet(sweep).count { sweep.recordNames(of: $0) == ["neurons"] } == 1)
    #expect(
      text(include, rest: "record: { what: neurons, gamma: 0.7 }").contains("record.gamma holds 0.7"))
  }

  @Test func errorsSayWhereAndWhat() {
    #expect(
      text("[{ gamma: 1, gama_prime: 0 }]") == """
        grid.yaml:9:23: error: unknown key "gama_prime" in a block of include, expected gamma, gamma_prime, \
        width or seed
        include: [{ gamma: 1, gama_prime: 0 }]
                              ^
        hint: did you mean "gamma_prime"?
        """)
    #expect(
      text("[{ gamma: 1 }]") == """
        grid.yaml:9:11: error: a block of include lacks the key "gamma_prime"
        include: [{ gamma: 1 }]
                  ^
        hint: add it, for example: gamma_prime: { from: 0, to: 1, step: 0.25 }
        """)
    #expect(
      text("{ gamma: 1, gamma_prime: 0 }") == """
        grid.yaml:9:10: error: include must be a list of blocks, found a mapping
        include: { gamma: 1, gamma_prime: 0 }
                 ^
        hint: write for example include: [{ gamma: 1, gamma_prime: 1 }]
        """)
    #expect(text("").contains("include must be a list of blocks, found nothing"))
    #expect(
      text("[7]").contains(
        "9:11: error: a block of include must be a mapping with the keys gamma, gamma_prime"))
    #expect(text("[{ gamma: [1, 1], gamma_prime: 0 }]").contains("9:24: error: include.gamma holds 1 twice"))
    #expect(
      text("[{ gamma: 1, gamma_prime: 0, width: 0 }]").contains(
        "9:46: error: include.width must be a positive number up to 1e100, found 0"))
    #expect(
      text("[{ gamma: 1, gamma_prime: 0, include: [] }]").contains("\"include\" belongs to the left margin"))
  }

  @Test func tooManyRunsTogetherAreRefusedBeforeTheyAreMade() throws {
    let both =
      "[{ gamma: { from: 0, to: 4, count: 1e6 }, gamma_prime: 0 }, { gamma: { from: 0, to: 4, count: 1e6 }, gamma_prime: 1 }]"
    #expect(
      text(both).contains(
        "this block spans 6000000 runs (gamma 1000000 × gamma_prime 1 × width 2 × seed 3), with the axes and the "
          + "blocks before it 12000012, more than 10000000"))
    #expect(text(both).contains("pass --yes") && text(both).contains("9:79: error"))
    #expect(text("[{ gamma: 0, gamma_prime: 0, seed: { count: 1e12 } }]").contains("more than 10000000"))
  }

  /// Thousands of blocks are read in a time that grows with their number, not its square.
  @Test func manyBlocksAreRead() throws {
    let number = 2000
    let lines = (0..<number).map { i in
      "  - { gamma: \(Double(i % 50) / 16), gamma_prime: \(Double(i / 50) / 16), seed: { count: \(i % 7 + 1) } }"
    }
    var text = grid("[]").text
    text.replace("include: []", with: "include:\n" + lines.joined(separator: "\n"))
    let sweep = try GridFile(text: text).sweep
    #expect(sweep.include.count == number && RunSet(sweep).settings.count == number)
  }
}
