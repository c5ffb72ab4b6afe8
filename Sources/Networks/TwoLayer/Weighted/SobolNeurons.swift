/// Neurons that stand for all of a Gaussian distribution: (ā, w̄) of scrambled Sobol points, all of
/// one weight.
enum SobolNeurons {
  /// N neurons with D input weights each.
  ///
  /// - Parameters:
  ///   - count: N; powers of two are spread most evenly.
  ///   - inputs: D, less than ``ScrambledSobol/maxDimensions``.
  ///   - scramble: which of many such sets.
  static func normals(_ count: Int, inputs: Int, scramble: UInt64) -> InitialWeights {
    let sobol = ScrambledSobol(dimensions: inputs + 1, scramble: scramble)
    var a: [Double] = []
    var w: [Double] = []
    a.reserveCapacity(count)
    w.reserveCapacity(count * inputs)
    for point in 0..<UInt32(count) {
      a.append(sobol.normal(point, 0))
      for input in 0..<inputs { w.append(sobol.normal(point, input + 1)) }
    }
    return InitialWeights(a: a, w: w, inputs: inputs)
  }

  /// N directions of θ = (a, w) with |θ| = 1, for networks that are homogeneous in θ.
  static func directions(_ count: Int, inputs: Int, scramble: UInt64) -> InitialWeights {
    let normals = normals(count, inputs: inputs, scramble: scramble)
    var (a, w) = (normals.a, normals.w)
    for k in a.indices {
      let rows = k * inputs..<(k + 1) * inputs
      let norm = rows.reduce(a[k] * a[k]) { $0 + w[$1] * w[$1] }.squareRoot()
      a[k] /= norm
      for i in rows { w[i] /= norm }
    }
    return InitialWeights(a: a, w: w, inputs: inputs)
  }
}
