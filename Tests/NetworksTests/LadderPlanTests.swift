import Foundation
import Model
import Testing

@testable import Networks

/// Which widths a ladder asks for and what it concludes, with quantities given by formulas.
struct LadderPlanTests {
  /// A quantity by formulas; its flows are never made.
  private struct Formula: LadderSource {
    var quantities = ["q"]
    var parts: [String] = []
    var maxLog10Width = 1000.0
    var topLog10 = 10.0
    var bounds: ClosedRange<Double>?
    /// log₁₀ q by log₁₀ m and nodes.
    var value: @Sendable (Double, RungRequest.Nodes) -> Double
    /// log₁₀ q of the closed form.
    var closed: (@Sendable (Double) -> Double)?
    var outcome = Model.Outcome.converged

    func flow(_ rung: RungRequest) throws -> any Flow { throw CheckpointError.damaged }

    func linear(at log10Width: Double) -> LinearEstimate? {
      closed.map {
        LinearEstimate(log10: ["q": $0(log10Width)], log10Change: $0(log10Width), isInRange: true)
      }
    }

    /// The conclusion, and how many flows it took.
    func verdict() throws -> (LadderPlan.Verdict, Int) {
      var rungs = Rungs()
      for count in 0..<200 {
        do throws(Rungs.Missing) {
          return (try LadderPlan(source: self, rungs: rungs).verdict(), count)
        } catch {
          let request = error.request
          #expect(rungs.all[request] == nil, "nothing is asked for twice")
          #expect(request.log10Width >= 1 && request.log10Width <= maxLog10Width)
          rungs.add(Rung(request, outcome: outcome, log10: [value(request.log10Width, request.nodes)]))
        }
      }
      throw CheckpointError.damaged
    }
  }

  /// q = m^−0.01 + 10 m^−0.2, with a flow that differs from its closed form at small widths: the
  /// slope between widths is wrong for long, the exponent is not.
  @Test func theClosedFormIsFollowedToItsEnd() throws {
    let closed: @Sendable (Double) -> Double = { x in
      -0.01 * x + (x > 1e3 ? 0 : log10(1 + 10 * pow(10, -0.19 * x)))
    }
    let (verdict, count) = try Formula(
      value: { x, _ in closed(x) + 0.3 * pow(10, -0.3 * x) }, closed: closed
    ).verdict()
    let estimate = try #require(verdict.estimates[0])
    #expect(abs(estimate.exponent + 0.01) < 1e-9 && estimate.halfWidth < 1e-3 && estimate.halfWidth > 0)
    // |slope + 0.01| = 0.19 · 10 m^−0.19 / (1 + 10 m^−0.19) = 0.02.
    let share = 0.02 / 0.19
    #expect(try abs(#require(estimate.log10Crossover) - log10(10 * (1 - share) / share) / 0.19) < 0.2)
    #expect(count < 40)
  }

  @Test func aClosedFormThatFlowsDoNotFollowIsNoProof() throws {
    let (verdict, _) = try Formula(
      maxLog10Width: 100, value: { x, _ in -0.3 * x }, closed: { x in -0.5 * x }
    ).verdict()
    let estimate = try #require(verdict.estimates[0])
    #expect(estimate.interval.contains(-0.3) && estimate.interval.contains(-0.5))
  }

  @Test(arguments: [0.02, 0.3, 1.5])
  func growthIsMeasured(exponent: Double) throws {
    let (verdict, count) = try Formula(value: { x, _ in
      exponent * x + log10(1 + 3 * pow(10, -exponent * x))
    }).verdict()
    let estimate = try #require(verdict.estimates[0])
    #expect(abs(estimate.exponent - exponent) < 1e-3 && estimate.interval.contains(exponent))
    #expect(estimate.limit == nil && verdict.instability == 0)
    #expect(count < 60)
  }

  @Test func aFiniteLimitIsGiven() throws {
    let (verdict, _) = try Formula(value: { x, nodes in
      log10(2 + pow(10, -0.5 * x)) + (nodes == .finer ? 1e-4 : 0)
    }).verdict()
    let estimate = try #require(verdict.estimates[0])
    let limit = try #require(estimate.limit)
    #expect(estimate.interval.contains(0))
    #expect(abs(limit.log10 - log10(2) - 1e-4) < 1e-9 && limit.error > 1e-4)
  }

  @Test func fluctuationsThatMatterAreReported() throws {
    let other: @Sendable (Double, RungRequest.Nodes) -> Double = { x, nodes in
      0.5 * x + (nodes == .fluctuating ? 0.7 : 0)
    }
    #expect(try abs(Formula(value: other).verdict().0.instability - 0.7) < 1e-9)
    // Where other nodes do the same, fluctuations are not the cause.
    let any: @Sendable (Double, RungRequest.Nodes) -> Double = { x, nodes in
      0.5 * x + (nodes == .fluctuating || nodes == .regraded ? 0.7 : 0)
    }
    #expect(try Formula(value: any).verdict().0.instability == 0)
  }

  @Test func boundsAreAllThereIsOfFlowsThatRest() throws {
    var formula = Formula(value: { x, _ in 0.25 * x })
    formula.bounds = 0.25...0.375
    let confirmed = try #require(try formula.verdict().0.estimates[0])
    #expect(confirmed.halfWidth < 0.01 && confirmed.interval.contains(0.25))
    formula.outcome = .stationary
    let resting = try #require(try formula.verdict().0.estimates[0])
    #expect(resting.interval.contains(0.25) && resting.interval.contains(0.375))
  }
}
