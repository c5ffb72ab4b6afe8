import Foundation
import Model
import Testing

@testable import ResultStore

/// The text of named numbers, and times, as the database has them.
@Suite struct NumbersTextTests {
  private func numbers(_ text: String, _ reader: inout NumbersText) -> NamedNumbers? {
    var text = text
    return text.withUTF8 { reader.numbers(UnsafeRawBufferPointer($0)) }
  }

  private func number(_ name: String, in text: String) -> Double? {
    var text = text
    return text.withUTF8 { NumberFinder(name).number(in: UnsafeRawBufferPointer($0)) }
  }

  /// What comes out is what went in, for JSON's own decoder, too; and each number is found by its
  /// name.
  @Test func numbersComeBackAsTheyWentIn() throws {
    let seed = UInt64.random(in: 0...UInt64.max)
    var random = Generator(seed: seed)
    let names = ["rd", "sup_rd", "d", "", "a\"b", "back\\slash", ",\"rd\":", "é", "tab\t", "time"]
    var writer = NumbersText()
    var reader = NumbersText()
    for _ in 0..<2000 {
      let chosen = names.shuffled(using: &random).prefix(Int.random(in: 0...4, using: &random))
      let numbers = NamedNumbers(
        chosen.map { name in
          let bits = Double(bitPattern: random.next())
          let value = Bool.random(using: &random) ? Double(Int.random(in: -9...9, using: &random)) : bits
          return (name: name, value: value.isFinite ? value : 0)
        })
      let text = writer.text(numbers)
      #expect(self.numbers(text, &reader) == numbers, "\(text), random seed \(seed)")
      #expect(try JSONDecoder().decode(NamedNumbers.self, from: Data(text.utf8)) == numbers)
      for name in names {
        #expect(number(name, in: text) == numbers[name], "\(name) in \(text), random seed \(seed)")
      }
    }
  }

  @Test func equalNumbersHaveOneText() {
    var text = NumbersText()
    #expect(text.text(["b": 1, "a": 0.5]) == #"{"a":0.5,"b":1}"#)
    #expect(text.text(["a": 0.5, "b": 1]) == #"{"a":0.5,"b":1}"#)
    #expect(text.text(["a": -0.0]) == #"{"a":0}"#)
    #expect(SettingRow(["a": -0.0]).id == SettingRow(["a": 0]).id)
    #expect(SettingRow(["a": 1]).id != SettingRow(["b": 1]).id)
    #expect(SettingRow(["a": 1]).id > 0)
  }

  @Test func whatIsNoTextOfNumbersIsNotRead() {
    var reader = NumbersText()
    for wrong in [
      "", "{", "[]", #"{"a":}"#, #"{"a":1"#, #"{"a":1}x"#, #"{"a":"b"}"#, #"{"a":1 2}"#, #"{"a":nan}"#,
      #"{"a":0x10}"#,
    ] {
      // Once with unknown names, once with the names of the numbers before.
      #expect(numbers(wrong, &reader) == nil, "\(wrong)")
      #expect(numbers(#"{"a":1}"#, &reader) == ["a": 1])
      #expect(numbers(wrong, &reader) == nil, "\(wrong)")
    }
    #expect(numbers(#" {"b": 2, "a": 1} "#, &reader) == ["a": 1, "b": 2])
  }

  @Test func timesAreThoseOfISO8601() throws {
    let seed = UInt64.random(in: 0...UInt64.max)
    var random = Generator(seed: seed)
    var writer = Timestamps()
    var reader = Timestamps()
    for round in 0..<2000 {
      // From 1907 to 2223, now and then on the same day.
      let day = round % 3 == 0 ? 0 : Int.random(in: -23_000...92_000, using: &random)
      let date = Date(
        timeIntervalSince1970: Double(day * 86_400 + Int.random(in: 0..<86_400, using: &random)))
      let text = writer.text(date.addingTimeInterval(0.75))
      #expect(text == date.formatted(.iso8601), "random seed \(seed)")
      #expect(reader.date(text) == date, "random seed \(seed)")
    }
    for wrong in ["", "2026-11-30", "2026-11-30 15:54:19Z", "2026-11-30T15:54:1xZ", "2026-1--30T15:54:19Z"] {
      #expect(reader.date(wrong) == nil, "\(wrong)")
    }
  }
}
