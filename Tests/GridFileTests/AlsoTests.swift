import Model
import Testing

@testable import Grid

/// The key `also`: sweeps that are unions of products.
struct AlsoTests {
  private func grid(_ also: String, rest: String = "") -> GridText {
    var grid = GridText()
    grid.width = "[1000, 2000]"
    grid.seed = "{ count: 3 }"
    grid.rest = "also: \(also)\n\(rest)"
    return grid
  }

  private func text(_ also: String, rest: String = "") -> String {
    do {
      _ = try grid(also, rest: rest).sweep()
      return "no error"
    } catch {
      return error.description
    }
  }

  @Test func widthsAndSeedsAreThoseOfTheAxesUnlessGiven() throws {
    let sweep = try grid(
      """
      [{ gamma: [0.6, 0.7], gamma_prime: 0 }, { gamma: 1, gamma_prime: 0, width: 5000 },
       { gamma: 1, gamma_prime: { from: 0, to: 1, step: 0.5 }, seed: { from: 3, to: 4 } }]
      """
    ).sweep()
    #expect(
      sweep.also == [
        Axes(gamma: [0.6, 0.7], gammaPrime: [0], width: [1000, 2000], seed: [0, 1, 2]),
        Axes(gamma: [1], gammaPrime: [0], width: [5000], seed: [0, 1, 2]),
        Axes(gamma: [1], gammaPrime: [0, 0.5, 1], width: [1000, 2000], seed: [3, 4]),
      ])
    #expect(try grid("[]").sweep().also.isEmpty)
  }

  @Test func whatIsKeptMayBeOnAnyBlock() throws {
    let also = "[{ gamma: 0.6, gamma_prime: 0.25, width: 5000, seed: 9 }]"
    let rest = "keep: { what: neurons, gamma: [0.5, 0.6], gamma_prime: 0.25, width: 5000, seed: 9 }"
    let sweep = try grid(also, rest: rest).sweep()
    #expect(RunSet(sweep).count { sweep.observables(of: $0) == .neurons } == 1)
    #expect(text(also, rest: "keep: { what: neurons, gamma: 0.7 }").contains("keep.gamma holds 0.7"))
  }

  @Test func errorsSayWhereAndWhat() {
    #expect(
      text("[{ gamma: 1, gama_prime: 0 }]") == """
        grid.yaml:9:20: error: unknown key "gama_prime" in a block of also, expected gamma, gamma_prime, width or seed
        also: [{ gamma: 1, gama_prime: 0 }]
                           ^
        hint: did you mean "gamma_prime"?
        """)
    #expect(
      text("[{ gamma: 1 }]") == """
        grid.yaml:9:8: error: a block of also lacks the key "gamma_prime"
        also: [{ gamma: 1 }]
               ^
        hint: add it, for example: gamma_prime: { from: -0.5, to: 1.0, step: 0.125 }
        """)
    #expect(
      text("{ gamma: 1, gamma_prime: 0 }") == """
        grid.yaml:9:7: error: also must be a list of blocks, found a mapping
        also: { gamma: 1, gamma_prime: 0 }
              ^
        hint: write for example also: [{ gamma: [1.1, 1.2], gamma_prime: 0.5 }]
        """)
    #expect(text("").contains("also must be a list of blocks, found nothing"))
    #expect(
      text("[7]").contains("9:8: error: a block of also must be a mapping with the keys gamma, gamma_prime"))
    #expect(text("[{ gamma: [1, 1], gamma_prime: 0 }]").contains("9:21: error: also.gamma holds 1 twice"))
    #expect(
      text("[{ gamma: 1, gamma_prime: 0, width: 0 }]").contains(
        "9:43: error: also.width must be a whole number from 1 to 1000000000, found 0"))
    #expect(text("[{ gamma: 1, gamma_prime: 0, also: [] }]").contains("\"also\" belongs to the left margin"))
    var odd = grid("[{ gamma: 1, gamma_prime: 0, width: [2, 5] }]")
    odd.network = "antisymmetric: true"
    do {
      _ = try odd.sweep()
      Issue.record("odd widths are accepted")
    } catch {
      #expect(error.description.contains("9:47: error: antisymmetric networks need even widths"))
    }
  }

  @Test func tooManyRunsTogetherAreRefusedBeforeTheyAreMade() throws {
    let both =
      "[{ gamma: { from: 0, to: 4, count: 1e6 }, gamma_prime: 0 }, { gamma: { from: 0, to: 4, count: 1e6 }, gamma_prime: 1 }]"
    #expect(
      text(both).contains(
        "this block spans 6000000 runs (gamma 1000000 × gamma_prime 1 × width 2 × seed 3), with the axes and the "
          + "blocks before it 12000012, more than 10000000"))
    #expect(text(both).contains("pass --yes") && text(both).contains("9:76: error"))
    #expect(text("[{ gamma: 0, gamma_prime: 0, seed: { count: 1e12 } }]").contains("more than 10000000"))
  }

  /// A union of one row and one column of points: a cross.
  private let cross = """
    [{ gamma: [0.75, 1.25], gamma_prime: [0, 0.5], seed: 1 }, { gamma: 1, gamma_prime: 0, width: [1000, 8000] }]
    """

  @Test func thePlanIsThatOfTheRuns() throws {
    let sweep = try grid(cross).sweep()
    let runs = RunSet(sweep)
    #expect(runs.count == 2 * 2 * 3 + 4 * 2 + 3)
    let (quick, slow) = (Plan(sweep: sweep), Plan(sweep: sweep) { _ in nil })
    #expect(Array(quick.runs) == Array(slow.runs) && Set(quick.runs.map(\.run)) == Set(runs))
    #expect(quick.runs.count == runs.count && quick.counts.total == runs.count)
    #expect(zip(quick.runs, quick.runs.dropFirst()).allSatisfy { $0.cost >= $1.cost })
    #expect(quick.widths.map(\.width) == [1000, 2000, 8000])
    #expect(
      quick.widths.map(\.counts.toDo) == runs.runsByWidth
        && quick.widths.map(\.counts.toDo) == slow.widths.map(\.counts.toDo))
    let cost = CostModel(samples: 2).cost(of: runs)
    #expect(abs(quick.counts.cost / cost - 1) < 1e-12)
    #expect(abs(quick.runs.reduce(0) { $0 + $1.cost } / cost - 1) < 1e-12)

    // Where a union is a product, the plan is that of the product.
    let whole = try grid(
      "[{ gamma: [1.5, 2], gamma_prime: 0 }, { gamma: [0.5, 2], gamma_prime: 0, seed: 2 }]"
    ).sweep()
    var product = whole
    product.also = []
    product.axes.gamma = [0.5, 1, 1.5, 2]
    #expect(Array(Plan(sweep: whole).runs) == Array(Plan(sweep: product).runs))
    let states = RunSet(product).indices.map { PlanState.allCases[$0 % 3] }
    let (a, b) = (Plan(sweep: whole, states: states), Plan(sweep: product, states: states))
    #expect(Array(a.runs) == Array(b.runs) && a.widths == b.widths && a.counts == b.counts)
  }

  @Test func extendingAGridRunsOnlyWhatIsMissing() throws {
    let before = try grid("[]").sweep()
    let after = try grid(cross).sweep()
    let done = Set(RunSet(before).map { $0.identity(of: before.problem.digest) })
    let plan = Plan(sweep: after) { done.contains($0) ? .finished(.converged, budget: after.budget) : nil }
    #expect(Set(plan.runs.map(\.run)) == Set(RunSet(after)).subtracting(RunSet(before)))
    #expect(plan.counts.done == done.count && plan.counts.toDo == plan.runs.count)
  }

  /// Thousands of blocks are read and planned in a time that grows with their number, not its square.
  @Test func manyBlocksAreReadAndPlanned() throws {
    let number = 2000
    let lines = (0..<number).map { i in
      "  - { gamma: \(Double(i % 50) / 16), gamma_prime: \(Double(i / 50) / 16), seed: { count: \(i % 7 + 1) } }"
    }
    var text = grid("[]").text
    text.replace("also: []", with: "also:\n" + lines.joined(separator: "\n"))
    let sweep = try GridFile(text: text).sweep
    let runs = RunSet(sweep)
    #expect(sweep.also.count == number && runs.points.count == number)
    #expect(Plan(sweep: sweep).runs.count == runs.count)
  }
}
