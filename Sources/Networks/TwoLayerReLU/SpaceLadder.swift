import Model
import RealModule
import Theories

/// The ladder of widths of a setting of a ReLU network with inputs in ℝᵈ.
struct SpaceLadder: LadderSource {
  private let start: SpaceStart
  private let problem: Problem
  private let nodes: Int
  private let regime: LinearRegime
  /// f̃(0) in units of κ √m, where it must be unlearned at every width: γ < ½ without symmetry.
  private let initialFunction: [Double]?
  private let isAntisymmetric: Bool
  private let known = LinearEstimates()

  /// The ladder of a setting.
  ///
  /// - Parameter start: of any width, with as many nodes as the problem asks for.
  init(_ start: SpaceStart, isAntisymmetric: Bool, of problem: Problem) {
    self.start = start
    self.isAntisymmetric = isAntisymmetric
    self.problem = problem
    nodes = start.count
    let samples = SpaceSamples(start.samples, bias: start.bias)
    regime = LinearRegime(
      SphereMoments(samples.coordinates, inputs: samples.inputCount), targets: samples.target,
      target: problem.target)
    let fluctuates = !isAntisymmetric && InitialLaw(problem) != .mean && start.exponents.gamma < 0.5
    initialFunction = fluctuates ? Self.initialFunction(samples) : nil
  }

  let quantities = [
    Quantity.supremumPrefix + ReLUEnsemble.relativeChangeName, ReLUEnsemble.relativeChangeName,
  ]

  let parts: [String] = []

  /// A sample of the Gaussian field Σ ā σ(w̄·x̃) / √m, in the limit m → ∞: the same at all widths.
  private static func initialFunction(_ samples: SpaceSamples) -> [Double] {
    // Of the fluctuations of a width at which they are Gaussian, in units of 1/√m.
    let log10Width = 30.0
    let nodes = SpaceNodes(
      count: 1024, scramble: 0, fluctuations: .init(seed: Run.meanSeed, antisymmetric: false))
    let weights = nodes.weights(
      samples, log10Width: log10Width, scales: WidthScales(kappa: 1, kappaPrime: 1))
    return weights.initialFunction?.map { $0 * Double.exp10(log10Width / 2) } ?? []
  }

  // MARK: Range

  /// Double precision holds powers of ten up to this with some room for factors.
  private static let maxLog10 = 270.0
  /// Beyond, fixed nodes are too sparse in the thin layers of those that win, and the layers run
  /// empty.
  private static let maxCondensedWidth = 14.0
  /// Beyond, nothing is learned that is not known before.
  private static let maxWidth = 3000.0
  /// log₁₀ of the growth of neurons with almost constant output weights up to which nodes still
  /// have some in the layers that move.
  private static let maxFrozenGrowth = 4.0

  /// A kernel of N nodes is worse conditioned than that of all neurons: at n = 45 and γ' > 0, 1024
  /// nodes make RD differ by a third.
  let agreement = 1.0

  var maxLog10Width: Double {
    let exponents = start.exponents
    let theory = LuoEtAl2021(antisymmetric: true)
    var result = theory.trend(at: exponents.setting) == .vanishing ? Self.maxWidth : Self.maxCondensedWidth
    func limit(_ exponent: Double, _ range: Double = Self.maxLog10) {
      if exponent > 0 { result = min(result, range / exponent) }
    }
    // An impulse is as small as 1/κ'.
    limit(-exponents.gammaPrime, Self.maxLog10 / 2)
    limit(abs(1 - exponents.gamma + max(0, exponents.gammaPrime)))
    if bounds != nil { limit(exponents.gamma - 1, Self.maxFrozenGrowth) }
    // In quarters of a decade, so that shares of it are short numbers.
    return (result * 4).rounded(.down) / 4
  }

  /// Where output weights are large, which final state is reached goes on changing for long.
  var topLog10: Double { start.exponents.gammaPrime < 0 ? 18 : 10 }

  /// Those of the theory where the exponent depends on the data.
  var bounds: ClosedRange<Double>? {
    LuoEtAl2021(antisymmetric: isAntisymmetric).exponentRange(at: start.exponents.setting)
      .flatMap { $0.lowerBound < $0.upperBound ? $0 : nil }
  }

  // MARK: Closed form

  func linear(at log10Width: Double) -> LinearEstimate? {
    known.value(log10Width) {
      let log10 = WidthScales.Logarithms(start.exponents, log10Width: log10Width)
      let unit = (0.5 - start.exponents.gamma) * log10Width
      let value = regime.value(log10, initial: initialFunction.map { ($0, unit) })
      let isInRange =
        min(value.log10RD, value.log10Change) > -Self.maxLog10 / 2 && abs(log10.kernel) < Self.maxLog10
        && (initialFunction == nil || unit < Self.maxLog10 / 4)
      return LinearEstimate(
        log10: [quantities[0]: value.log10Supremum, quantities[1]: value.log10RD],
        log10Change: value.log10Change, isInRange: isInRange)
    }
  }

  // MARK: Flows

  func flow(_ rung: RungRequest) throws -> any Flow {
    var start = start
    start.log10Width = rung.log10Width
    let least = InitialLaw.nodesRange.lowerBound
    let nodes =
      switch rung.nodes {
      case .plain, .graded: SpaceNodes(count: nodes / 2, scramble: 0)
      case .fewer, .regraded: SpaceNodes(count: nodes / 2, scramble: 1)
      case .sparse, .sparseGraded: SpaceNodes(count: max(least, nodes / 8), scramble: 1)
      case .finer: SpaceNodes(count: 2 * nodes, scramble: 0)
      case .fluctuating:
        SpaceNodes(
          count: nodes / 2, scramble: 0,
          fluctuations: .init(seed: Run.meanSeed, antisymmetric: isAntisymmetric))
      }
    start.neurons = .nodes(nodes)
    if let initialFunction {
      let unit = Double.exp10((0.5 - start.exponents.gamma) * rung.log10Width)
      start.initialFunction = initialFunction.map { unit * $0 }
    }
    return SpaceFlow.flow(try start.ensemble(), [], problem)
  }
}
