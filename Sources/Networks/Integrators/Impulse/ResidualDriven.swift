import Model

/// A set of neurons as the impulse integrator sees it: nothing but n residuals that answer to
/// impulses.
///
/// Time is τ, the residuals are r̃_i = √ω_i (f(x_i) − y_i) with the shares ω_i of the samples, so
/// that the mean squared residual is Σ r̃_i². An impulse is q = ∫ r̃ dτ over a step, n numbers.
/// Another network is another such set; the integrator stays.
public protocol ResidualDriven {
  /// What ``motion(along:)`` found out about a motion and ``advance(_:)`` needs to make it.
  associatedtype Motion: ResidualMotion

  /// n, the number of residuals.
  var sampleCount: Int { get }

  /// The residuals at the present state; n values.
  var residual: [Double] { get }

  /// The kernel K of dr̃/dτ = −K r̃ at the present state: n × n, row-major, symmetric, positive
  /// semidefinite.
  func kernel() -> [Double]

  /// A factor B of the kernel at the present state, K = B Bᵀ, for flows that go on until
  /// eigenvalues matter that rounding has destroyed in K. Nil if the ensemble has none: then a flow
  /// whose rest depends on such eigenvalues is not found to be at rest.
  func kernelFactor() -> KernelFactor?

  /// Where a sequence of impulses would lead, each straight in the space of impulses.
  func motion(along pieces: [Impulse]) -> Motion

  /// The residuals after such a sequence, where nothing else is wanted; n values.
  func residual(along pieces: [Impulse]) -> [Double]

  /// Whether straight impulses, one after the other, leave open on which side of a kink they push
  /// neurons: then it matters how finely the path is cut into them. False where there are no kinks.
  func isUndecided(along pieces: [Impulse]) -> Bool

  /// Whether a motion ends with neurons at a kink, or beside it, where neither the residuals at the
  /// present state nor those after the motion would have them: then what happened at the kink was
  /// not resolved, and steps of this length would repeat it. False where there are no kinks.
  ///
  /// - Parameters:
  ///   - motion: a motion from the present state.
  ///   - before: the residuals at its start, as an impulse of any length.
  ///   - after: those at its end.
  func isContradictory(_ motion: Motion, before: Impulse, after: Impulse) -> Bool

  /// Makes a motion that was worked out for the present state.
  mutating func advance(_ motion: Motion)

  /// A bound of the relative change of any neuron by an impulse, to first order in it;
  /// dimensionless.
  func mobility(_ impulse: Impulse) -> Double

  /// The names of the tracked quantities, such as `rd`: norms, at least 0, of which the integrator
  /// keeps the running suprema. Results have each under its name and its supremum under `sup_` and
  /// its name.
  static var trackedNames: [String] { get }

  /// The tracked quantities at the present state, in the order of their names.
  var tracked: [Double] { get }

  /// d(q²)/dτ of each tracked quantity q at the present state, in the order of their names.
  var squaredRates: [Double] { get }

  /// What is measured once, at the end of a run.
  var measuredAtEnd: NamedNumbers { get }
}

extension ResidualDriven {
  /// Nothing.
  public var measuredAtEnd: NamedNumbers { .none }

  /// Those after the motion.
  public func residual(along pieces: [Impulse]) -> [Double] { motion(along: pieces).residual }

  /// None.
  public func kernelFactor() -> KernelFactor? { nil }

  /// No kinks.
  public func isContradictory(_ motion: Motion, before: Impulse, after: Impulse) -> Bool { false }

  /// No kinks.
  public func isUndecided(along pieces: [Impulse]) -> Bool { false }
}

/// A possible motion of neurons.
public protocol ResidualMotion {
  /// The residuals after it; n values.
  var residual: [Double] { get }
}
