/// Decimal numerals, the same in every locale and on every machine.
enum Decimal {
  /// The number with exactly `places` digits after the point, rounded half away from zero; never
  /// "-0".
  ///
  /// Numbers that are not finite or beyond 2⁵³ units of the last place are written as Swift writes
  /// them.
  ///
  /// - Parameter places: from 0 to 15.
  static func fixed(_ number: Double, places: Int) -> String {
    var unit = 1
    for _ in 0..<min(max(places, 0), 15) { unit *= 10 }
    let scaled = (number.magnitude * Double(unit)).rounded()
    guard scaled < 9_007_199_254_740_992 else { return "\(number)" }
    let digits = Int(scaled)
    let sign = number < 0 && digits != 0 ? "-" : ""
    guard unit > 1 else { return "\(sign)\(digits)" }
    let fraction = String(digits % unit + unit).dropFirst()
    return "\(sign)\(digits / unit).\(fraction)"
  }

  /// The number with at most `places` digits after the point and no zeros at its end.
  static func trimmed(_ number: Double, places: Int) -> String {
    var text = fixed(number, places: places)
    guard text.contains("."), !text.contains("e") else { return text }
    while text.hasSuffix("0") { text.removeLast() }
    if text.hasSuffix(".") { text.removeLast() }
    return text
  }

  /// A numeral for people: with a minus sign (U+2212) in the place of a hyphen.
  static func typeset(_ numeral: String) -> String {
    String(numeral.map { $0 == "-" ? "\u{2212}" : $0 })
  }
}
