import DelimitedText
import Testing

struct CSVReaderTests {
  private func records(_ text: String) throws(CSVError) -> [CSVRecord] {
    var reader = CSVReader(text)
    var records: [CSVRecord] = []
    while let record = try reader.next() { records.append(record) }
    return records
  }

  private func fields(_ text: String) throws(CSVError) -> [[String]] {
    try records(text).map { $0.fields.map { String($0.text) } }
  }

  @Test(
    arguments: [
      ("a,b\n1,2\n", [["a", "b"], ["1", "2"]]),
      // The end of the last line may be missing.
      ("a,b\r\n1,2", [["a", "b"], ["1", "2"]]),
      ("a,b\r1,2\r", [["a", "b"], ["1", "2"]]),
      ("\u{FEFF}a,b\n", [["a", "b"]]),
      ("\u{FEFF}\"a\",b\n", [["a", "b"]]),
      ("a\n\n  \n# no, record\n\t#\"\nb\n#", [["a"], ["b"]]),
      (",\n,,", [["", ""], ["", "", ""]]),
      (" a b ,\t c\t\n", [["a b", "c"]]),
      ("", []),
      ("\n\r\n \n", []),
    ] as [(String, [[String]])])
  func lines(text: String, expected: [[String]]) throws {
    #expect(try fields(text) == expected)
  }

  @Test(
    arguments: [
      ("x,y\n\"1,5\",2\n", [["x", "y"], ["1,5", "2"]]),
      ("\"say \"\"a\"\"\",\"\"\"\",\"\"", [["say \"a\"", "\"", ""]]),
      ("\"one\ntwo\r\n\n#three\",b\nc,d", [["one\ntwo\r\n\n#three", "b"], ["c", "d"]]),
      (" \" a \" , \"b\"\t\r\n", [[" a ", "b"]]),
      ("\"#a\"\n", [["#a"]]),
      // Quotation marks within a field that does not begin with one are letters.
      ("5\",a\"b\"\n", [["5\"", "a\"b\""]]),
    ] as [(String, [[String]])])
  func quotedFields(text: String, expected: [[String]]) throws {
    #expect(try fields(text) == expected)
  }

  @Test(arguments: [
    ("a,\"b\n", CSVError.Kind.unclosedQuote, 1, 3),
    ("a\n  \"b\"\"\n\nc,d", .unclosedQuote, 2, 3),
    ("a,\"b\" c\n", .textAfterQuote, 1, 7),
    ("é\r\n\"b\nc\"\"\"\"d\",\"e\"f", .textAfterQuote, 3, 12),
  ])
  func faults(text: String, kind: CSVError.Kind, line: Int, column: Int) {
    let error = #expect(throws: CSVError.self) { _ = try records(text) }
    #expect(error?.kind == kind && error?.line == line && error?.column == column)
    #expect(error?.description.hasPrefix("line \(line), column \(column): ") == true)
  }

  @Test func recordsAndFieldsSayWhereTheyStand() throws {
    let records = try records("# c\r\n a,\"b\r\nc\", e\u{301},\n\n\"x\" ,y\u{2028}z")
    #expect(records.map(\.line) == [2, 5, 6])
    #expect(records.map(\.text) == [" a,\"b\r\nc\", e\u{301},", "\"x\" ,y", "z"])
    let places = records.map { $0.fields.map { [$0.line, $0.column] } }
    #expect(places == [[[2, 2], [2, 4], [3, 5], [3, 8]], [[5, 1], [5, 6]], [[6, 1]]])
  }

  /// What is written by the rules of RFC 4180 comes back, whatever is in it.
  @Test func whatIsQuotedComesBack() throws {
    let seed = UInt64.random(in: .min ... .max)
    var random = SplitMix64(state: seed)
    let letters = Array("a1,\"\n\r #\t;é\u{301}\u{FEFF}\u{2028}\u{0}".unicodeScalars)
    for _ in 0..<300 {
      let table = (0..<Int.random(in: 1...4, using: &random)).map { _ in
        (0..<Int.random(in: 1...4, using: &random)).map { _ in
          var text = String.UnicodeScalarView()
          for _ in 0..<Int.random(in: 0...6, using: &random) {
            text.append(letters.randomElement(using: &random) ?? "a")
          }
          return String(text)
        }
      }
      let end = ["\n", "\r\n", "\r"].randomElement(using: &random) ?? "\n"
      let text = table.map { row in row.map(Self.quoted).joined(separator: ",") + end }.joined()
      let read = try fields(text).map { $0.map { Array($0.unicodeScalars) } }
      #expect(read == table.map { $0.map { Array($0.unicodeScalars) } }, "seed \(seed)")
    }
  }

  private static func quoted(_ text: String) -> String {
    var quoted = String.UnicodeScalarView()
    for scalar in text.unicodeScalars { quoted += scalar == "\"" ? ["\"", "\""] : [scalar] }
    return "\"\(String(quoted))\""
  }
}

/// SplitMix64 (Steele, Lea, Flood, OOPSLA 2014).
private struct SplitMix64: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}
