import Model
import RealModule
import Theories

/// The ladder of widths of a setting of a two-layer ReLU network on a line.
struct LineLadder: LadderSource {
  private let problem: Problem
  private let samples: SampleSet
  private let exponents: Exponents
  private let nodes: Int
  private let regime: LinearRegime
  /// f̃(0) in units of κ √m, where it must be unlearned at every width: γ < ½ without symmetry.
  private let initialFunction: [Double]?
  private let grading: NodeLayout.Grading
  private let isAntisymmetric: Bool
  private let known = LinearEstimates()

  /// The ladder of a setting.
  ///
  /// - Parameter grading: of the nodes where RD is large.
  init(
    _ exponents: Exponents, of problem: Problem, samples: SampleSet, grading: NodeLayout.Grading,
    isAntisymmetric: Bool
  ) {
    self.grading = grading
    self.problem = problem
    self.samples = samples
    self.exponents = exponents
    self.isAntisymmetric = isAntisymmetric
    nodes = InitialLaw.nodes(of: problem)
    let geometry = ConeGeometry(samples)
    regime = LinearRegime(on: geometry, target: problem.target)
    let fluctuates = !isAntisymmetric && InitialLaw(problem) != .mean && exponents.gamma < 0.5
    initialFunction = fluctuates ? Self.initialFunction(geometry) : nil
  }

  let quantities = [
    Quantity.supremumPrefix + LineReLUEnsemble.relativeChangeName, LineReLUEnsemble.relativeChangeName,
  ]

  let parts = [LineReLUEnsemble.oddPartName, LineReLUEnsemble.evenPartName]

  /// A sample of the Gaussian field Σ ā σ(w̄·x̃) / √m, in the limit m → ∞: the same at all widths.
  private static func initialFunction(_ geometry: ConeGeometry) -> [Double] {
    let layout = NodeLayout(geometry, count: 1024, grading: .plain)
    var result = [Double](repeating: 0, count: geometry.n)
    for (j, direction) in layout.directions.enumerated() {
      var stream = NodeStream(seed: Run.meanSeed, node: j)
      // E|θ|⁴ = 15.
      let excess = (15 * layout.weights[j]).squareRoot() * stream.normal()
      for (i, x) in geometry.x.enumerated() {
        result[i] += excess * direction.x * max(0, direction.w.dot(x))
      }
    }
    return result
  }

  // MARK: Range

  /// Double precision holds powers of ten up to this with some room for factors.
  private static let maxLog10 = 270.0
  /// Beyond, nothing is learned that is not known before.
  private static let maxWidth = 3000.0
  /// log₁₀ of the growth of neurons with almost constant output weights up to which graded nodes
  /// still have some in the layers that move.
  private static let maxFrozenGrowth = 4.0

  var maxLog10Width: Double {
    var result = Self.maxWidth
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
  var topLog10: Double { exponents.gammaPrime < 0 ? 18 : 10 }

  /// Those of the theory where the exponent depends on the data: there the flow of input weights
  /// alone may stop above the target, and what goes on then is slow (`docs/limit.md`).
  var bounds: ClosedRange<Double>? {
    let setting: Setting = [
      LuoEtAl2021.gamma: exponents.gamma, LuoEtAl2021.gammaPrime: exponents.gammaPrime,
    ]
    return LuoEtAl2021(antisymmetric: isAntisymmetric).exponentRange(at: setting)
      .flatMap { $0.lowerBound < $0.upperBound ? $0 : nil }
  }

  // MARK: Closed form

  func linear(at log10Width: Double) -> LinearEstimate? {
    known.value(log10Width) {
      let log10 = WidthScales.Logarithms(exponents, log10Width: log10Width)
      let unit = (0.5 - exponents.gamma) * log10Width
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
    var start = WeightedStart(
      samples: samples, exponents: exponents, log10Width: rung.log10Width, nodes: nodes / 4,
      grading: .plain)
    switch rung.nodes {
    case .plain: break
    case .fewer: start.nodes = nodes / 8
    case .finer: start.nodes = 4 * nodes
    case .sparse: start.nodes = max(InitialLaw.nodesRange.lowerBound, nodes / 16)
    case .sparseGraded:
      start.grading = grading
      start.nodes = max(InitialLaw.nodesRange.lowerBound, nodes / 16)
    case .graded: start.grading = grading
    case .regraded:
      start.grading = grading
      start.nodes = nodes
    case .fluctuating:
      start.grading = grading
      start.fluctuations = (Run.meanSeed, isAntisymmetric)
    }
    if let initialFunction {
      let unit = Double.exp10((0.5 - exponents.gamma) * rung.log10Width)
      start.initialFunction = initialFunction.map { unit * $0 }
    }
    return WeightedFlow.flow(try start.ensemble(), start.scales, [], problem)
  }
}
