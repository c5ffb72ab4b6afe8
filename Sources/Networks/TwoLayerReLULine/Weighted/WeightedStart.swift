import Model
import RealModule
import Theories

/// The start of a flow of weighted nodes at a width.
struct WeightedStart: Sendable {
  /// The training data.
  var samples: SampleSet
  /// γ and γ'.
  var exponents: Exponents
  /// log₁₀ m.
  var log10Width: Double
  /// How many nodes, about.
  var nodes: Int
  /// How they are distributed.
  var grading: NodeLayout.Grading
  /// The seed of the fluctuations, and whether neurons have partners with −ā; nil: the mean.
  var fluctuations: (seed: UInt64, antisymmetric: Bool)?
  /// f̃(0) to be taken for that of the nodes; n values; nil: that of the nodes.
  var initialFunction: [Double]?

  /// κ, κ' and the units of the neurons.
  var scales: WidthScales { WidthScales(exponents, log10Width: log10Width) }

  /// The neurons at their initial values.
  ///
  /// - Throws: ``FlowRunError/overflow`` if residuals or kernel leave double precision.
  func ensemble(threads: Int = 1) throws(FlowRunError) -> LineReLUEnsemble {
    let geometry = ConeGeometry(samples)
    let scales = scales
    let neurons: WeightedNeurons
    if let (seed, antisymmetric) = fluctuations {
      let stream = NormalStream(seed: seed)
      let layout = NodeLayout(geometry, count: nodes, grading: grading) {
        stream.uniforms(neuron: $0, pair: Self.splitPair).1
      }
      neurons = WeightedNeurons(
        fluctuating: layout, width: .exp10(log10Width), seed: seed, antisymmetric: antisymmetric,
        inputUnit: scales.inputUnit)
    } else {
      neurons = WeightedNeurons(
        mean: NodeLayout(geometry, count: nodes, grading: grading), inputUnit: scales.inputUnit)
    }
    var ensemble = LineReLUEnsemble(
      samples: samples, scales: scales, initial: .given(neurons.values, areTurned: true), threads: threads)
    if let initialFunction {
      ensemble.correct(function: initialFunction)
    } else if let lost = neurons.lostFunction(geometry) {
      let unit = scales.outputScale * scales.kappaPrime * scales.inputUnit
      ensemble.correct(function: lost.map { unit * $0 })
    }
    ensemble.isPaired = fluctuations == nil
    guard ensemble.initialSquared > 0,
      (ensemble.residual + ensemble.kernel()).allSatisfy({ $0.magnitude < 1e290 })
    else { throw .overflow }
    return ensemble
  }

  /// Where the stream of a node has the number by which its segment is split.
  private static let splitPair = 1 << 15
}
