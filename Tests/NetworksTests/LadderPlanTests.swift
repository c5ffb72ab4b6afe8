import Foundation
import Model
import Testing

@testable import Networks

/// Which widths a ladder asks for and what it concludes, with quantities that are given by formulas.
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

    /// The verdict, and how many flows it took.
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

  /// log₁₀ (1 + a m^−r).
  private static func correction(_ amplitude: Double, _ rate: Double, _ x: Double) -> Double {
    let power: Double = pow(10, -rate * x)
    return log10(1 + amplitude * power)
  }

  /// q = m^−0.01 + 10 m^−0.2, with a flow that differs from its closed form at small widths: the slope
  /// between widths is wrong for long, the exponent is not.
  @Test func theClosedFormIsFollowedToItsEnd() throws {
    let closed: @Sendable (Double) -> Double = { x in -0.01 * x + Self.correction(10, 0.19, x) }
    let formula = Formula(
      value: { (x: Double, _: RungRequest.Nodes) -> Double in
        let early: Double = 0.3 * pow(10, -0.3 * x)
        return closed(x) + early
      }, closed: closed)
    let (verdict, count) = try formula.verdict()
    let estimate = try #require(verdict.estimates[0])
    #expect(abs(estimate.exponent + 0.01) < 1e-9)
    #expect(estimate.halfWidth < 1e-3 && estimate.halfWidth > 0)
    // |slope + 0.01| = 0.19 · 10 m^−0.19 / (1 + 10 m^−0.19) = 0.02.
    let share = 0.02 / 0.19
    let expected: Double = log10(10 * (1 - share) / share) / 0.19
    let crossover = try #require(estimate.log10Crossover)
    #expect(abs(crossover - expected) < 0.2)
    #expect(count < 40)
  }

  @Test func aClosedFormThatFlowsDoNotFollowIsNoProof() throws {
    let formula = Formula(
      maxLog10Width: 100, value: { (x: Double, _: RungRequest.Nodes) -> Double in -0.3 * x },
      closed: { x in -0.5 * x })
    let (verdict, _) = try formula.verdict()
    let estimate = try #require(verdict.estimates[0])
    #expect(estimate.interval.contains(-0.3) && estimate.interval.contains(-0.5))
  }

  @Test(arguments: [0.02, 0.3, 1.5])
  func growthIsMeasured(exponent: Double) throws {
    let formula = Formula(value: { (x: Double, _: RungRequest.Nodes) -> Double in
      exponent * x + Self.correction(3, exponent, x)
    })
    let (verdict, count) = try formula.verdict()
    let estimate = try #require(verdict.estimates[0])
    #expect(abs(estimate.exponent - exponent) < 1e-3 && estimate.interval.contains(exponent))
    #expect(estimate.limit == nil && verdict.instability == 0)
    #expect(count < 60)
  }

  @Test func aFiniteLimitIsGiven() throws {
    let formula = Formula(value: { (x: Double, nodes: RungRequest.Nodes) -> Double in
      let value: Double = log10(2) + Self.correction(0.5, 0.5, x)
      return nodes == .finer ? value + 1e-4 : value
    })
    let estimate = try #require(try formula.verdict().0.estimates[0])
    let limit = try #require(estimate.limit)
    #expect(estimate.interval.contains(0))
    let error: Double = limit.log10 - log10(2) - 1e-4
    #expect(abs(error) < 1e-9 && limit.error > 1e-4)
  }

  @Test func fluctuationsThatMatterAreReported() throws {
    func instability(_ changed: Set<RungRequest.Nodes>) throws -> Double {
      let formula = Formula(value: { (x: Double, nodes: RungRequest.Nodes) -> Double in
        changed.contains(nodes) ? 0.5 * x + 0.7 : 0.5 * x
      })
      return try formula.verdict().0.instability
    }
    #expect(try abs(instability([.fluctuating]) - 0.7) < 1e-9)
    #expect(try instability([.fluctuating, .regraded]) == 0, "fluctuations are not the cause")
    #expect(try instability([]) == 0)
  }

  @Test func boundsAreAllThereIsOfFlowsThatRest() throws {
    var formula = Formula(value: { (x: Double, _: RungRequest.Nodes) -> Double in 0.25 * x })
    formula.bounds = 0.25...0.375
    let confirmed = try #require(try formula.verdict().0.estimates[0])
    #expect(confirmed.halfWidth < 0.01 && confirmed.interval.contains(0.25))
    formula.outcome = .stationary
    let resting = try #require(try formula.verdict().0.estimates[0])
    #expect(resting.interval.contains(0.25) && resting.interval.contains(0.375))
  }
}
