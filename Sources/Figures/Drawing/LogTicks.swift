/// Tidy values along a logarithmic axis: powers of ten, and the multiples between them where there
/// is room.
struct LogTicks: Hashable {
  /// Powers of ten inside the range, ascending; where the range holds fewer than two, also 2 and 5
  /// times them.
  let values: [Double]
  /// Unlabelled marks between them: 2 … 9 times the powers of ten, where every one of these has a
  /// label.
  let minor: [Double]

  /// The ticks of a range.
  ///
  /// - Parameters:
  ///   - low: the lower end, positive and finite.
  ///   - high: the upper end, greater than `low`.
  ///   - limit: at most so many powers of ten, at least 2.
  init(from low: Double, to high: Double, atMost limit: Int) {
    let slack = 1e-9
    func isInside(_ value: Double) -> Bool { value >= low * (1 - slack) && value <= high * (1 + slack) }
    let exponents = (-308...308).filter { isInside(Self.powerOfTen($0)) }
    if exponents.count < 2 {
      let around =
        (exponents.first.map { ($0 - 1)...($0 + 1) }) ?? Self.decade(of: low)...(Self.decade(of: low) + 1)
      values = around.flatMap { e in [1, 2, 5].map { $0 * Self.powerOfTen(e) } }.filter(isInside)
      minor = []
      return
    }
    var step = 1
    while (exponents.count + step - 1) / step > limit { step += step == 1 ? 1 : step == 2 ? 1 : 3 }
    // Multiples of the step, so that 10⁰ is among them where it is inside.
    values = exponents.filter { $0 % step == 0 }.map(Self.powerOfTen)
    minor =
      step > 1
      ? []
      : ((exponents.first ?? 0) - 1...(exponents.last ?? 0)).flatMap { e in
        (2...9).map { Double($0) * Self.powerOfTen(e) }
      }.filter(isInside)
  }

  /// What to write at a tick: 10³, or 2 · 10³, or 0.5 near 1.
  static func label(_ value: Double) -> RichText {
    let exponent = decade(of: value)
    let mantissa = (value / powerOfTen(exponent)).rounded()
    if mantissa == 1 { return .powerOfTen(exponent) }
    if (-2...2).contains(exponent) {
      return RichText(Decimal.trimmed(value, places: max(0, -exponent)))
    }
    return RichText("\(Int(mantissa)) · ") + .powerOfTen(exponent)
  }

  /// The greatest e for which 10^e is at most a positive number, or above it by no more than a
  /// rounding error.
  private static func decade(of value: Double) -> Int {
    (-308...308).last { powerOfTen($0) <= value * (1 + 1e-9) } ?? -308
  }

  /// 10^e as the nearest double.
  private static func powerOfTen(_ exponent: Int) -> Double { Double("1e\(exponent)") ?? 0 }
}
