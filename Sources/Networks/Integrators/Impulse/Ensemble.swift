/// A set of neurons as the impulse integrator sees it: nothing but n residuals that answer to impulses.
///
/// Time is τ, the residuals are r̃_i = √ω_i (f(x_i) − y_i) with the shares ω_i of the samples, so that the
/// mean squared residual is Σ r̃_i². An impulse is q = ∫ r̃ dτ over a step, n numbers. Other networks become
/// other ensembles; the integrator stays.
public protocol Ensemble {
  /// What ``motion(along:)`` found out about a motion and ``advance(_:)`` needs to carry it out.
  associatedtype Motion: EnsembleMotion

  /// n, the number of residuals.
  var sampleCount: Int { get }

  /// The residuals at the present state; n values.
  var residual: [Double] { get }

  /// The kernel K of dr̃/dτ = −K r̃ at the present state: n × n, row-major, symmetric, positive semidefinite.
  func kernel() -> [Double]

  /// Where a sequence of impulses would lead, each straight in the space of impulses.
  func motion(along pieces: [[Double]]) -> Motion

  /// Whether straight impulses, one after the other, leave open on which side of a kink they push neurons: then it
  /// matters how finely the path is cut into them.
  func isUndecided(along pieces: [[Double]]) -> Bool

  /// Carries out a motion that was worked out for the present state.
  mutating func advance(_ motion: Motion)

  /// A bound of the relative change of any neuron by an impulse, to first order in it; dimensionless.
  func mobility(_ impulse: [Double]) -> Double

  /// RD = ‖θ_w − θ_w(0)‖₂ / ‖θ_w(0)‖₂ at the present state.
  var relativeChange: Double { get }

  /// d(RD²)/dτ at the present state.
  var squaredChangeRate: Double { get }
}

/// A possible motion of an ensemble.
public protocol EnsembleMotion {
  /// The residuals after it; n values.
  var residual: [Double] { get }
}
