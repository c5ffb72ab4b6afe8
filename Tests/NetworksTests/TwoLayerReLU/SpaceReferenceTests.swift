import Foundation
import Testing

@testable import Networks

/// The ensemble in ℝᵈ against an independent program that tracks kinks exactly.
@Suite struct SpaceReferenceTests {
  private static let slow = ProcessInfo.processInfo.environment["GAMMAPLANE_SLOW_TESTS"] != nil

  @Test func agreesWithSmallReferenceRuns() throws { try compare(target: 1e-4, index: 0, runs: 0..<4) }

  @Test(.enabled(if: slow), arguments: [(1e-4, 0), (1e-6, 1)])
  func agreesWithReferenceRuns(target: Double, index: Int) throws {
    try compare(target: target, index: index, runs: 0..<10)
  }

  private func compare(target: Double, index: Int, runs: Range<Int>) throws {
    let reference = try SpaceReference.load()
    #expect(reference.runs.count == 10)
    for run in reference.runs[runs] {
      let network = try #require(reference.network(run))
      let end = try #require(try network.end(tolerance: 1e-5, target: target))
      let value = run.values[index]
      let difference = abs(end.rd / value.rd - 1)
      #expect(
        end.hasConverged && difference < 1e-6, "\(run.data) (\(run.gamma), \(run.gammaPrime)): \(difference)")
    }
  }
}
