import Testing

@testable import Networks

/// The ensemble in ℝᵈ against an independent program that tracks kinks exactly.
@Suite struct SpaceReferenceTests {
  @Test(arguments: [(1e-4, 0), (1e-6, 1)])
  func agreesWithReferenceRuns(target: Double, index: Int) throws {
    let reference = try SpaceReference.load()
    for run in reference.runs {
      let network = try #require(reference.network(run))
      let end = try #require(try network.end(tolerance: 1e-5, target: target))
      let value = run.values[index]
      let difference = abs(end.rd / value.rd - 1)
      #expect(
        end.hasConverged && difference < 1e-6, "\(run.data) (\(run.gamma), \(run.gammaPrime)): \(difference)")
    }
  }
}
