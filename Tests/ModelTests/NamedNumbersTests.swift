import Foundation
import Testing

@testable import Model

/// Numbers with names.
struct NamedNumbersTests {
  private let setting: Setting = ["gamma": 1.5, "beta": 0]

  @Test func theOrderOfWritingDoesNotCount() {
    #expect(setting == ["beta": 0, "gamma": 1.5] && setting.names == ["beta", "gamma"])
    #expect(setting.hashValue == (["beta": 0, "gamma": 1.5] as Setting).hashValue)
    #expect(NamedNumbers([(name: "a", value: 1), (name: "a", value: 2)]) == ["a": 2])
  }

  @Test func valuesAreFoundByName() {
    #expect(setting["gamma"] == 1.5 && setting["delta"] == nil && setting["xgamma".dropFirst()] == 1.5)
    #expect(setting.setting("gamma", to: 2) == ["gamma": 2, "beta": 0])
    #expect(setting.setting("alpha", to: 2).names == ["alpha", "beta", "gamma"])
    #expect(setting.without(["gamma", "x"]) == ["beta": 0] && setting.without([String]()) == setting)
    #expect(setting.text == "beta = 0, gamma = 1.5" && Setting.none.text.isEmpty)
  }

  @Test func theOrderIsTotal() {
    let ascending: [Setting] = [
      .none, ["a": 1], ["a": 1, "b": -1], ["a": 1, "b": 2], ["a": 1, "c": 0], ["a": 2], ["b": 0],
    ]
    for (i, a) in ascending.enumerated() {
      for (j, b) in ascending.enumerated() { #expect((a < b) == (i < j), "\(a) \(b)") }
    }
  }

  @Test func theySurviveEncoding() throws {
    let json = try JSONEncoder().encode(setting)
    #expect(try JSONDecoder().decode([String: Double].self, from: json) == ["gamma": 1.5, "beta": 0])
    for value in [setting, .none] {
      #expect(try JSONDecoder().decode(Setting.self, from: JSONEncoder().encode(value)) == value)
    }
    #expect(throws: DecodingError.self) {
      try JSONDecoder().decode(Setting.self, from: Data(#"{"a": "1"}"#.utf8))
    }
  }

  @Test(arguments: [
    (1000, "1000"), (0.5, "0.5"), (-0.25, "-0.25"), (1e15, "1000000000000000"), (1e-7, "1e-07"),
    (1e20, "1e+20"), (1000.5, "1000.5"),
  ])
  func numbersAreFormattedBriefly(value: Double, text: String) {
    #expect(formattedNumber(value) == text && Double(text) == value)
  }
}

/// Planes that are spanned by parameters.
struct PlaneTests {
  private let setting: Setting = ["x": 1, "y": 2, "z": 3]

  @Test func aSettingIsAPointOfASlice() {
    for plane in [Plane(x: "x", y: "y"), Plane(x: "z", y: "x"), Plane(x: "y")] {
      #expect(plane.setting(plane.point(setting), in: plane.slice(setting)) == setting)
      #expect(plane.slice(setting).names == ["x", "y", "z"].filter { !plane.names.contains($0) })
    }
    #expect(Plane(x: "z", y: "x").point(setting) == PlanePoint(x: 3, y: 1))
    #expect(Plane(x: "y").point(setting) == PlanePoint(x: 2, y: 0))
    #expect(Plane(x: "a", y: "b").point(setting) == PlanePoint(x: 0, y: 0))
  }

  @Test func planesHaveOneOrTwoNames() {
    #expect(Plane([String]()) == nil && Plane(["a"]) == Plane(x: "a"))
    #expect(Plane(["a", "b", "c"]) == Plane(x: "a", y: "b"))
  }
}
