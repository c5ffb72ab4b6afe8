import RealModule

/// Numbers for people.
public enum Numeral {
  /// A number with so many significant digits: 0.01234, 12.3, 4.57 × 10⁸ as "4.57e8"; with a true
  /// minus sign.
  ///
  /// - Parameter digits: from 1 to 15.
  public static func significant(_ number: Double, digits: Int = 4) -> String {
    guard number.isFinite else { return number.isNaN ? "–" : number < 0 ? "\u{2212}∞" : "∞" }
    guard number != 0 else { return "0" }
    let size = number.magnitude
    var exponent = Int(Double.log10(size).rounded(.down))
    if (-4..<6).contains(exponent) {
      return Decimal.typeset(Decimal.trimmed(number, places: min(max(digits - 1 - exponent, 0), 15)))
    }
    // In two steps, as 10^−exponent may be beyond the range.
    var mantissa = size / Double.exp10(Double(exponent / 2)) / Double.exp10(Double(exponent - exponent / 2))
    if Decimal.fixed(mantissa, places: digits - 1).hasPrefix("10") {
      mantissa /= 10
      exponent += 1
    }
    let text = Decimal.trimmed(mantissa, places: digits - 1)
    return Decimal.typeset("\(number < 0 ? "-" : "")\(text)e\(exponent)")
  }

  /// A number with three digits after the point, and a true minus sign.
  public static func fixed(_ number: Double, places: Int = 3) -> String {
    number.isFinite ? Decimal.typeset(Decimal.fixed(number, places: places)) : "–"
  }

  /// The value of a parameter: as many digits as it has, up to so many places, and no fewer than
  /// tell it from 0; with a true minus sign.
  public static func coordinate(_ number: Double, places: Int = 12) -> String {
    let isPlain = number == 0 || (1e-3..<1e9).contains(number.magnitude)
    return isPlain
      ? Decimal.typeset(Decimal.trimmed(number, places: places)) : significant(number, digits: places)
  }

  /// A width: all digits of a whole number, six of another.
  public static func width(_ width: Double) -> String {
    width.magnitude < 1e15 && width == width.rounded()
      ? Decimal.fixed(width, places: 0) : significant(width, digits: 6)
  }
}
