/// The number that a plain scalar denotes: digits with an optional sign, point and exponent; nil
/// for anything else. Stricter than YAML where YAML surprises (`1_000`, `0x10`, `1:30`, `.inf`),
/// and wider where it must be (`1e6`).
func decimalNumber(_ text: some StringProtocol) -> Double? {
  var rest = text.utf8[...]
  func isDigit(_ byte: UInt8) -> Bool { (48...57).contains(byte) }
  func skipDigits() -> Int {
    let count = rest.prefix(while: isDigit).count
    rest = rest.dropFirst(count)
    return count
  }
  func skip(_ bytes: String) {
    if let first = rest.first, bytes.utf8.contains(first) { rest = rest.dropFirst() }
  }
  skip("+-")
  var digits = skipDigits()
  if rest.first == UInt8(ascii: ".") {
    rest = rest.dropFirst()
    digits += skipDigits()
  }
  guard digits > 0 else { return nil }
  if rest.first == UInt8(ascii: "e") || rest.first == UInt8(ascii: "E") {
    rest = rest.dropFirst()
    skip("+-")
    guard skipDigits() > 0 else { return nil }
  }
  guard rest.isEmpty else { return nil }
  return Double(text)
}

/// How to write what is almost a number; nil if it is one, or nothing like one.
func numberAdvice(_ text: String) -> String? {
  guard decimalNumber(text) == nil else { return nil }
  // Hyphens, dashes and minus signs that are not the one of the keyboard.
  let minusSigns: Set<Character> = ["\u{2010}", "\u{2011}", "\u{2012}", "–", "—", "−", "﹣", "－"]
  let plain = String(text.map { minusSigns.contains($0) ? "-" : $0 })
  if let sign = text.first(where: minusSigns.contains), decimalNumber(plain) != nil,
    let scalar = sign.unicodeScalars.first
  {
    let code = String(scalar.value, radix: 16, uppercase: true)
    return "write - instead of \(sign), which is another character (U+\(code))"
  }
  if decimalNumber(String(text.map { $0 == "," ? "." : $0 })) != nil {
    return "write a decimal point, not a comma"
  }
  if decimalNumber(String(text.filter { $0 != "_" })) != nil { return "write the digits without _" }
  return nil
}

/// Whether a text is how some language writes infinity or not-a-number.
func isNonFiniteNumber(_ text: String) -> Bool {
  let bare = text.lowercased().drop { "+-.".contains($0) }
  return ["nan", "inf", "infinity"].contains(bare)
}

/// The largest integer up to which every integer is a double: numbers pass through JSON in many
/// languages.
let maxInteger = 9_007_199_254_740_991

/// The whole number that a number is, if it is one that a double holds exactly.
func wholeNumber(_ value: Double) -> Int? {
  guard value.rounded() == value, abs(value) <= Double(maxInteger) else { return nil }
  return Int(value)
}

/// Reads a number of bytes as `limits.memory` of a grid does: with or without a unit (B, kB, MB,
/// GB, TB, KiB, MiB, GiB, TiB, in any case).
///
/// - Returns: the number, at least 1 and at most 2⁵³ − 1; nil for anything else.
public func byteCount(of text: String) -> Int? {
  let units: [String: Double] = [
    "": 1, "b": 1, "kb": 1e3, "mb": 1e6, "gb": 1e9, "tb": 1e12,
    "kib": 1024, "mib": 1_048_576, "gib": 1_073_741_824, "tib": 1_099_511_627_776,
  ]
  // The unit begins after the last character that can end a number.
  let end = text.lastIndex { $0.isNumber || $0 == "." }.map(text.index(after:)) ?? text.startIndex
  let unit = text[end...].drop { $0 == " " }.lowercased()
  guard let value = decimalNumber(text[..<end]), let factor = units[unit] else { return nil }
  let bytes = (value * factor).rounded()
  guard bytes >= 1, bytes <= Double(maxInteger) else { return nil }
  return Int(bytes)
}
