import VectorKernels

extension SmoothEnsemble: CondensingNeurons {
  var inputCount: Int { samples.dimension }
  var hasOpposites: Bool { activation.parity != .none }
  var gathersNeurons: Bool { false }
  var shareTargets: [Double] { samples.targets }
  var growthDirection: [Double] { samples.growthDirection }

  func normalisedKernel() -> [Double] { kernel().map { $0 * scales.timeScale } }

  func forEachState(_ body: (Int, CondensationState) -> Void) {
    let (n, d) = (samples.count, samples.dimension)
    withUnsafeTemporaryAllocation(of: Double.self, capacity: d + 3 * n) { room in
      let input = UnsafeMutableBufferPointer(rebasing: room[..<d])
      let products = UnsafeMutableBufferPointer(rebasing: room[d..<d + n])
      let features = UnsafeMutableBufferPointer(rebasing: room[d + n..<d + 2 * n])
      let slopes = UnsafeMutableBufferPointer(rebasing: room[d + 2 * n..<d + 3 * n])
      for k in 0..<width {
        for c in 0..<d { input[c] = self.input(k, c) }
        for i in 0..<n {
          var product = 0.0
          for c in 0..<d { product += input[c] * samples.inputs[i * d + c] }
          products[i] = product
        }
        if let z = products.baseAddress, let values = features.baseAddress, let g = slopes.baseAddress {
          smooth_activation(Int32(activation.kind.rawValue), scales.inputScale, z, n, values, g)
        }
        for i in 0..<n { features[i] = samples.rootShares[i] * (scales.offset + features[i]) }
        body(
          k,
          CondensationState(
            multiplicity: multiplicity(k), output: output(k) / scales.kappaPrime,
            input: UnsafeBufferPointer(input), products: UnsafeBufferPointer(products),
            features: UnsafeBufferPointer(features)))
      }
    }
  }
}
