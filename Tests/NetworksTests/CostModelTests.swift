import Model
import Testing

@testable import Networks

/// Laws of the cost model.
struct CostModelTests {
  private let family = TwoLayerReLULine()

  private func estimate(_ gamma: Double, _ gammaPrime: Double, width: Double) throws -> RunEstimate {
    let run = Run(Setting(gamma: gamma, gammaPrime: gammaPrime), width: width, seed: 0)
    return family.estimate(run, of: try .fourSamples())
  }

  @Test func estimatesGrowWithTheWidth() throws {
    let widths = [1, 1000, 1e4, 1e6, 1e9]
    let estimates = try widths.map { try estimate(1.75, 0, width: $0) }
    for (a, b) in zip(estimates, estimates.dropFirst()) {
      #expect(a.seconds < b.seconds && a.bytes < b.bytes)
    }
    // Of a width that no network has, without a trap.
    #expect(try estimate(1.75, 0, width: 1e300).bytes == .max)
  }

  @Test func runsAreDearerInTheCondensedRegime() throws {
    let seconds = try stride(from: -2.0, through: 4, by: 0.125).map {
      try estimate($0, -0.5, width: 1e5).seconds
    }
    #expect(zip(seconds, seconds.dropFirst()).allSatisfy(<=) && seconds[0] < seconds[48] / 5)
  }

  @Test func groupsAreTheRegimes() throws {
    let groups = try [(0.5, 0.0), (1, 0), (1.5, 0.5), (1.75, 0)].map {
      try estimate($0.0, $0.1, width: 1000).group
    }
    #expect(groups == [0, 1, 1, 2])
  }

  @Test func stepsGrowIntoTheCondensedRegime() {
    let model = CostModel(samples: 4)
    let steps = stride(from: -2.0, through: 4, by: 0.125).map { model.steps(depth: $0) }
    #expect(zip(steps, steps.dropFirst()).allSatisfy(<))
    #expect(steps.allSatisfy { $0 > model.linearSteps && $0 < model.condensedSteps })
  }

  /// Measured steps, `docs/method.md`, at (0.5, 0), (1.25, 0.5) and (1.75, 0): the estimate is
  /// within a factor of two.
  @Test(arguments: [(-0.5, 7.0), (-0.1768, 27), (0.5303, 103)])
  func stepsAreNearThoseMeasured(depth: Double, measured: Double) {
    let steps = CostModel(samples: 4).steps(depth: depth)
    #expect(steps > measured / 2 && steps < measured * 2)
  }

  /// Median steps of the runs of sweeps over the plane, by the number of samples: at γ ≤ 1, γ' ≥ 0,
  /// and in the condensed regime.
  @Test(arguments: [(8, 28.0, 70.0), (20, 190, 160), (40, 1070, 790), (80, 3800, 550)])
  func moreSamplesTakeMoreSteps(samples: Int, linear: Double, condensed: Double) {
    let model = CostModel(samples: samples)
    for (depth, measured) in [(-0.8, linear), (0.5, condensed)] {
      let steps = model.steps(depth: depth)
      #expect(steps > measured / 4 && steps < measured * 4, "\(steps) at \(depth)")
    }
  }

  /// Peaks of resident megabytes of processes that integrated a run, the network at (1, 0) and
  /// equidistant samples.
  @Test(arguments: [
    (samples: 4, width: 1e7, megabytes: 524), (200, 1e5, 26), (200, 1e6, 126), (200, 1e7, 697),
  ])
  func theEstimateOfMemorySuffices(samples: Int, width: Double, megabytes: Int) {
    let estimate = CostModel(samples: samples).memory(width: width)
    #expect(estimate >= megabytes * 1_000_000)
    #expect(estimate < megabytes * 1_600_000, "and is not far too much")
  }
}
