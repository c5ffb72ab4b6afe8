import Model
import RealModule

/// Samples as smooth networks see them: every input once, with its share ω_i of all samples.
struct SmoothSamples: Sendable {
  /// x_i, followed by 1 where there is a bias; n rows of d̃ numbers, one after the other, in
  /// lexicographic order.
  let inputs: [Double]
  /// √ω_i, n numbers.
  let rootShares: [Double]
  /// √ω_i y_i, n numbers.
  let targets: [Double]
  /// d̃.
  let dimension: Int
  /// Whether the last component of every input is the 1 of a bias.
  let hasBias: Bool
  /// n.
  var count: Int { targets.count }

  /// The samples of a problem.
  init(_ samples: SampleSet, bias: Bool) {
    let order = samples.x.indices.sorted { samples.x[$0].lexicographicallyPrecedes(samples.x[$1]) }
    var distinct: [(index: Int, count: Int)] = []
    for i in order {
      if let last = distinct.last, samples.x[last.index] == samples.x[i] {
        distinct[distinct.count - 1].count += 1
      } else {
        distinct.append((i, 1))
      }
    }
    let rootShares = distinct.map { (Double($0.count) / Double(samples.count)).squareRoot() }
    inputs = distinct.flatMap { samples.x[$0.index] + (bias ? [1] : []) }
    dimension = samples.dimension + (bias ? 1 : 0)
    hasBias = bias
    self.rootShares = rootShares
    targets = zip(distinct, rootShares).map { samples.y[$0.index] * $1 }
  }

  /// x_i·x_j, an n × n matrix.
  var products: [Double] {
    var result: [Double] = []
    for i in 0..<count {
      for j in 0..<count {
        result.append(
          (0..<dimension).reduce(0) { $0 + inputs[i * dimension + $1] * inputs[j * dimension + $1] })
      }
    }
    return result
  }

  /// The largest |x_i|.
  var maxNorm: Double {
    (0..<count).reduce(0) { largest, i in
      let row = inputs[i * dimension..<(i + 1) * dimension]
      return max(largest, row.reduce(0) { $0 + $1 * $1 }.squareRoot())
    }
  }

  /// Whether neurons are points of the plane of one input weight and a bias.
  var isPlanar: Bool { dimension == 2 && hasBias }
}
