/// What runs take, compared with what they were estimated to take, learned cost class by cost
/// class.
///
/// With ρ_c the measured over the estimated time of the n_c runs of class c, ρ and n likewise for
/// all runs, and a prior weight of w runs, the ratio of all is R = (n ρ + w) / (n + w) and that of
/// a class is (n_c ρ_c + w R) / (n_c + w): a class of which nothing is known is like all others,
/// and at first the estimates hold.
struct LearnedCosts: Sendable {
  private struct Measured: Sendable {
    var count = 0.0
    var measured = 0.0
    var estimated = 0.0

    mutating func add(_ seconds: Double, _ estimate: Double) {
      count += 1
      measured += seconds
      estimated += estimate
    }

    /// Shrunk towards `prior`.
    func ratio(prior: Double) -> Double {
      guard count > 0 else { return prior }
      return (count * measured / estimated + LearnedCosts.weight * prior) / (count + LearnedCosts.weight)
    }
  }

  /// How many runs it takes until measurements count as much as what was assumed before.
  private static let weight = 3.0
  /// A worker that reports no time must not make the rest of the sweep look free.
  private static let bounds = 1e-3...1e6

  private var classes: [Measured]
  private var all = Measured()
  /// R.
  private(set) var overall = 1.0

  /// Nothing measured yet, in any of so many classes.
  init(classes: Int) { self.classes = Array(repeating: Measured(), count: classes) }

  /// By what to multiply the estimate of a run of a class.
  func ratio(of index: Int) -> Double { classes[index].ratio(prior: overall) }

  /// Adds a run that took `seconds`. What cannot be compared is ignored.
  mutating func learn(_ seconds: Double, estimate: Double, class index: Int) {
    guard estimate > 0, estimate.isFinite, seconds.isFinite, seconds >= 0 else { return }
    let ratio = min(max(seconds / estimate, Self.bounds.lowerBound), Self.bounds.upperBound)
    all.add(ratio * estimate, estimate)
    classes[index].add(ratio * estimate, estimate)
    overall = all.ratio(prior: 1)
  }
}
