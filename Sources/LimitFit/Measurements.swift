import Model
import RealModule

/// The order parameter in the runs of one setting, by width.
struct Measurements: Sendable {
  /// The logarithm of the order parameter of one run.
  struct Value: Hashable, Sendable {
    /// Its index in ``widths``.
    var width: Int
    /// The seed; runs of one seed share initial values.
    var seed: UInt64
    /// The logarithm.
    var log: Double
  }

  /// Widths m with any value or bound, ascending.
  private(set) var widths: [Double] = []
  /// log m, by width.
  private(set) var x: [Double] = []
  /// Values of runs that converged or are stationary, by seed, then width.
  private(set) var values: [Value] = []
  /// Lower bounds, from runs that used up their budgets, by width, then seed.
  private(set) var bounds: [Value] = []
  /// How many runs converged or are stationary with value 0, which has no logarithm.
  private(set) var zero = 0
  /// How many did so with a value that is negative or no number, or without one.
  private(set) var invalid = 0

  /// Collects the runs of a point.
  ///
  /// - Parameter observations: in any order.
  init(_ observations: [Observation]) {
    var exact: [(run: Run, log: Double)] = []
    var lower: [(run: Run, log: Double)] = []
    for observation in observations {
      guard case .finished(let outcome, let found) = observation.state else { continue }
      guard let value = found, value > 0, value.isFinite else {
        if outcome == .converged || outcome == .stationary {
          if found == 0 { zero += 1 } else { invalid += 1 }
        }
        continue
      }
      if outcome == .budgetExhausted {
        lower.append((observation.run, Double.log(value)))
      } else {
        exact.append((observation.run, Double.log(value)))
      }
    }
    widths = Set((exact + lower).map(\.run.width)).sorted()
    x = widths.map { Double.log($0) }
    let index = Dictionary(uniqueKeysWithValues: zip(widths, widths.indices))
    func value(_ entry: (run: Run, log: Double)) -> Value {
      Value(width: index[entry.run.width] ?? 0, seed: entry.run.seed, log: entry.log)
    }
    values = exact.map(value).sorted { ($0.seed, $0.width) < ($1.seed, $1.width) }
    bounds = lower.map(value).sorted { ($0.width, $0.seed) < ($1.width, $1.seed) }
  }

  /// Indices of the widths that have a value, ascending.
  var measured: [Int] { Set(values.map(\.width)).sorted() }

  /// Seeds that have a value, ascending.
  var seeds: [UInt64] { Set(values.map(\.seed)).sorted() }
}
