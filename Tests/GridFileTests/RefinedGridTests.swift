import Model
import Testing

@testable import Grid

struct RefinedGridTests {
  let text = """
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

  func sweep(_ text: String) throws -> Sweep { try GridFile(text: text).sweep }

  @Test func theRestStaysAsItWas() throws {
    let before = try sweep(text)
    let also = [
      Axes(gamma: [1.125], gammaPrime: [0], width: before.axes.width, seed: before.axes.seed),
      Axes(gamma: [1.125], gammaPrime: [0.5], width: before.axes.width, seed: before.axes.seed),
      Axes(gamma: [0.5], gammaPrime: [0], width: [400], seed: [0, 1, 2, 3]),
    ]
    func refine(_ text: String, _ also: [Axes]) throws -> String {
      try #require(
        RefinedGrid.text(
          refining: text, name: "tiny-refined", database: "tiny", also: also, axes: before.axes))
    }
    let once = try refine(text, Array(also.prefix(1)))
    let twice = try refine(once, also)
    for text in [once, twice] { #expect(text.contains("# what it is") && text.contains("# the data")) }
    let after = try sweep(twice)
    #expect(after.name == "tiny-refined" && after.database == "tiny")
    #expect(after.problem == before.problem && after.axes == before.axes && after.budget == before.budget)
    #expect(Set(RunSet(after)) == Set(RunSet([before.axes] + also)))
    #expect(try refine(twice, also) == twice, "nothing to add changes nothing")
    #expect(try sweep(refine(twice, [])).also.isEmpty)
  }

  @Test func whatCannotBeEditedIsLeft() throws {
    let flow =
      "{ name: tiny, axes: { gamma: 1, gamma_prime: 0, width: 10, seed: 0 }, samples: { x: [0, 1], y: [0, 1] } }"
    #expect(
      RefinedGrid.text(refining: flow, name: "a", database: "b", also: [], axes: try sweep(flow).axes) == nil)
  }
}
