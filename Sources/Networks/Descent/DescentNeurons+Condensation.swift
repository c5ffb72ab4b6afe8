import VectorKernels

extension DescentNeurons: CondensingNeurons {
  var inputCount: Int { dimension }
  var sampleCount: Int { samples.count }
  var hasOpposites: Bool {
    SmoothActivation.all.contains { Int32($0.kind.rawValue) == activation && $0.parity != .none }
  }
  var gathersNeurons: Bool { false }

  var shareTargets: [Double] {
    let share = 1 / Double(samples.count).squareRoot()
    return samples.targets.map { $0 * share }
  }

  var growthDirection: [Double] { samples.growthDirection }

  func normalisedKernel() -> [Double] { kernel().flatMap { $0 } }

  func forEachState(_ body: (Int, CondensationState) -> Void) {
    let (n, d) = (samples.count, dimension)
    withUnsafeTemporaryAllocation(of: Double.self, capacity: d + 3 * n) { room in
      let input = UnsafeMutableBufferPointer(rebasing: room[..<d])
      let products = UnsafeMutableBufferPointer(rebasing: room[d..<d + n])
      let features = UnsafeMutableBufferPointer(rebasing: room[d + n..<d + 2 * n])
      let slopes = UnsafeMutableBufferPointer(rebasing: room[d + 2 * n..<d + 3 * n])
      for k in 0..<width {
        let output = write(k, input)
        for i in 0..<n {
          var product = 0.0
          for c in 0..<d { product += input[c] * samples.inputs[i * d + c] }
          products[i] = product
          features[i] = max(0, product)
        }
        if activation != descent_relu, let z = products.baseAddress, let values = features.baseAddress,
          let g = slopes.baseAddress
        {
          smooth_activation(activation, scales.inputScale, z, n, values, g)
          for i in 0..<n { features[i] += scales.offset }
        }
        body(
          k,
          CondensationState(
            multiplicity: 1, output: output, input: UnsafeBufferPointer(input),
            products: UnsafeBufferPointer(products), features: UnsafeBufferPointer(features)))
      }
    }
  }
}
