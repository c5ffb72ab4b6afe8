import Model
import RealModule

/// Weighted nodes of a ReLU network with inputs in ℝᵈ: directions of θ = (ā, w̄) in the span of the
/// samples, each of which stands for all neurons near it (`docs/space.md`).
struct SpaceNodes: Hashable, Sendable {
  /// How a network of m neurons differs from its mean.
  struct Fluctuations: Hashable, Sendable {
    var seed: UInt64
    /// Whether every neuron has a partner with −ā, so that f(0) = 0.
    var antisymmetric: Bool
  }

  /// N.
  var count: Int
  /// Which of many sets of directions.
  var scramble: UInt64
  /// Nil: the mean.
  var fluctuations: Fluctuations?

  /// The nodes of a network of m = 10^x neurons, in units of √m.
  ///
  /// f counts from its value at the start, which the nodes have only by chance, and from there
  /// begins with that of the fluctuations: a Gaussian field with the covariance of the network's
  /// own.
  ///
  /// - Parameter unit: by which the f̃ of nodes is to be multiplied.
  func weights(_ samples: SpaceSamples, log10Width: Double, scales: WidthScales) -> SpaceWeights {
    let rank = samples.rank
    let directions = SobolNeurons.directions(count, inputs: rank, scramble: scramble)
    let shares = [Double](repeating: 1 / Double(count), count: count)
    let width = Double.exp10(log10Width)
    var gathered = GatheredNeurons(mean: shares, normals: rank + 1)
    var copies = 1.0
    var inputSquared = Double(samples.inputCount)
    if let fluctuations {
      gathered = GatheredNeurons(
        fluctuating: shares, normals: rank + 1, width: width, seed: fluctuations.seed,
        antisymmetric: fluctuations.antisymmetric)
      // A partner moves in the mean as its neuron does.
      copies = fluctuations.antisymmetric ? 2 : 1
    }
    var (a, w) = (directions.a, directions.w)
    var squared = 0.0
    for j in 0..<count {
      let size = (copies * gathered.amounts[j]).squareRoot()
      a[j] *= size
      for i in j * rank..<(j + 1) * rank {
        w[i] *= size
        squared += w[i] * w[i]
      }
    }
    if let fluctuations {
      inputSquared = squared + Self.orthogonal(samples.inputCount - rank, width, seed: fluctuations.seed)
    }
    let unit = scales.inputUnit
    var function = [Double](repeating: 0, count: samples.count)
    if let fluctuations, !fluctuations.antisymmetric {
      function = samples.coordinates.map { x in
        let field = (0..<count).reduce(0) { sum, j in
          var z = 0.0
          for i in 0..<rank { z += directions.w[j * rank + i] * x[i] }
          return sum + gathered.excesses[j] * directions.a[j] * max(0, z)
        }
        return scales.outputScale * scales.kappaPrime * unit * field
      }
    }
    return SpaceWeights(
      source: InitialWeightSource(InitialWeights(a: a, w: w, inputs: rank)), isInSpan: true,
      initialSquared: unit * unit * inputSquared, initialFunction: function)
  }

  /// Σ|w|²/m over so many components of the m neurons that no sample has.
  private static func orthogonal(_ dimensions: Int, _ width: Double, seed: UInt64) -> Double {
    guard dimensions > 0 else { return 0 }
    let count = Double(dimensions) * width
    var stream = NodeStream(seed: seed, node: Int(UInt32.max))
    guard width <= GatheredNeurons.maxCounted else {
      return Double(dimensions) + (2 * Double(dimensions) / width).squareRoot() * stream.normal()
    }
    return 2 * stream.gamma(count / 2) / width
  }
}
