import Foundation

/// What runs take, compared with what they were estimated to take, learned cost class by cost
/// class.
///
/// Of the ρ = (measured time) / (estimated time) of the n runs of a class, log ρ is taken to be
/// normal with an unknown mean μ and a variance s². The ratio of the sums is the measurement of
/// exp μ; it is shrunk towards what is assumed without it, with the weight τ / (τ + s²/n). For all
/// runs together that is 1 and τ is large, since an estimate may know nothing of the machine or of
/// the worker: runs that take alike are believed after one or two. For a class it is the ratio of
/// all runs, so that one of which nothing is known is like all others.
struct LearnedCosts: Sendable {
  private struct Measured: Sendable {
    var count = 0.0
    var measured = 0.0
    var estimated = 0.0
    /// Of log ρ.
    var mean = 0.0
    var squares = 0.0

    mutating func add(_ ratio: Double, _ estimate: Double) {
      count += 1
      measured += ratio * estimate
      estimated += estimate
      let logarithm = log(ratio)
      let difference = logarithm - mean
      mean += difference / count
      squares += difference * (logarithm - mean)
    }

    /// log of the ratio, shrunk towards `prior`.
    func logarithm(prior: Double, variance: Double) -> Double {
      guard count > 0 else { return prior }
      let own = (LearnedCosts.priorVariance + squares) / count
      let weight = variance / (variance + own / count)
      return prior + weight * (log(measured / estimated) - prior)
    }
  }

  /// s² of one run, in addition to what is measured.
  private static let priorVariance = 0.25
  /// τ: of the ratio of all runs, a factor of 20 either way; of a class beside all, of 3.
  private static let variance = (all: 9.0, class: 1.2)
  /// A worker that reports no time must not make the rest of the sweep look free.
  private static let bounds = 1e-3...1e6

  private var classes: [Measured]
  private var all = Measured()
  private var logarithm = 0.0

  /// Nothing measured yet, in any of so many classes.
  init(classes: Int) { self.classes = Array(repeating: Measured(), count: classes) }

  /// The ratio of all runs.
  var overall: Double { exp(logarithm) }

  /// By what to multiply the estimate of a run of a class.
  func ratio(of index: Int) -> Double {
    exp(classes[index].logarithm(prior: logarithm, variance: Self.variance.class))
  }

  /// Adds a run that took `seconds`. What cannot be compared is ignored.
  mutating func learn(_ seconds: Double, estimate: Double, class index: Int) {
    guard estimate > 0, estimate.isFinite, seconds.isFinite, seconds >= 0 else { return }
    let ratio = min(max(seconds / estimate, Self.bounds.lowerBound), Self.bounds.upperBound)
    all.add(ratio, estimate)
    classes[index].add(ratio, estimate)
    logarithm = all.logarithm(prior: 0, variance: Self.variance.all)
  }
}
