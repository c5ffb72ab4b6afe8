import Model

/// The initial weights of a three-layer network, each divided by its standard deviation.
struct InitialLayers: Sendable {
  /// W̄1 input by input: d̃ rows of m numbers.
  let first: DenseRows
  /// W̄2, m × m.
  let second: DenseRows
  /// ā, m numbers.
  let output: [Double]

  /// m.
  var width: Int { output.count }

  /// The names of given initial values.
  static let names = (first: "w1", second: "w2", output: "a")

  /// Standard normal numbers of a seed. First and output weights are those that a two-layer network
  /// of the seed has; those of narrower networks are part of those of wider ones.
  init(width: Int, inputs: Int, seed: UInt64, pool: ThreadPool) {
    let outer = InitialWeightSource(width: width, inputs: inputs, seed: seed, antisymmetric: false).weights
    var first = DenseRows(count: inputs, columns: width)
    for k in 0..<width {
      for c in 0..<inputs { first.values[c * width + k] = outer.w[k * inputs + c] }
    }
    let stream = NormalStream(seed: seed, layer: 1)
    var second = DenseRows(count: width, columns: width)
    second.values.withUnsafeMutableBufferPointer { values in
      guard let all = values.baseAddress else { return }
      pool.perform(width) { j in
        let row = all + j * width
        for k in stride(from: 0, to: width, by: 2) {
          let pair = stream.pair(neuron: j, pair: k / 2)
          row[k] = pair.0
          if k + 1 < width { row[k + 1] = pair.1 }
        }
      }
    }
    self.first = first
    self.second = second
    output = outer.a
  }

  /// Given values: the arrays `w1` (m × d̃, the bias last), `w2` (m × m) and `a` (m numbers).
  ///
  /// - Throws: ``FlowRunError/initialValues(_:)``.
  init(_ arrays: RecordedArrays, width: Int, inputs: Int) throws(FlowRunError) {
    func values(_ name: String, _ shape: [Int]) throws(FlowRunError) -> [Double] {
      let expected = "“\(name)” of shape (\(shape.map { "\($0)" }.joined(separator: ", ")))"
      guard let array = arrays[name], array.shape == shape, array.fields.count == 1 else {
        throw .initialValues("there is no array \(expected)")
      }
      let values = array.values
      guard values.allSatisfy({ $0.isFinite }) else {
        throw .initialValues("the array “\(name)” holds a number that is not finite")
      }
      return values
    }
    let rows = try values(Self.names.first, [width, inputs])
    first = DenseRows((0..<inputs).flatMap { c in (0..<width).map { rows[$0 * inputs + c] } }, columns: width)
    second = DenseRows(try values(Self.names.second, [width, width]), columns: width)
    output = try values(Self.names.output, [width])
  }
}

/// How far the weights of a three-layer network are from their initial values.
///
/// W̄2 − W̄2(0) = Σ_j u_j v_jᵀ is a sum of few products, because every sample moves W̄2 by one: an
/// m × m matrix is never changed.
struct LayerChanges: Sendable {
  /// W̄1 − W̄1(0), d̃ rows of m numbers.
  var first: DenseRows
  /// ā − ā(0), a row of m numbers.
  var output: DenseRows
  /// u_j, a row each.
  var left: DenseRows
  /// v_j, a row each.
  var right: DenseRows
  /// How many of the first u_j are orthonormal.
  private(set) var orthonormal = 0

  /// No change.
  init(width: Int, inputs: Int) {
    first = DenseRows(count: inputs, columns: width)
    output = DenseRows(count: 1, columns: width)
    left = .none(columns: width)
    right = .none(columns: width)
  }

  /// How many products there are.
  var rank: Int { left.count }

  /// Makes the u_j orthonormal, and drops what contributes less than a share of the largest
  /// singular value.
  mutating func compress(share: Double) {
    guard rank > orthonormal else { return }
    // U = Q R with R by columns; U Vᵀ = Q (V Rᵀ)ᵀ.
    let width = left.columns
    var basis = left.prefix(orthonormal)
    var reduced = right.prefix(orthonormal)
    for j in orthonormal..<rank {
      var u = DenseRows(Array(left.values[j * width..<(j + 1) * width]), columns: width)
      let v = DenseRows(Array(right.values[j * width..<(j + 1) * width]), columns: width)
      let size = u.squared.squareRoot()
      guard size > 0 else { continue }
      var components = [Double](repeating: 0, count: basis.count)
      // Twice is enough.
      for _ in 0..<2 where basis.count > 0 {
        let found = basis.products(with: u)
        basis.add(combinations: DenseRows(found.values.map { -$0 }, columns: basis.count), to: &u)
        for i in components.indices { components[i] += found.values[i] }
      }
      v.add(combinations: DenseRows(components, columns: 1), to: &reduced)
      let rest = u.squared.squareRoot()
      guard rest > Self.rounding * size else { continue }
      basis.append(u, factors: [1 / rest])
      reduced.append(v, factors: [rest])
    }
    guard basis.count > 0 else {
      left = basis
      right = reduced
      return
    }
    let count = basis.count
    let eigen = SymmetricEigen(reduced.products(with: reduced).values, n: count)
    let largest = eigen.values.max() ?? 0
    let kept = eigen.values.indices.filter { eigen.values[$0] > share * share * largest }
    var rotation = DenseRows.none(columns: count)
    for j in kept {
      rotation.values += eigen.vector((0..<count).map { $0 == j ? 1 : 0 })
    }
    left = basis.combinations(rotation)
    right = reduced.combinations(rotation)
    orthonormal = kept.count
  }

  /// What rounding leaves of a u_j that depends on the others, relative to it.
  private static var rounding: Double { 1e-13 }
}

extension LayerChanges: Checkpointed {
  func save(to writer: inout CheckpointWriter) throws {
    try writer.write(rank)
    try writer.write(orthonormal)
    for rows in [first, output, left, right] {
      for number in rows.values { try writer.write(number) }
    }
  }

  /// The changes that were saved.
  init(width: Int, inputs: Int, from reader: inout CheckpointReader) throws {
    self.init(width: width, inputs: inputs)
    let rank = try reader.int(in: 0...width)
    orthonormal = try reader.int(in: 0...rank)
    left = DenseRows(count: rank, columns: width)
    right = left
    for i in first.values.indices { first.values[i] = try reader.double() }
    for i in output.values.indices { output.values[i] = try reader.double() }
    for i in left.values.indices { left.values[i] = try reader.double() }
    for i in right.values.indices { right.values[i] = try reader.double() }
  }
}
