import Model
import Testing

@testable import GridFile

/// What `refine` writes.
struct RefinedGridTests {
  private let text = """
    # what it is
    name: tiny   # a name
    axes:
      gamma:       [0.5, 1.75]
      gamma_prime: [0.0, 0.5]
      width:       [50, 100]
      seed:        { count: 2 }
    # the data
    samples:
      x: [-1.0, 1.0]
      y: [ 0.2, 0.6]
    """

  private func sweep(_ text: String) throws -> Sweep { try GridFile(text: text).sweep }

  private func block(_ gamma: Double, _ gammaPrime: [Double], width: [Double], seed: [UInt64]) -> Axes {
    Axes(parameters: ["gamma": [gamma], "gamma_prime": gammaPrime], width: width, seed: seed)
  }

  @Test func theRestStaysAsItWas() throws {
    let before = try sweep(text)
    let (width, seed) = (before.axes.width, before.axes.seed)
    let include = [
      block(1.125, [0], width: width, seed: seed), block(1.125, [0.5], width: width, seed: seed),
      block(0.5, [0], width: [400], seed: [0, 1, 2, 3]),
    ]
    func refine(_ text: String, _ include: [Axes]) throws -> String {
      try #require(
        RefinedGrid.text(
          refining: text, name: "tiny-refined", database: "tiny", include: include, axes: before.axes))
    }
    let once = try refine(text, Array(include.prefix(1)))
    let twice = try refine(once, include)
    for text in [once, twice] { #expect(text.contains("# what it is") && text.contains("# the data")) }
    let after = try sweep(twice)
    #expect(after.name == "tiny-refined" && after.database == "tiny")
    #expect(after.problem == before.problem && after.axes == before.axes && after.budget == before.budget)
    var meant = before
    meant.include = include
    #expect(Set(RunSet(after)) == Set(RunSet(meant)) && after.limit)
    #expect(after.include.count == 2, "blocks that differ in the last parameter are one")
    #expect(try refine(twice, include) == twice, "nothing to add changes nothing")
    #expect(try sweep(refine(twice, [])).include.isEmpty)
  }

  @Test func whatCannotBeEditedIsLeft() throws {
    let flow =
      "{ name: tiny, axes: { gamma: 1, gamma_prime: 0, width: 10, seed: 0 }, samples: { x: [0, 1], y: [0, 1] } }"
    #expect(
      RefinedGrid.text(refining: flow, name: "a", database: "b", include: [], axes: try sweep(flow).axes)
        == nil)
  }
}
