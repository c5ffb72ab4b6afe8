import Model
import RealModule

/// The start of a flow of a ReLU network with inputs in ℝᵈ.
struct SpaceStart: Sendable {
  /// What its neurons are.
  enum Neurons: Sendable {
    /// One by one.
    case sampled(InitialWeightSource)
    /// Weighted nodes.
    case nodes(SpaceNodes)
  }

  /// The training data.
  var samples: SampleSet
  /// Whether neurons have biases.
  var bias: Bool
  /// γ and γ'.
  var exponents: Exponents
  /// log₁₀ m.
  var log10Width: Double
  /// The neurons.
  var neurons: Neurons
  /// f̃(0), in place of what the nodes give it; n values.
  var initialFunction: [Double]?

  /// κ, κ' and the units of the neurons.
  var scales: WidthScales {
    switch neurons {
    case .sampled(let source):
      WidthScales(
        kappa: .pow(Double(source.width), -exponents.gamma),
        kappaPrime: .pow(Double(source.width), -exponents.gammaPrime))
    case .nodes: WidthScales(exponents, log10Width: log10Width)
    }
  }

  /// How many neurons are kept.
  var count: Int {
    switch neurons {
    case .sampled(let source): source.width
    case .nodes(let nodes): nodes.count
    }
  }

  /// The neurons at their initial values.
  ///
  /// - Parameters:
  ///   - threads: how many to use, at least 1.
  ///   - onProgress: called now and then.
  /// - Throws: ``FlowRunError`` if residuals or kernel leave double precision.
  func ensemble(threads: Int = 1, onProgress: (() -> Void)? = nil) throws(FlowRunError) -> ReLUEnsemble {
    let samples = SpaceSamples(samples, bias: bias)
    let (scales, weights) = (scales, try weights(samples))
    let limit = weights.isInSpan ? 1e290 : 1e150
    let ensemble = ReLUEnsemble(samples, scales: scales, weights, threads: threads, onProgress: onProgress)
    guard ensemble.initialSquared > 1e-200 else { throw .noInputWeights }
    guard (ensemble.residual + ensemble.kernel()).allSatisfy({ $0.magnitude < limit }) else {
      throw .overflow
    }
    return ensemble
  }
  /// The initial values.
  ///
  /// - Parameter samples: those of the start.
  /// - Throws: ``FlowRunError`` if there are no nodes in so many dimensions.
  func weights(_ samples: SpaceSamples) throws(FlowRunError) -> SpaceWeights {
    var weights: SpaceWeights
    switch neurons {
    case .sampled(let source): weights = SpaceWeights(source: source)
    case .nodes(let nodes):
      guard samples.rank + 1 <= ScrambledSobol.maxDimensions else {
        throw .unsupported(
          "weighted nodes with inputs in more than \(ScrambledSobol.maxDimensions - 1) dimensions",
          method: TwoLayerReLU.method)
      }
      weights = nodes.weights(samples, log10Width: log10Width, scales: scales)
    }
    if let initialFunction { weights.initialFunction = initialFunction }
    return weights
  }
}
