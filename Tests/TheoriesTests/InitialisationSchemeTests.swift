import Model
import RealModule
import Testing
import Theories

struct InitialisationSchemeTests {
  @Test(arguments: [
    ("2", 2, 0), ("m", 100, 1), ("d", 4, 0), ("1/m", 0.01, -1), ("sqrt(m)", 10, 0.5), ("m^-0.5", 0.1, -0.5),
    ("m^(1/2)", 10, 0.5), ("2*m/d", 50, 1), ("sqrt(2/(m+28))", 0.125, -0.5), ("1 + m * d", 401, 1),
    ("1/m/m", 1e-4, -2), ("(1/m + d)^2", 16.0801, 0), (" 1e1 ", 10, 0), ("√m", 10, 0.5),
  ])
  func expressions(text: String, value: Double, growth: Double) throws {
    let expression = try WidthExpression(text)
    #expect(abs(expression.value(width: 100, dimension: 4) / value - 1) < 1e-14)
    #expect(expression.growth == growth)
  }

  /// What grows like m^p does so in numbers.
  @Test(arguments: ["sqrt(2/(m+d))", "1/m + 1/m^2", "(m + d)^3 / sqrt(m)", "m*(1+1/m)"])
  func growthIsThatOfTheValues(text: String) throws {
    let expression = try WidthExpression(text)
    let ratio = expression.value(width: 1e13, dimension: 7) / expression.value(width: 1e12, dimension: 7)
    #expect(abs(Double.log10(ratio) - expression.growth) < 1e-9)
  }

  @Test(arguments: [
    ("", 1), ("m +", 4), ("m n", 3), ("x", 1), ("sqrt m", 6), ("sqrt(m", 7), ("1 - m", 3), ("-1", 1),
    ("0", 1),
    ("m^", 3), ("m^m", 3),
    ("2e", 1), ("(((m)", 6),
  ])
  func whatIsNoExpressionIsToldWhere(text: String, column: Int) {
    #expect {
      try WidthExpression(text)
    } throws: { ($0 as? WidthExpressionError)?.column == column }
  }

  private static func setting(_ gamma: Double, _ gammaPrime: Double) -> Setting {
    [LuoEtAl2021.gamma: gamma, LuoEtAl2021.gammaPrime: gammaPrime]
  }

  /// Table 1 of Luo et al., and the landmarks of the theory, which are the same points.
  @Test func namedOnesLieWhereTheTableSays() {
    let limits = Dictionary(
      InitialisationScheme.named.map { ($0.name, $0.limit) }, uniquingKeysWith: { a, _ in a })
    #expect(
      limits == [
        "LeCun": Self.setting(0.5, 0.5), "He": Self.setting(0.5, 0.5), "Xavier": Self.setting(1, 0),
        "NTK": Self.setting(0.5, 0), "mean-field": Self.setting(1, 0), "E et al.": Self.setting(0.5, 0.5),
      ])
    for landmark in LuoEtAl2021(antisymmetric: false).landmarks {
      for name in landmark.name.split(separator: ", ") {
        let limit = limits[String(name)].map(LuoEtAl2021.plane.point)
        switch landmark.shape {
        case .point(let point): #expect(limit == point, "\(name)")
        case .diagonal: #expect(limit.map { $0.x == $0.y } == true, "\(name)")
        }
      }
    }
  }

  /// At every width (γ, γ') give κ and κ' back, and they tend to their limits.
  @Test(arguments: InitialisationScheme.named)
  func pointsAreThoseOfTheWidth(scheme: InitialisationScheme) throws {
    for m in [10, 1000, 1e6] {
      let point = scheme.point(width: m, dimension: 3)
      let gamma = try #require(point[LuoEtAl2021.gamma])
      let gammaPrime = try #require(point[LuoEtAl2021.gammaPrime])
      #expect(abs(Double.pow(m, -gamma) / scheme.kappa(width: m, dimension: 3) - 1) < 1e-12)
      #expect(abs(Double.pow(m, -gammaPrime) / scheme.kappaPrime(width: m, dimension: 3) - 1) < 1e-12)
    }
    let far = scheme.point(width: 1e300, dimension: 3)
    for (value, limit) in zip(far.values, scheme.limit.values) { #expect(abs(value - limit) < 2e-3) }
  }
}
