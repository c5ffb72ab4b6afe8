import VectorKernels

extension ReLUEnsemble: CondensingNeurons {
  var inputCount: Int { initialWeights.source.inputs }
  var hasOpposites: Bool { false }
  var gathersNeurons: Bool { initialWeights.isInSpan }
  var shareTargets: [Double] { samples.target }

  var growthDirection: [Double] {
    let direction = samples.directions[1]
    return initialWeights.isInSpan
      ? samples.basis.map { SpaceSamples.product(direction, $0) } : direction
  }

  func normalisedKernel() -> [Double] { kernel().map { $0 * scales.kappa } }

  /// w = w(0) + Σ c_i x̃_i with w(0) of the initial values.
  func forEachState(_ body: (Int, CondensationState) -> Void) {
    let (n, d) = (samples.count, inputCount)
    let rows = initialWeights.isInSpan ? samples.coordinates : samples.input
    let outputUnit = 1 / scales.kappaPrime
    withUnsafeTemporaryAllocation(of: Double.self, capacity: d + 2 * n + 1) { room in
      let input = UnsafeMutableBufferPointer(rebasing: room[..<d])
      let products = UnsafeMutableBufferPointer(rebasing: room[d..<d + n])
      let features = UnsafeMutableBufferPointer(rebasing: room[d + n..<d + 2 * n])
      for k in 0..<width {
        let state = rowState(k)
        _ = initialWeights.source.write(k, input)
        for i in 0..<n {
          let (c, x) = (state.c[i] / scales.inputUnit, rows[i])
          if c != 0 { for j in 0..<d { input[j] += c * x[j] } }
          let isActive = state.active[i / 64] >> UInt64(i % 64) & 1 == 1
          let slides = state.sliding[i / 64] >> UInt64(i % 64) & 1 == 1
          products[i] = slides ? 0 : isActive ? 1 : -1
          features[i] = isActive && !slides ? max(0, state.z[i]) : 0
        }
        body(
          k,
          CondensationState(
            multiplicity: 1, output: state.a * outputUnit, input: UnsafeBufferPointer(input),
            products: UnsafeBufferPointer(products), features: UnsafeBufferPointer(features)))
      }
    }
  }
}
