import RealModule

/// One axis of a plot: what it shows, how values lie along it, and what is written at it.
struct PlotAxis {
  /// How values lie along an axis.
  enum Scale: Hashable {
    case linear
    /// Evenly in the logarithm; what is not positive lies beyond the lower end.
    case logarithmic
  }

  /// A mark with what is written at it; nil: a small mark without a number.
  struct Tick {
    var value: Double
    var label: RichText?
  }

  let scale: Scale
  /// The ends, finite, `low` < `high`; positive on a logarithmic axis.
  let low, high: Double
  /// Ascending marks with numbers, then those without.
  let ticks: [Tick]

  /// A linear axis with tidy ticks.
  ///
  /// - Parameters:
  ///   - low: the lower end.
  ///   - high: the upper end; widened to the least that can be told apart if it is not above `low`.
  ///   - limit: at most so many ticks, at least 2; two more where there would be one.
  static func linear(from low: Double, to high: Double, atMost limit: Int) -> PlotAxis {
    let minLength = max(1e-9 * max(abs(low), abs(high)), 1e-12)
    let (low, high) = high - low >= minLength ? (low, high) : (low - minLength, high + minLength)
    var ticks = Ticks(from: low, to: high, step: TidyStep(from: low, to: high, atMost: limit))
    // Steps grow by as much as 2.5: with so few ticks there may be one where two more than allowed
    // would be six.
    if ticks.values.count < 2 {
      ticks = Ticks(from: low, to: high, step: TidyStep(from: low, to: high, atMost: limit + 2))
    }
    // Decimals of more digits than a reader counts are powers of ten.
    let isPlain = ticks.step.exponent > -6 && max(abs(low), abs(high)) < 1e6
    return PlotAxis(
      scale: .linear, low: low, high: high,
      ticks: zip(ticks.values, ticks.labels).map { value, label in
        Tick(value: value, label: RichText(isPlain ? label : Numeral.significant(value, digits: 3)))
      })
  }

  /// A linear axis with given ticks.
  static func linear(from low: Double, to high: Double, ticks: [Tick]) -> PlotAxis {
    PlotAxis(scale: .linear, low: low, high: high, ticks: ticks)
  }

  /// A logarithmic axis, its ends given as decimal logarithms.
  ///
  /// - Parameters:
  ///   - low: log10 of the lower end, at least −300.
  ///   - high: log10 of the upper end, at most 300; half a decade above `low` at least.
  ///   - limit: at most so many numbers, at least 2.
  static func logarithmic(from low: Double, to high: Double, atMost limit: Int) -> PlotAxis {
    let low = min(max(low, -300), 299)
    let high = min(max(high, low + 0.5), 300)
    let (from, to) = (Double.exp10(low), Double.exp10(high))
    let ticks = LogTicks(from: from, to: to, atMost: limit)
    return PlotAxis(
      scale: .logarithmic, low: from, high: to,
      ticks: zip(ticks.values, labels(ticks.values)).map { Tick(value: $0, label: $1) }
        + ticks.minor.map { Tick(value: $0, label: nil) })
  }

  /// Decimals where all are short, powers of ten otherwise.
  private static func labels(_ values: [Double]) -> [RichText] {
    let isPlain = values.allSatisfy { $0 > 0.0099 && $0 < 1001 }
    // Multiples of powers of ten are longer than the decimals they stand for, within reason.
    let areMultiples = !values.allSatisfy { LogTicks.label($0).plain.hasPrefix("10") }
    let isReasonable = values.allSatisfy { $0 > 0.00099 && $0 < 50_001 }
    guard isPlain || areMultiples && isReasonable else { return values.map(LogTicks.label) }
    return values.map { RichText(Decimal.trimmed($0, places: 4)) }
  }

  /// How far along the axis a value lies: 0 at the lower end, 1 at the upper one.
  func fraction(_ value: Double) -> Double {
    switch scale {
    case .linear: (value - low) / (high - low)
    case .logarithmic:
      value > 0
        ? (Double.log10(value) - Double.log10(low)) / (Double.log10(high) - Double.log10(low)) : -.infinity
    }
  }

  /// The maximum width of a number.
  func labelWidth(size: Double) -> Double { ticks.compactMap { $0.label?.width(size: size) }.max() ?? 0 }
}

/// The range of decimal logarithms that some numbers span.
struct Decades: Hashable {
  var low, high: Double

  /// The least range that holds all positive finite numbers; nil without any.
  init?(_ numbers: some Sequence<Double>) {
    let logs = numbers.lazy.filter { $0 > 0 && $0.isFinite }.map { Double.log10($0) }
    guard let low = logs.min(), let high = logs.max() else { return nil }
    self.init(low: low, high: high)
  }

  init(low: Double, high: Double) {
    self.low = low
    self.high = high
  }

  /// How many decades it spans.
  var length: Double { high - low }

  /// The range around the same middle that spans so many decades.
  func stretched(to length: Double) -> Decades {
    let middle = (low + high) / 2
    return Decades(low: middle - length / 2, high: middle + length / 2)
  }
}
