import Model
import RealModule
import VectorKernels

/// A three-layer network and its samples: everything that does not change along a flow.
///
///     z1 = W̄1 x̃,  h1 = g1(z1),  z2 = W̄2 h1,  h2 = g2(z2),  f = κ āᵀ h2,
///     g_l(z) = σ(s_l z) / s_l
struct ThreeLayerNetwork: Sendable {
  /// The training data.
  let samples: SmoothSamples
  /// σ, with σ(0) = 0 and σ'(0) = 1.
  let activation: SmoothActivation
  /// The scales of the width.
  let scales: LayerScales
  /// The weights at the start.
  let initial: InitialLayers
  /// Of the initial weights: |W̄1|², |W̄2|², |ā|², and the largest singular value of W̄2.
  let sizes: (first: Double, second: Double, output: Double, secondOperator: Double)
  /// x̃ input by input: d̃ rows of n numbers.
  private let inputs: DenseRows
  /// x̃_i·x̃_j, n rows.
  let inputProducts: DenseRows
  let pool: ThreadPool

  /// n.
  var count: Int { samples.count }
  /// m.
  var width: Int { initial.width }

  /// The network at its initial values.
  init(
    samples: SmoothSamples, activation: SmoothActivation, scales: LayerScales, initial: InitialLayers,
    pool: ThreadPool
  ) {
    self.samples = samples
    self.activation = activation
    self.scales = scales
    self.initial = initial
    self.pool = pool
    let (n, d) = (samples.count, samples.dimension)
    inputs = DenseRows((0..<d).flatMap { c in (0..<n).map { samples.inputs[$0 * d + c] } }, columns: n)
    inputProducts = DenseRows(samples.products, columns: n)
    sizes = (
      initial.first.squared, initial.second.squared, initial.output.reduce(0) { $0 + $1 * $1 },
      initial.second.largestSingularValue(pool: pool)
    )
  }

  /// The values that samples have on their way through the network; a row of m numbers a sample.
  struct Signals: Sendable {
    fileprivate(set) var h1, slope1, z2, h2, slope2: DenseRows
    /// f(x_i).
    fileprivate(set) var function: [Double]
  }

  /// What comes back: δ2 = ā ∘ g2'(z2), e = W̄2ᵀ δ2, δ1 = e ∘ g1'(z1).
  struct Errors: Sendable {
    fileprivate(set) var second, back, first: DenseRows
  }

  /// Both ways at some weights.
  typealias State = (signals: Signals, errors: Errors)

  /// ā at a change of the weights.
  private func output(_ changes: LayerChanges) -> [Double] {
    zip(initial.output, changes.output.values).map { $0 + $1 }
  }

  /// The way forward.
  func signals(_ changes: LayerChanges) -> Signals {
    let d = samples.dimension
    // z1 of sample i: Σ_c x_ic (W̄1 row c).
    let factors = DenseRows(samples.inputs, columns: d)
    var z1 = initial.first.combinations(factors)
    changes.first.add(combinations: factors, to: &z1)
    let (h1, slope1) = activated(z1, scales.arguments.first)
    var z2 = initial.second.products(with: h1, pool: pool)
    if changes.rank > 0 {
      changes.left.add(combinations: changes.right.products(with: h1), to: &z2)
    }
    let (h2, slope2) = activated(z2, scales.arguments.second)
    let a = DenseRows(output(changes), columns: width)
    let function = h2.products(with: a).values.map { scales.kappa * $0 }
    return Signals(h1: h1, slope1: slope1, z2: z2, h2: h2, slope2: slope2, function: function)
  }

  private func activated(_ z: DenseRows, _ scale: Double) -> (DenseRows, DenseRows) {
    var values = DenseRows(count: z.count, columns: z.columns)
    var slopes = values
    smooth_activation(
      Int32(activation.kind.rawValue), scale, z.values, z.values.count, &values.values, &slopes.values)
    return (values, slopes)
  }

  /// The way back.
  func errors(_ changes: LayerChanges, _ signals: Signals) -> Errors {
    let a = output(changes)
    var second = signals.slope2
    for i in 0..<count {
      for k in 0..<width { second.values[i * width + k] *= a[k] }
    }
    var back = initial.second.combinations(second, pool: pool)
    if changes.rank > 0 {
      changes.right.add(combinations: changes.left.products(with: second), to: &back)
    }
    var first = back
    for k in first.values.indices { first.values[k] *= signals.slope1.values[k] }
    return Errors(second: second, back: back, first: first)
  }

  /// √ω_i (f(x_i) − y_i).
  func residual(_ signals: Signals) -> [Double] {
    (0..<count).map { samples.rootShares[$0] * signals.function[$0] - samples.targets[$0] }
  }

  /// κ √ω_i times the negative of an impulse.
  func drive(_ impulse: [Double]) -> [Double] {
    (0..<count).map { -scales.kappa * samples.rootShares[$0] * impulse[$0] }
  }

  /// Adds the change of the weights by a drive, as signals and errors of some state have it.
  func add(_ drive: [Double], at state: State, to changes: inout LayerChanges) {
    let n = count
    let (first, second, third) = scales.rates
    var factors = inputs
    for c in 0..<factors.count {
      for i in 0..<n { factors.values[c * n + i] *= first * drive[i] }
    }
    state.errors.first.add(combinations: factors, to: &changes.first)
    state.signals.h2.add(
      combinations: DenseRows(drive.map { third * $0 }, columns: n), to: &changes.output)
    changes.left.append(state.errors.second, factors: drive.map { second * $0 })
    changes.right.append(state.signals.h1, factors: [Double](repeating: 1, count: n))
  }
}

extension DenseRows {
  /// The largest singular value, to 10⁻⁹ of it: Lanczos on the product with the transpose.
  func largestSingularValue(pool: ThreadPool) -> Double {
    var start = DenseRows((0..<columns).map { 1 + Double($0 % 7) }, columns: columns)
    let norm = start.squared.squareRoot()
    start.values = start.values.map { $0 / norm }
    var basis = start
    var (diagonal, off): ([Double], [Double]) = ([], [])
    var last = 0.0
    for step in 1...min(columns, 300) {
      let v = DenseRows(Array(basis.values.suffix(columns)), columns: columns)
      let forward = products(with: v, pool: pool)
      var next = combinations(forward, pool: pool)
      diagonal.append(forward.squared)
      for _ in 0..<2 {
        let components = basis.products(with: next)
        basis.add(
          combinations: DenseRows(components.values.map { -$0 }, columns: basis.count), to: &next)
      }
      let rest = next.squared.squareRoot()
      var matrix = [Double](repeating: 0, count: step * step)
      for i in 0..<step {
        matrix[i * step + i] = diagonal[i]
        if i + 1 < step {
          matrix[i * step + i + 1] = off[i]
          matrix[(i + 1) * step + i] = off[i]
        }
      }
      let largest = step % 5 == 0 || step < 5 ? SymmetricEigen(matrix, n: step).values.max() ?? 0 : last
      guard rest > 1e-12 * (diagonal.max() ?? 0), step < columns else {
        return (SymmetricEigen(matrix, n: step).values.max() ?? 0).squareRoot()
      }
      if step % 5 == 0 {
        if largest - last < 1e-9 * largest { return largest.squareRoot() }
        last = largest
      }
      off.append(rest)
      basis.append(next, factors: [1 / rest])
    }
    return last.squareRoot()
  }
}
