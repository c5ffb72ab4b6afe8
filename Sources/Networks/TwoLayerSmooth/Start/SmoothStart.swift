import Model
import RealModule

/// The start of a flow of a smooth network.
struct SmoothStart: Sendable {
  /// Where neurons come from.
  enum Source: Sendable {
    /// One by one.
    case sampled(InitialWeightSource)
    /// As weighted nodes, so many at most, with a scramble; with fluctuations, or their mean.
    case nodes(Int, scramble: UInt64, fluctuations: SmoothNodes.Fluctuations?)
  }

  /// The training data.
  var samples: SmoothSamples
  /// σ.
  var activation: SmoothActivation
  /// γ and γ'.
  var exponents: Exponents
  /// e of α = m^e.
  var alpha: Double
  /// log₁₀ m.
  var log10Width: Double
  /// The neurons.
  var source: Source
  /// Whether initial values are changed by ``perturbation``, each by another number.
  var isPerturbed = false
  /// Whether nodes that stand for the mean begin with a function that chance gives m neurons, the
  /// same chance at all widths.
  var drawsFunction = false
  /// Of the integrator.
  var tolerance: Double

  /// The standard deviation by which initial values are perturbed, relative to theirs.
  static let perturbation = 1e-9

  /// The scales of the width.
  var scales: SmoothScales {
    var sharesNeurons = false
    if case .nodes = source { sharesNeurons = true }
    return SmoothScales(
      activation, exponents, alpha: alpha, log10Width: log10Width, sharesNeurons: sharesNeurons)
  }

  /// How many neurons or nodes are kept.
  var count: Int {
    switch source {
    case .sampled(let source): source.width
    case .nodes(let count, _, let fluctuations):
      SmoothNodes.count(width: .exp10(log10Width), most: count, fluctuations: fluctuations)
    }
  }

  /// The neurons at their initial values.
  ///
  /// - Throws: ``FlowRunError`` if residuals or kernel leave double precision.
  func ensemble(threads: Int = 1) throws(FlowRunError) -> SmoothEnsemble {
    var ensemble: SmoothEnsemble
    switch source {
    case .sampled(let source):
      let weights = source.weights
      ensemble = made(SmoothNeurons(outputs: weights.a, inputs: weights.w), threads)
    case .nodes(let count, let scramble, let fluctuations):
      let nodes = SmoothNodes(
        width: .exp10(log10Width), count: count, inputs: samples.dimension, scramble: scramble,
        fluctuations: fluctuations)
      ensemble = made(nodes.neurons, threads)
      let initial =
        drawsFunction
        ? SmoothNodes.field(width: .exp10(log10Width), inputs: samples.dimension) : nodes.initialFunction
      ensemble.correct(function: ensemble.function(of: initial))
    }
    guard ensemble.initialSquared > 1e-200 else { throw .noInputWeights }
    guard (ensemble.residual + ensemble.kernel()).allSatisfy({ $0.magnitude < 1e290 }) else {
      throw .overflow
    }
    return ensemble
  }

  private func made(_ neurons: SmoothNeurons, _ threads: Int) -> SmoothEnsemble {
    SmoothEnsemble(
      samples: samples, activation: activation, scales: scales,
      initial: isPerturbed ? neurons.perturbed(by: Self.perturbation) : neurons, tolerance: tolerance,
      threads: threads)
  }
}

extension SmoothNeurons {
  /// The same with all numbers changed by independent normal ones of a standard deviation.
  fileprivate func perturbed(by size: Double) -> SmoothNeurons {
    var result = self
    let d = outputs.isEmpty ? 0 : inputs.count / outputs.count
    for k in outputs.indices {
      var stream = NodeStream(seed: Self.perturbationSeed, node: k)
      result.outputs[k] += size * stream.normal()
      for c in 0..<d { result.inputs[k * d + c] += size * stream.normal() }
    }
    return result
  }

  private static var perturbationSeed: UInt64 { 0x7065_7274 }
}
