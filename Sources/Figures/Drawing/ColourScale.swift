import RealModule

/// How numbers become colours, and which of them a colour bar names.
struct ColourScale {
  /// A number on the colour bar.
  struct Tick {
    var value: Double
    /// What is written; nothing at a mark without a number.
    var label: String
  }

  var map: ColourMap
  /// The numbers that the ends of the colours stand for; positive where `isLogarithmic`.
  var low, high: Double
  /// Whether equal ratios, rather than equal differences, are equal steps of colour.
  var isLogarithmic = false
  /// Ascending.
  var ticks: [Tick]
  /// Whether there are numbers beyond the ends.
  var opensBelow = false, opensAbove = false

  /// Where a number lies between the ends: 0 at the lower one, 1 at the upper one.
  func fraction(_ value: Double) -> Double {
    guard isLogarithmic else { return (value - low) / (high - low) }
    guard value > 0 else { return 0 }
    return Double.log(value / low) / Double.log(high / low)
  }

  /// The colour of a number; beyond the ends, that of the end.
  func colour(_ value: Double) -> Colour { map.colour(at: fraction(value)) }

  /// Diverging colours, with the neutral one exactly at 0.
  init(_ range: SymmetricRange) {
    map = .vik
    (low, high) = (-range.limit, range.limit)
    ticks = zip(range.ticks.values, range.ticks.labels).map { Tick(value: $0, label: $1) }
    opensBelow = range.opensBelow
    opensAbove = range.opensAbove
    // The number at an open end says so.
    if opensBelow, let first = ticks.first, first.value <= low { ticks[0].label = "≤ \(first.label)" }
    if opensAbove, let last = ticks.last, last.value >= high {
      ticks[ticks.count - 1].label = "≥ \(last.label)"
    }
  }

  /// Shares from none, which is pale, to a tidy share that is no less than any of some.
  init(shares: some Sequence<Double>) {
    let largest = shares.max() ?? 1
    let end = [0.05, 0.1, 0.2, 0.5].first { $0 >= largest } ?? 1
    map = .lajolla.reversed
    (low, high) = (0, end)
    let steps = end == 0.2 ? 4 : 5
    ticks = (0...steps).map { step in
      let value = end * Double(step) / Double(steps)
      return Tick(value: value, label: Decimal.trimmed(100 * value, places: 0) + " %")
    }
  }

  /// Widths, over decades.
  init(widths: some Sequence<Double>) {
    let logs = widths.filter { $0 > 0 && $0.isFinite }.map { Double.log10($0) }
    let from = (logs.min() ?? 0).rounded(.down)
    let to = max((logs.max() ?? 1).rounded(.up), from + 1)
    map = .batlow
    (low, high) = (Double.exp10(from), Double.exp10(to))
    isLogarithmic = true
    let step = ((to - from) / 8).rounded(.up)
    ticks = stride(from: from, through: to, by: step).map { decade in
      Tick(value: Double.exp10(decade), label: LogTicks.label(Double.exp10(decade)).plain)
    }
  }

  /// Counts from 1 to a number of one digit and zeros that is no less than any of some, in equal
  /// ratios.
  init(counts: some Sequence<Double>) {
    // At least 2, so that one orientation is not in the middle of the colours.
    let largest = max(2, counts.max() ?? 1)
    var power = 1.0
    while 10 * power <= largest { power *= 10 }
    let end = power * (largest / power).rounded(.up)
    map = .batlow
    (low, high) = (1, end)
    isLogarithmic = true
    ticks = []
    for step in sequence(first: 1.0, next: { $0 < end ? 10 * $0 : nil }) {
      for value in [step, 2 * step, 5 * step] where value <= end {
        ticks.append(Tick(value: value, label: Decimal.fixed(value, places: 0)))
      }
    }
  }
}
