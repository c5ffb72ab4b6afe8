import Model

/// Why a run of a two-layer network cannot be made.
public enum FlowRunError: Error, Equatable, CustomStringConvertible {
  /// The problem asks for another method than the family's.
  case unknownMethod(String, own: String)
  /// The network has a key that means nothing here.
  case unknownKey(String)
  /// A key of the network has a value that it cannot have.
  case networkValue(NetworkKey)
  /// The method is one for other networks.
  case unsupported(String, method: String)
  /// The problem has no samples.
  case noSamples
  /// All inputs vanish, and there are no biases.
  case noInputs
  /// The parameters are not those of the family.
  case setting(Setting, expected: [String])
  /// The width is not a whole number from 1 to a largest one.
  case width(Double, most: Int)
  /// Antisymmetric initial values need an even width.
  case oddWidth(Int)
  /// Weighted nodes stand for no network of this width.
  case weightedWidth(Double)
  /// The mean of the initial values has no seeds.
  case seed(UInt64)
  /// A limit has no seeds.
  case limitSeed(UInt64)
  /// The mean of y² is within the target: neurons need not move, and their change has no exponent.
  case nothingToLearn(Double)
  /// RD has this log₁₀, below the range of double precision.
  case tooSmall(Double)
  /// Given initial values are neurons, not nodes.
  case givenNodes
  /// The target is not a positive number.
  case target(Double)
  /// The tolerance is not in (0, 0.1].
  case tolerance(Double)
  /// The scales m^−γ, m^−γ' leave the range of double precision.
  case outOfRange(Run)
  /// The largest and the smallest of |x̃|² differ by this factor, which is too much.
  case spread(Double)
  /// More samples than the family can take.
  case samples(Int, most: Int)
  /// The number of samples of a step is no whole number from 0 on.
  case batch(Double)
  /// Given initial values are not the arrays `a` and `w` of the run's width, or hold a number that
  /// is not finite.
  case initialValues(String)
  /// Residuals or kernel at the start are too large for double precision.
  case overflow
  /// All initial input weights vanish.
  case noInputWeights

  /// One sentence for the user.
  public var description: String {
    switch self {
    case .unknownMethod(let method, let own):
      "this network is integrated by \(own), not by \(method)"
    case .unknownKey(let key):
      "a two-layer network has no property “\(key)”; leave it out"
    case .networkValue(let key):
      "the network's “\(key.name)” must be \(Self.values(of: key))"
    case .unsupported(let what, let method):
      "the method \(method) cannot train \(what); leave the method out, and it is chosen"
    case .noSamples:
      "the problem has no samples; give at least one"
    case .noInputs:
      "all inputs are 0, so that a network without biases computes 0 whatever its weights; add biases, or "
        + "other samples"
    case .setting(let setting, let expected):
      "the parameters of a run must be \(expected.joined(separator: " and ")), not "
        + (setting.isEmpty ? "none" : setting.names.joined(separator: ", "))
    case .width(let width, let most):
      "the width is \(formattedNumber(width)); it must be a whole number from 1 to \(most)"
    case .oddWidth(let width):
      "the width is \(width); antisymmetric initial values need an even one"
    case .weightedWidth(let width):
      "the width is \(formattedNumber(width)); weighted nodes stand for networks of a finite width of at "
        + "least \(formattedNumber(InitialLaw.minWidth))"
    case .seed(let seed):
      "the seed is \(seed); the mean of the initial values has none: give seed 0, or law nodes"
    case .limitSeed(let seed):
      "the seed is \(seed); the limit m → ∞ has none: give seed 0"
    case .nothingToLearn(let loss):
      "the mean of y² is \(Float(loss)), within the target for the mean squared residual: nothing is "
        + "learned, and there is no limit to compute"
    case .tooSmall(let log10):
      "RD is 10^\(Int(log10.rounded())), below the range of double precision; take a smaller width, or "
        + "the limit m → ∞"
    case .givenNodes:
      "given initial values are those of neurons; leave them out, or take law sampled"
    case .target(let target):
      "the target for the mean squared residual is \(target); it must be a positive number"
    case .tolerance(let tolerance):
      "the tolerance is \(tolerance); it must lie in (0, 0.1]"
    case .samples(let count, let most):
      "there are \(count) samples; at most \(most) can be integrated"
    case .batch(let size):
      "the batch is \(formattedNumber(size)); it must be a whole number of samples, or 0 for all"
    case .spread(let factor):
      "the largest and the smallest |x̃|² of the samples differ by a factor of \(Float(factor)), which "
        + "leaves the smaller no digits in double precision; scale the inputs to within a factor of 10⁶"
    case .initialValues(let what):
      "the given initial values cannot be used: \(what)"
    case .noInputWeights:
      "all initial input weights and biases vanish, so that their relative change has no meaning"
    case .overflow:
      "the loss or its gradient at the start is too large for double precision; scale the samples, or choose "
        + "exponents nearer to zero"
    case .outOfRange(let run):
      "m^−γ or m^−γ' leaves the range of double precision at \(run.setting.text), "
        + "m = \(formattedNumber(run.width)); choose exponents nearer to zero"
    }
  }

  /// What the value of a key of the network can be.
  private static func values(of key: NetworkKey) -> String {
    switch key.kind {
    case .choice(let words):
      words.count < 2
        ? words.first ?? "nothing" : words.dropLast().joined(separator: ", ") + " or " + (words.last ?? "")
    case .integer(let range): "a whole number from \(range.lowerBound) to \(range.upperBound)"
    case .number(let range):
      "a number from \(formattedNumber(range.lowerBound)) to \(formattedNumber(range.upperBound))"
    case .boolean: "true or false"
    }
  }
}
