import RealModule

/// Means over Gaussian neurons of a ReLU network in any number of dimensions: kernels in closed
/// form, the means of what moves by Sobol points.
///
/// Source of the kernels: Cho, Saul, *Kernel methods for deep learning*, NIPS 2009.
struct SphereMoments: GaussianMoments {
  let inputKernel: [Double]
  let outputKernel: [Double]
  private let count: Int
  /// d̃: E|w|².
  private let inputs: Double
  /// x̃_i·x̃_j, n × n.
  private let gram: [Double]
  /// σ(z_i) of the points, n numbers each.
  private let outputs: [[Double]]

  /// - Parameters:
  ///   - points: x̃_i in coordinates of their span: n rows of r ≥ 1 numbers.
  ///   - inputs: d̃ ≥ r, over which ‖θ_w(0)‖² is taken.
  init(_ points: [[Double]], inputs: Int) {
    count = points.count
    self.inputs = Double(inputs)
    var gram: [Double] = []
    for x in points { for y in points { gram.append(zip(x, y).reduce(0) { $0 + $1.0 * $1.1 }) } }
    self.gram = gram
    let n = count
    var (inputKernel, outputKernel) = (gram, gram)
    for i in 0..<n {
      for j in 0..<n {
        let (x, y, dot) = (gram[i * n + i], gram[j * n + j], gram[i * n + j])
        let norms = (x * y).squareRoot()
        // By the sine, which is right to rounding where directions nearly agree.
        let difference = zip(points[i], points[j]).reduce(0) { sum, pair in
          let d = pair.0 / x.squareRoot() - pair.1 / y.squareRoot()
          return sum + d * d
        }
        let angle = norms > 0 && i != j ? 2 * Double.asin(Swift.min(1, difference.squareRoot() / 2)) : 0
        inputKernel[i * n + j] =
          norms * (Double.sin(angle) + (.pi - angle) * Double.cos(angle)) / (2 * .pi)
        outputKernel[i * n + j] = (.pi - angle) / (2 * .pi) * dot
      }
    }
    self.inputKernel = inputKernel
    self.outputKernel = outputKernel
    let rank = points.first?.count ?? 1
    let neurons = SobolNeurons.normals(Self.points, inputs: rank, scramble: 0)
    outputs = (0..<Self.points).map { k in
      points.map { x in
        Swift.max(0, x.indices.reduce(0) { $0 + x[$1] * neurons.w[k * rank + $1] })
      }
    }
  }

  private static let points = 1024

  func squares(impulse: [Double], pairs: [Double]) -> (odd: Double, even: Double, change: Double) {
    let n = count
    var (even, change) = (0.0, 0.0)
    var v = [Double](repeating: 0, count: n)
    func squared(_ v: [Double], _ active: [Int]) -> Double {
      active.reduce(0) { sum, i in sum + v[i] * active.reduce(0) { $0 + gram[i * n + $1] * v[$1] } }
    }
    for z in outputs {
      let active = z.indices.filter { z[$0] > 0 }
      for i in active { v[i] = active.reduce(0) { $0 + pairs[i * n + $1] * z[$1] } }
      even += squared(v, active)
      change = Swift.max(change, squared(impulse, active))
    }
    let odd = (0..<n).reduce(0) { sum, i in
      sum + impulse[i] * (0..<n).reduce(0) { $0 + outputKernel[i * n + $1] * impulse[$1] }
    }
    return (Swift.max(0, odd) / inputs, even / Double(outputs.count) / inputs, change)
  }
}
