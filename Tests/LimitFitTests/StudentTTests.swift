import Testing

@testable import LimitFit

struct StudentTTests {
  /// Abramowitz & Stegun, table 26.10 (there A = 2p − 1).
  @Test(arguments: [
    (1.0, 0.95, 6.314), (1, 0.975, 12.706), (1, 0.995, 63.657),
    (2, 0.975, 4.303), (3, 0.9, 1.638), (3, 0.975, 3.182), (4, 0.975, 2.776), (5, 0.975, 2.571),
    (5, 0.995, 4.032), (8, 0.975, 2.306), (10, 0.975, 2.228), (20, 0.975, 2.086), (30, 0.975, 2.042),
    (60, 0.975, 2.000), (120, 0.975, 1.980), (120, 0.995, 2.617),
  ])
  func publishedTable(nu: Double, p: Double, t: Double) {
    #expect((StudentT(degreesOfFreedom: nu).quantile(p) - t).magnitude < 5.1e-4)
  }

  @Test(arguments: [0.6, 0.9, 0.975, 0.999])
  func closedFormWithTwoDegreesOfFreedom(p: Double) {
    // t = (2p − 1) √(2 / (4 p (1 − p))).
    let t = (2 * p - 1) * (1 / (2 * p * (1 - p))).squareRoot()
    #expect((StudentT(degreesOfFreedom: 2).quantile(p) / t - 1).magnitude < 1e-12)
  }

  @Test(arguments: [1.0, 2, 3, 7.5, 40, 1000])
  func quantileInvertsTheDistribution(nu: Double) {
    let t = StudentT(degreesOfFreedom: nu)
    for p in [0.001, 0.025, 0.3, 0.5, 0.7, 0.975, 0.9999] {
      #expect((t.cumulative(t.quantile(p)) - p).magnitude < 1e-12)
      #expect((t.quantile(p) + t.quantile(1 - p)).magnitude < 1e-9 * (1 + t.quantile(p).magnitude))
    }
  }

  @Test(arguments: [1.0, 2, 5, 33])
  func densityIsTheDerivative(nu: Double) {
    let t = StudentT(degreesOfFreedom: nu)
    for x in [-3.0, -0.4, 0.1, 1, 2.5] {
      let h = 1e-5
      let difference = (t.cumulative(x + h) - t.cumulative(x - h)) / (2 * h)
      #expect((t.density(x) - difference).magnitude < 1e-8)
    }
  }

  @Test func incompleteBetaInClosedForm() {
    for x in [0.0, 0.01, 0.2, 0.5, 0.83, 1] {
      // I_x(1, b) = 1 − (1 − x)^b, I_x(a, 1) = x^a.
      let y = 1 - x
      #expect((regularizedIncompleteBeta(x, a: 1, b: 3) - (1 - y * y * y)).magnitude < 1e-14)
      #expect((regularizedIncompleteBeta(x, a: 4, b: 1) - x * x * x * x).magnitude < 1e-14)
    }
  }
}
