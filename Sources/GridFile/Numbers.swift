/// The number that a plain scalar denotes: digits with an optional sign, point and exponent; nil for anything
/// else. Stricter than YAML where YAML surprises (`1_000`, `0x10`, `1:30`, `.inf`), and wider where it must
/// be (`1e6`).
func number(_ text: some StringProtocol) -> Double? {
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

/// The largest integer up to which every integer is a double: numbers pass through JSON in many languages.
let largestInteger = 9_007_199_254_740_991

/// The whole number that a number is, if it is one that a double holds exactly.
func wholeNumber(_ value: Double) -> Int? {
  guard value.rounded() == value, abs(value) <= Double(largestInteger) else { return nil }
  return Int(value)
}

/// A number as people write it: 13, 0.125, 1e+20.
func written(_ value: Double) -> String {
  if let whole = wholeNumber(value) { "\(whole)" } else { "\(value)" }
}

/// Bytes: a number with or without a unit (B, kB, MB, GB, TB, KiB, MiB, GiB, TiB, in any case); nil for
/// anything else, for less than one byte, and for more than a double holds exactly.
func memory(_ text: String) -> Int? {
  let units: [String: Double] = [
    "": 1, "b": 1, "kb": 1e3, "mb": 1e6, "gb": 1e9, "tb": 1e12,
    "kib": 1024, "mib": 1_048_576, "gib": 1_073_741_824, "tib": 1_099_511_627_776,
  ]
  // The unit begins at the last character that can end a number.
  let end = text.lastIndex { $0.isNumber || $0 == "." }.map(text.index(after:)) ?? text.startIndex
  let unit = text[end...].drop { $0 == " " }.lowercased()
  guard let value = number(text[..<end]), let factor = units[unit] else { return nil }
  let bytes = (value * factor).rounded()
  guard bytes >= 1, bytes <= Double(largestInteger) else { return nil }
  return Int(bytes)
}
