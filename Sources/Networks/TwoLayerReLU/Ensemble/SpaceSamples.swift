import Model
import VectorKernels

/// The training data as ReLU neurons with inputs in ℝᵈ see them: by the scalar products of samples,
/// and the coordinates of samples in their span.
///
/// x̃_i = √ω_i (x_i, 1), or √ω_i x_i without a bias, where ω_i is the share of the sample: 1/n, or
/// more when the same sample is given several times.
struct SpaceSamples {
  /// n, the number of distinct samples.
  let count: Int
  /// d̃, the number of weights of a neuron: d, and 1 with a bias.
  let inputCount: Int
  /// r, the dimension of the span of the samples.
  let rank: Int
  /// √ω_i.
  let rootShare: [Double]
  /// x̃_i, n rows of d̃.
  let input: [[Double]]
  /// ỹ_i = √ω_i y_i.
  let target: [Double]
  /// The length of a row, a multiple of the lanes of a vector, and that of a set of samples in
  /// words.
  let stride: Int
  let words: Int
  /// x̃_i·x̃_j, n rows.
  let gram: RowMemory<Double>
  /// |x̃_i|, a row.
  let norm: RowMemory<Double>
  /// The samples in an orthonormal basis of their span, n rows of `rankStride` numbers.
  let factor: RowMemory<Double>
  let rankStride: Int
  /// That basis, r rows of d̃, and the samples in it, n rows of r.
  let basis: [[Double]]
  let coordinates: [[Double]]

  /// The samples, with a constant input of 1 behind the others or without.
  init(_ samples: SampleSet, bias: Bool) {
    var positions: [[Double]: Int] = [:]
    var counts: [Int] = []
    var distinct: [(x: [Double], y: Double)] = []
    for (x, y) in zip(samples.x, samples.y) {
      if let position = positions[x] {
        counts[position] += 1
      } else {
        positions[x] = distinct.count
        distinct.append((x, y))
        counts.append(1)
      }
    }
    let n = distinct.count
    count = n
    let rootShare = counts.map { (Double($0) / Double(samples.count)).squareRoot() }
    self.rootShare = rootShare
    let input = zip(distinct, rootShare).map { sample, share in
      (sample.x + (bias ? [1] : [])).map { share * $0 }
    }
    self.input = input
    inputCount = samples.dimension + (bias ? 1 : 0)
    target = zip(distinct, rootShare).map { $0.y * $1 }
    stride = Self.rounded(n)
    words = (n + 63) / 64
    gram = RowMemory(rows: input.map { x in input.map { Self.product(x, $0) } }, length: stride)
    norm = RowMemory(rows: [input.map { Self.product($0, $0).squareRoot() }], length: stride)
    basis = Self.basis(of: input)
    let basis = basis
    coordinates = input.map { x in basis.map { Self.product(x, $0) } }
    rank = basis.count
    rankStride = Self.rounded(max(1, rank))
    factor = RowMemory(rows: coordinates, length: rankStride)
  }

  /// The next multiple of the lanes of a vector.
  private static func rounded(_ count: Int) -> Int {
    (count + Int(space_lanes) - 1) / Int(space_lanes) * Int(space_lanes)
  }

  /// As the kernels see it; what it points to lives as long as the samples.
  var view: SpaceInputs {
    SpaceInputs(
      count: count, stride: stride, words: words, gram: gram.start, norm: norm.start, factor: factor.start,
      rank_stride: rankStride)
  }

  /// How many numbers of room the kernels need.
  var roomSize: Int { stride * (2 * stride + 50) + 2 * rankStride }

  static func product(_ x: [Double], _ y: [Double]) -> Double {
    var sum = 0.0
    for j in x.indices { sum += x[j] * y[j] }
    return sum
  }

  /// What is left of a sample beyond the span of others, relative to it, if it lies in that span.
  private static var dependence: Double { 1e-13 }

  /// An orthonormal basis of the span of vectors, by orthogonalisation with pivoting, done twice.
  private static func basis(of input: [[Double]]) -> [[Double]] {
    var rest = input
    var basis: [[Double]] = []
    let norms = input.map { product($0, $0).squareRoot() }
    while true {
      let left = rest.map { product($0, $0).squareRoot() }
      let candidates = left.indices.filter { left[$0] > dependence * norms[$0] }
      guard let pivot = candidates.max(by: { left[$0] < left[$1] }) else { break }
      var axis = rest[pivot].map { $0 / left[pivot] }
      for other in basis {
        let share = product(axis, other)
        for j in axis.indices { axis[j] -= share * other[j] }
      }
      let norm = product(axis, axis).squareRoot()
      for j in axis.indices { axis[j] /= norm }
      basis.append(axis)
      for i in rest.indices {
        let share = product(rest[i], axis)
        for j in axis.indices { rest[i][j] -= share * axis[j] }
      }
      rest[pivot] = [Double](repeating: 0, count: axis.count)
    }
    return basis
  }
}
