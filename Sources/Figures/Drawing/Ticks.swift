/// Tidy values along an axis: all multiples of 1, 2 or 5 times a power of ten inside a range.
struct Ticks: Hashable {
  /// Ascending.
  let values: [Double]
  /// As many digits after the point for all as the step needs; with a true minus sign.
  let labels: [String]
  /// From one to the next.
  let step: TidyStep

  /// All multiples of a step in a range.
  init(from low: Double, to high: Double, step: TidyStep) {
    self.step = step
    let multiples = Array(step.multiples(from: low, to: high))
    values = multiples.map { step.value(times: $0) }
    let places = min(max(0, -step.exponent), 15)
    labels = values.map { Decimal.typeset(Decimal.fixed($0, places: places)) }
  }
}

/// 1, 2 or 5 times a power of ten.
struct TidyStep: Hashable {
  /// 1, 2 or 5.
  let mantissa: Int
  /// The exponent of ten.
  let exponent: Int

  /// The largest tidy step that is at most the given positive number.
  init(notAbove limit: Double) {
    var step = TidyStep(mantissa: 1, exponent: 0)
    while step.value > limit && step.exponent > -300 {
      step = TidyStep(mantissa: 1, exponent: step.exponent - 1)
    }
    while step.next.value <= limit && step.exponent < 300 { step = step.next }
    self = step
  }

  /// The smallest tidy step that has few enough multiples in a range.
  ///
  /// - Parameters:
  ///   - low: the lower end of the range, finite.
  ///   - high: the upper end, greater than `low`.
  ///   - limit: at least 2.
  init(from low: Double, to high: Double, atMost limit: Int) {
    var step = TidyStep(notAbove: max(high - low, .leastNormalMagnitude) / Double(limit))
    while step.multiples(from: low, to: high).count > limit { step = step.next }
    self = step
  }

  init(mantissa: Int, exponent: Int) {
    self.mantissa = mantissa
    self.exponent = exponent
  }

  /// The next larger tidy step.
  var next: TidyStep {
    switch mantissa {
    case 1: TidyStep(mantissa: 2, exponent: exponent)
    case 2: TidyStep(mantissa: 5, exponent: exponent)
    default: TidyStep(mantissa: 1, exponent: exponent + 1)
    }
  }

  /// The step as a number.
  var value: Double { value(times: 1) }

  /// A multiple of it: the double nearest to the decimal numeral, as a person would write it.
  func value(times multiple: Int) -> Double {
    let power = (0..<exponent.magnitude).reduce(1.0) { power, _ in power * 10 }
    let number = Double(multiple) * Double(mantissa)
    return exponent < 0 ? number / power : number * power
  }

  /// The k for which k times the step lies in a range, or outside by no more than rounding errors.
  func multiples(from low: Double, to high: Double) -> Range<Int> {
    let slack = 1e-9 * (high - low) / value
    let first = (low / value - slack).rounded(.up)
    let last = (high / value + slack).rounded(.down)
    guard first.magnitude < 1e15, last.magnitude < 1e15, first <= last else { return 0..<0 }
    return Int(first)..<(Int(last) + 1)
  }
}

/// A range that is symmetric about zero, with a tidy end and tidy ticks.
struct SymmetricRange: Hashable {
  /// The range is −limit … limit; positive.
  let limit: Double
  /// From −limit to limit, both included, and zero among them.
  let ticks: Ticks
  /// Whether there are values below −limit.
  var opensBelow = false
  /// Whether there are values above limit.
  var opensAbove = false

  /// The smallest tidy range that holds all values; −1 … 1 if there are none.
  ///
  /// - Parameters:
  ///   - values: finite.
  ///   - minLimit: the range holds ±`minLimit` too, so that numbers that are as good as zero do not
  ///     look large.
  init(holding values: some Sequence<Double>, minLimit: Double) {
    var largest: Double?
    for value in values { largest = max(largest ?? minLimit, value.magnitude) }
    // Mantissas of limits in tenths, and how many ticks to each side suit them.
    let tidy = [(10, 2), (15, 3), (20, 4), (25, 5), (30, 3), (40, 4), (50, 5), (60, 3), (80, 4)]
    let needed = largest ?? 1
    for exponent in -13...13 {
      for (tenths, sides) in tidy {
        let candidate = SymmetricRange(tenths: tenths, sides: sides, exponent: exponent)
        if candidate.limit >= needed {
          self = candidate
          return
        }
      }
    }
    self.init(tenths: 10, sides: 2, exponent: 13)
  }

  /// The range −limit … limit, whose end need not be tidy; `limit` is positive and finite.
  init(exactly limit: Double) {
    self.limit = limit
    let step = TidyStep(from: -limit, to: limit, atMost: 9)
    ticks = Ticks(from: -limit, to: limit, step: step)
  }

  private init(tenths: Int, sides: Int, exponent: Int) {
    // The step in tenths is 5, 10 or 20: a tidy step again.
    let tenth = tenths / sides
    let step =
      tenth < 10
      ? TidyStep(mantissa: tenth, exponent: exponent - 1) : TidyStep(mantissa: tenth / 10, exponent: exponent)
    limit = step.value(times: sides)
    ticks = Ticks(from: -limit, to: limit, step: step)
  }
}
