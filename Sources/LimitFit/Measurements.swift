import Model
import RealModule

/// What the runs of one phase point say about RD, by width.
struct Measurements: Sendable {
  /// log sup RD of one run.
  struct Value: Hashable, Sendable {
    /// Its place in ``widths``.
    var width: Int
    /// The seed, for telling which runs share initial values.
    var seed: UInt64
    /// log sup RD.
    var log: Double
  }

  /// Widths m with any value or bound, ascending.
  private(set) var widths: [Int] = []
  /// log m, by width.
  private(set) var x: [Double] = []
  /// Values of runs that converged or stationary, by seed, then width.
  private(set) var values: [Value] = []
  /// Lower bounds: log sup RD so far of runs that ran out of budget, by width, then seed.
  private(set) var bounds: [Value] = []
  /// How many runs ended with RD = 0, which has no logarithm.
  private(set) var zero = 0
  /// How many ended with an RD that is no number.
  private(set) var notFinite = 0

  /// Collects the runs of a point.
  ///
  /// - Parameter observations: in any order; it does not matter.
  init(_ observations: [Observation]) {
    var exact: [(run: Run, log: Double)] = []
    var lower: [(run: Run, log: Double)] = []
    for observation in observations {
      guard case .finished(let outcome, let rd) = observation.state else { continue }
      guard rd > 0, rd.isFinite else {
        // That RD is at least 0 is not worth saying.
        if outcome != .budgetExhausted || !rd.isFinite { if rd == 0 { zero += 1 } else { notFinite += 1 } }
        continue
      }
      if outcome == .budgetExhausted {
        lower.append((observation.run, Double.log(rd)))
      } else {
        exact.append((observation.run, Double.log(rd)))
      }
    }
    widths = Set((exact + lower).map(\.run.width)).sorted()
    x = widths.map { Double.log(Double($0)) }
    let place = Dictionary(uniqueKeysWithValues: zip(widths, widths.indices))
    func value(_ entry: (run: Run, log: Double)) -> Value {
      Value(width: place[entry.run.width] ?? 0, seed: entry.run.seed, log: entry.log)
    }
    values = exact.map(value).sorted { ($0.seed, $0.width) < ($1.seed, $1.width) }
    bounds = lower.map(value).sorted { ($0.width, $0.seed) < ($1.width, $1.seed) }
  }

  /// Places of the widths that have a value, ascending.
  var measured: [Int] { Set(values.map(\.width)).sorted() }

  /// Seeds that have a value, ascending.
  var seeds: [UInt64] { Set(values.map(\.seed)).sorted() }
}
