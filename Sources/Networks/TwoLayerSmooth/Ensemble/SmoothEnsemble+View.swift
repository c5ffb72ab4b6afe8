import RealModule

/// The neurons one by one, for recorders, and the function of any neurons.
extension SmoothEnsemble: ViewedNeurons {
  var neuronCount: Int { width }

  var isPlanar: Bool { samples.isPlanar }

  /// Over the kept neurons, each with its multiplicity.
  var outputSquared: Double {
    var sum = 0.0
    for k in 0..<width {
      let output = output(k) / scales.kappaPrime
      sum += multiplicity(k) * output * output
    }
    return sum
  }

  func forEachNeuron(_ body: (Int, NeuronView) -> Void) {
    let d = samples.dimension
    let growth = samples.growthDirection
    withUnsafeTemporaryAllocation(of: Double.self, capacity: d) { w in
      for k in 0..<width {
        for c in 0..<d { w[c] = input(k, c) }
        body(
          k,
          NeuronView(
            output: output(k) / scales.kappaPrime, input: UnsafeBufferPointer(w), growth: growth))
      }
    }
  }

  /// f̃_i = √ω_i f(x_i) of other neurons under the same scales: n values.
  func function(of neurons: SmoothNeurons) -> [Double] {
    let (n, d) = (samples.count, samples.dimension)
    var result = [Double](repeating: 0, count: n)
    for i in 0..<n {
      let z = (0..<neurons.count).map { k in
        (0..<d).reduce(0) { $0 + neurons.inputs[k * d + $1] * samples.inputs[i * d + $1] }
      }
      let values = activation.scaled(z, by: scales.inputScale).values
      for k in 0..<neurons.count {
        let weight = (neurons.multiplicities?[k] ?? 1) * neurons.outputs[k]
        result[i] += weight * (scales.offset + values[k])
      }
    }
    let unit = scales.outputScale * scales.kappaPrime
    return zip(result, samples.rootShares).map { $0 * $1 * unit }
  }
}

extension SmoothSamples {
  /// The unit vector of Σ_i y_i x̃_i, along which small neurons grow; zero if that vanishes.
  var growthDirection: [Double] {
    NeuronView.growthDirection(
      inputs, weights: zip(rootShares, targets).map { $0 * $1 }, dimension: dimension)
  }
}
