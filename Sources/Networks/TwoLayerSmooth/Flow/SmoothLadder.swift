import Model
import RealModule

/// The ladder of widths of a setting of a smooth network.
struct SmoothLadder: LadderSource {
  private let start: SmoothStart
  private let problem: Problem
  private let nodes: Int
  private let isAntisymmetric: Bool

  /// The ladder of a setting.
  ///
  /// - Parameters:
  ///   - start: of any width and with any neurons.
  ///   - nodes: N of the problem.
  init(_ start: SmoothStart, nodes: Int, isAntisymmetric: Bool, of problem: Problem) {
    self.start = start
    self.nodes = nodes
    self.isAntisymmetric = isAntisymmetric
    self.problem = problem
  }

  let quantities = [
    Quantity.supremumPrefix + SmoothEnsemble.relativeChangeName, SmoothEnsemble.relativeChangeName,
  ]

  let parts: [String] = []

  var bounds: ClosedRange<Double>? { nil }

  let topLog10 = 10.0

  func linear(at log10Width: Double) -> LinearEstimate? { nil }

  // MARK: Range

  /// Double precision holds powers of ten up to this with some room for factors.
  private static let maxLog10 = 270.0
  /// log₁₀ of the largest factor by which the terms of f may exceed f: rounding of the terms then
  /// stays below the residual at the target.
  private static let maxCancellation = 11.0
  /// log₁₀ of the largest 1/s with a constant σ(0): it is a mode of the kernel that is stronger
  /// than all others by 1/s².
  private static let maxOffset = 5.0
  /// Beyond, rounding loses the weaker orders of σ beside the first: they drive neurons the less,
  /// the less their arguments have grown.
  private static let maxWidth = 12.0
  /// The same where σ is neither linear nor odd and of order one at 0: measured, two sets of nodes
  /// part at 10⁸ with GELU, and plateaus take thousands of steps with p > 1.
  private static let maxWidthOfOthers = 7.0

  var maxLog10Width: Double {
    let beta2 = SmoothScales.beta2(start.exponents, alpha: start.alpha)
    let p = Double(start.activation.multiplicity)
    var result = p == 1 && start.activation.parity == .odd ? Self.maxWidth : Self.maxWidthOfOthers
    func limit(_ exponent: Double, _ range: Double) {
      if exponent > 0 { result = min(result, range / exponent) }
    }
    limit(1 - start.exponents.gamma + (p - 1) * beta2, Self.maxCancellation)
    limit(abs(1 + (p + 1) * beta2 - start.alpha), Self.maxLog10)
    limit(abs(start.exponents.gammaPrime), Self.maxLog10 / 2)
    limit(abs(beta2), Self.maxLog10 / 2)
    if start.activation.valueAtZero != 0 { limit(-beta2, Self.maxOffset) }
    return (result * 4).rounded(.down) / 4
  }

  // MARK: Flows

  func flow(_ rung: RungRequest) throws -> any Flow {
    var start = start
    start.log10Width = rung.log10Width
    // f(0) = O(m^(½−γ)) must be unlearned.
    start.drawsFunction =
      rung.nodes != .fluctuating && !isAntisymmetric && InitialLaw(problem) != .mean
      && start.exponents.gamma < 0.5
    func mean(_ count: Int, scramble: UInt64) -> SmoothStart.Source {
      .nodes(count, scramble: scramble, fluctuations: nil)
    }
    start.source =
      switch rung.nodes {
      case .plain, .graded: mean(nodes / 2, scramble: 0)
      case .fewer, .regraded: mean(nodes / 2, scramble: 1)
      case .sparse, .sparseGraded: mean(nodes / 8, scramble: 1)
      case .finer: mean(2 * nodes, scramble: 0)
      case .fluctuating:
        .nodes(
          nodes / 2, scramble: 0,
          fluctuations: .init(seed: Run.meanSeed, antisymmetric: isAntisymmetric))
      }
    return SmoothFlow.flow(try start.ensemble(), start.scales, [], problem)
  }
}
