import Model

/// Why a run cannot be carried out.
public enum FlowRunError: Error, Equatable, CustomStringConvertible {
  /// The problem asks for a method this code does not have.
  case unknownMethod(String)
  /// A feature that is not there yet.
  case unsupported(String)
  /// The width is not in 1 … ``FlowRun/largestWidth``.
  case width(Int)
  /// Antisymmetric initial values need an even width.
  case oddWidth(Int)
  /// The target is not a positive number.
  case target(Double)
  /// The tolerance is not in (0, 0.1].
  case tolerance(Double)
  /// The scales m^−γ, m^−γ' leave the range of double precision.
  case outOfRange(Run)
  /// The largest and the smallest of |x̃|² = x² + 1 differ by this factor, more than ``FlowRun/widestSpread``.
  case spread(Double)
  /// More samples than ``FlowRun/mostSamples``.
  case samples(Int)
  /// Residuals or kernel at the start are too large for double precision.
  case overflow
  /// All initial input weights vanish.
  case noInputWeights

  /// One sentence for the user.
  public var description: String {
    switch self {
    case .unknownMethod(let method):
      "this worker integrates by \(Problem.impulseMethod), not by \(method)"
    case .unsupported(let what):
      "\(what) is not supported yet; use inputs of dimension 1 with a bias"
    case .width(let width):
      "the width is \(width); it must lie between 1 and \(FlowRun.largestWidth)"
    case .oddWidth(let width):
      "the width is \(width); antisymmetric initial values need an even one"
    case .target(let target):
      "the target for the mean squared residual is \(target); it must be a positive number"
    case .tolerance(let tolerance):
      "the tolerance is \(tolerance); it must lie in (0, 0.1]"
    case .samples(let count):
      "there are \(count) samples; at most \(FlowRun.mostSamples) can be integrated"
    case .spread(let factor):
      "the largest and the smallest x² + 1 of the samples differ by a factor of \(Float(factor)), which leaves the smaller "
        + "no digits in double precision; scale the inputs to within a factor of 10⁶"
    case .noInputWeights:
      "all initial input weights and biases vanish, so that their relative change has no meaning"
    case .overflow:
      "the loss or its gradient at the start is too large for double precision; scale the samples, or choose "
        + "exponents nearer to zero"
    case .outOfRange(let run):
      "m^−γ or m^−γ' leaves the range of double precision at γ = \(run.point.gamma), "
        + "γ' = \(run.point.gammaPrime), m = \(run.width); choose exponents nearer to zero"
    }
  }
}
