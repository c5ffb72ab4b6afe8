import Foundation
import Testing

@testable import Model

/// Values that are passed on verbatim.
struct JSONValueTests {
  private let value = JSONValue.object([
    "b": .array([.null, .boolean(true), .number(0.1), .number(-3)]), "a": .string("\"\\\n\u{1}é/"),
    "empty": .object([:]), "list": .array([]),
  ])

  @Test func theySurviveEncoding() throws {
    let copy = try JSONDecoder().decode(JSONValue.self, from: JSONEncoder().encode(value))
    #expect(copy == value)
    for single in [JSONValue.null, .boolean(false), .number(1e300), .string("")] {
      #expect(try JSONDecoder().decode([JSONValue].self, from: JSONEncoder().encode([single])) == [single])
    }
  }

  /// Truth values are no numbers, and numbers no truth values.
  @Test func typesAreKept() throws {
    let json = #"[true, 1, 1.0, "1", null]"#
    #expect(
      try JSONDecoder().decode([JSONValue].self, from: Data(json.utf8)) == [
        .boolean(true), .number(1), .number(1), .string("1"), .null,
      ])
    #expect(JSONValue.number(1) != .boolean(true))
    let text = String(decoding: try JSONEncoder().encode([JSONValue.number(3), .number(0.5)]), as: UTF8.self)
    #expect(text == "[3,0.5]")
  }

  @Test func theCanonicalTextIsJSONAndOneForEqualValues() throws {
    #expect(try JSONDecoder().decode(JSONValue.self, from: Data(value.canonical.utf8)) == value)
    #expect(
      value.canonical
        == #"{"a":"\"\\\n\u0001é/","b":[null,true,0.1,-3],"empty":{},"list":[]}"#)
    #expect(
      JSONValue.number(-0.0) == .number(0)
        && JSONValue.number(-0.0).canonical == JSONValue.number(0).canonical)
  }

  @Test func onlyTheOwnTypeIsGiven() {
    let all: [JSONValue] = [.null, .boolean(true), .number(1), .string("a"), .array([]), .object([:])]
    #expect(all.compactMap(\.boolean) == [true] && all.compactMap(\.number) == [1])
    #expect(all.compactMap(\.string) == ["a"])
  }
}

/// What a family, or a worker, says of itself.
struct FamilyDescriptionTests {
  @Test func itSurvivesEncoding() throws {
    let description = FamilyDescription(
      title: "a network", methods: ["a/1"],
      parameters: [
        Parameter("x", symbol: "ξ", summary: "s", range: 0...1), Parameter("y", range: 2 ... .infinity),
      ],
      quantities: [Quantity("q", symbol: "Q", unit: "s", summary: "t", isSigned: true), Quantity("r")],
      recordables: [Recordable("curve", summary: "c")], plane: ["x"])
    let copy = try JSONDecoder().decode(FamilyDescription.self, from: JSONEncoder().encode(description))
    #expect(copy == description && copy.orderParameter == "q")
    #expect(copy.quantity("r").symbol == "r" && copy.quantity("z") == Quantity("z"))
    #expect(copy.parameter("x").symbol == "ξ" && copy.parameter("z") == Parameter("z"))
  }

  @Test func bareNamesSuffice() throws {
    let json = Data(#"["x", {"name": "y", "max": 3}]"#.utf8)
    #expect(
      try JSONDecoder().decode([Parameter].self, from: json) == [
        Parameter("x"), Parameter("y", range: -.infinity...3),
      ])
    #expect(
      try JSONDecoder().decode([Quantity].self, from: Data(#"["q", {"name": "r", "signed": true}]"#.utf8))
        == [
          Quantity("q"), Quantity("r", isSigned: true),
        ])
    #expect(throws: DecodingError.self) {
      try JSONDecoder().decode(Parameter.self, from: Data(#"{"name": "x", "min": 2, "max": 1}"#.utf8))
    }
  }
}

/// What a run yields.
struct RunResultTests {
  private func result(_ quantities: NamedNumbers, steps: Int = 1, seconds: Double = 1) -> RunResult {
    RunResult(outcome: .converged, reason: "", quantities: quantities, steps: steps, wallSeconds: seconds)
  }

  @Test func littleIsNeeded() throws {
    let json = Data(#"{"outcome": "budget_exhausted", "quantities": {"rd": 1}}"#.utf8)
    let least = try JSONDecoder().decode(RunResult.self, from: json)
    #expect(least.outcome == .budgetExhausted && least.quantities == ["rd": 1] && least.steps == 0)
    let full = RunResult(
      outcome: .stationary, reason: "r", quantities: ["rd": 1, "sup_rd": 2], steps: 3, wallSeconds: 4,
      initialSeconds: 5)
    #expect(try JSONDecoder().decode(RunResult.self, from: JSONEncoder().encode(full)) == full)
    #expect(throws: DecodingError.self) {
      try JSONDecoder().decode(RunResult.self, from: Data(#"{"outcome": "done", "quantities": {}}"#.utf8))
    }
  }

  @Test func numbersThatCannotBeAreNamed() {
    #expect(result(["rd": 1, "sup_rd": 1]).flaw == nil && result(["sup_rd": 1]).flaw == nil)
    #expect(result(["rd": .nan]).flaw == "rd is NaN")
    #expect(result(["rd": .infinity]).flaw == "rd is infinite")
    #expect(result(["rd": 2, "sup_rd": 1]).flaw == "sup_rd is less than rd")
    for suffix in ["exponent", "exponent_low", "exponent_high", "limit", "limit_error", "crossover_width"] {
      #expect(
        result(["rd_\(suffix)": 2, "sup_rd_\(suffix)": 1]).flaw == nil, "limits have errors of their own")
    }
    #expect(result(.none).flaw == "it has no quantities")
    #expect(result(["rd": 1], steps: -1).flaw == "steps is negative")
    #expect(result(["rd": 1], seconds: -1).flaw == "wall_seconds is negative")
  }
}
