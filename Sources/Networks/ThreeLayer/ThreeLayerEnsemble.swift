import Model
import RealModule

/// A three-layer network as the impulse method moves it.
///
/// Along a straight impulse all weights move by classical Runge–Kutta steps, in each of which no
/// signal changes by more than a fixed share.
struct ThreeLayerEnsemble: ResidualDriven {
  /// What does not change.
  let network: ThreeLayerNetwork
  /// The weights.
  private(set) var changes: LayerChanges
  private(set) var signals: ThreeLayerNetwork.Signals
  private(set) var errors: ThreeLayerNetwork.Errors
  /// r̃_i.
  private(set) var residual: [Double]
  private(set) var tracked: [Double]
  private(set) var squaredRates: [Double]
  private let maxChange: Double
  private let tolerance: Double

  /// Where a motion would lead.
  struct Motion: ResidualMotion {
    let residual: [Double]
    fileprivate let changes: LayerChanges
    fileprivate let signals: ThreeLayerNetwork.Signals
  }

  /// The network at a change of its weights.
  ///
  /// - Parameter tolerance: of the integrator.
  init(_ network: ThreeLayerNetwork, _ changes: LayerChanges, tolerance: Double) {
    self.network = network
    self.changes = changes
    self.tolerance = tolerance
    maxChange = Self.maxChangeAtDefault * Double.pow(tolerance / 1e-3, 1 / 4.0)
    signals = network.signals(changes)
    errors = network.errors(changes, signals)
    residual = network.residual(signals)
    tracked = []
    squaredRates = []
    measure()
  }

  /// The share by which signals change in a Runge–Kutta step at a tolerance of 10⁻³.
  private static var maxChangeAtDefault: Double { 0.3 }
  /// A motion of more steps is not made.
  private static var maxSubsteps: Int { 100 }
  /// What is left out of the change of W̄2, beside its largest singular value, in tolerances.
  private static var rankShare: Double { 1e-3 }

  /// n.
  var sampleCount: Int { network.count }

  // MARK: Quantities

  /// The relative changes of the layers in the Frobenius norm, and that of W2 in the operator norm.
  static let trackedNames = ["rd_1", "rd_2", "rd_a", "rd_2_operator"]

  private mutating func measure() {
    let n = network.count
    let (sizes, scales) = (network.sizes, network.scales)
    let (r, drive) = (changes.rank, network.drive(residual))
    // U is orthonormal.
    let gram = changes.right.products(with: changes.right)
    let eigen = r > 0 ? SymmetricEigen(gram.values, n: r) : nil
    let top = eigen?.values.indices.max { (eigen?.values[$0] ?? 0) < (eigen?.values[$1] ?? 0) }
    let largest = max(0, top.flatMap { eigen?.values[$0] } ?? 0)
    tracked = [
      (changes.first.squared / sizes.first).squareRoot(), (changes.right.squared / sizes.second).squareRoot(),
      (changes.output.squared / sizes.output).squareRoot(), largest.squareRoot() / sizes.secondOperator,
    ]
    var rates = [0.0, 0, 0, 0]
    // ΔW1 x̃_i = Σ_c x_ic (row c); its product with δ1_i.
    let moved = changes.first.combinations(
      DenseRows(network.samples.inputs, columns: network.samples.dimension))
    let back = changes.left.products(with: errors.second), forth = changes.right.products(with: signals.h1)
    let along = top.flatMap { top in eigen?.vector((0..<r).map { $0 == top ? 1 : 0 }) } ?? []
    for i in 0..<n {
      let row = i * network.width..<(i + 1) * network.width
      var first = 0.0
      for k in row { first += moved.values[k] * errors.first.values[k] }
      rates[0] += 2 * scales.rates.first * drive[i] * first / sizes.first
      var output = 0.0
      for (k, a) in zip(row, changes.output.values) { output += a * signals.h2.values[k] }
      rates[2] += 2 * scales.rates.output * drive[i] * output / sizes.output
      let (u, v) = (back.values[i * r..<(i + 1) * r], forth.values[i * r..<(i + 1) * r])
      let product = zip(u, v).reduce(0) { $0 + $1.0 * $1.1 }
      rates[1] += 2 * scales.rates.second * drive[i] * product / sizes.second
      let (alongU, alongV) = (Self.product(along, u), Self.product(along, v))
      rates[3] +=
        2 * scales.rates.second * drive[i] * alongU * alongV / (sizes.secondOperator * sizes.secondOperator)
    }
    squaredRates = rates
  }

  private static func product(_ a: [Double], _ b: ArraySlice<Double>) -> Double {
    zip(a, b).reduce(0) { $0 + $1.0 * $1.1 }
  }

  // MARK: Kernel

  func kernel() -> [Double] {
    let n = network.count
    let scales = network.scales
    let (d1, d2) = (errors.first.products(with: errors.first), errors.second.products(with: errors.second))
    let (h1, h2) = (signals.h1.products(with: signals.h1), signals.h2.products(with: signals.h2))
    let roots = network.samples.rootShares.map { scales.kappa * $0 }
    return (0..<n * n).map { k in
      let layers =
        scales.rates.output * h2.values[k] + scales.rates.second * d2.values[k] * h1.values[k]
        + scales.rates.first * d1.values[k] * network.inputProducts.values[k]
      return roots[k / n] * roots[k % n] * layers
    }
  }

  // MARK: Motion

  /// The largest relative change of any signal, forth or back, or of the output weights, to first
  /// order: norms over neurons and samples.
  func mobility(_ impulse: Impulse) -> Double {
    mobility(network.drive(impulse.samples), changes, signals, errors)
  }

  private func mobility(
    _ drive: [Double], _ changes: LayerChanges, _ signals: ThreeLayerNetwork.Signals,
    _ errors: ThreeLayerNetwork.Errors
  ) -> Double {
    let n = network.count
    let rates = network.scales.rates
    func ratio(_ change: Double, _ size: Double) -> Double {
      change == 0 ? 0 : (change / size).squareRoot()
    }
    // ΔW1 x̃_s = η1 Σ_i p_i (x̃_i·x̃_s) δ1_i.
    let first = errors.first.combinations(
      network.inputProducts.scaled(drive.map { rates.first * $0 }))
    var change = 0.0
    for k in first.values.indices {
      let x = first.values[k] * signals.slope1.values[k]
      change += x * x
    }
    var result = ratio(change, signals.h1.squared)
    let h1 = signals.h1.products(with: signals.h1).scaled(drive.map { rates.second * $0 })
    result = max(result, ratio(errors.second.combinations(h1).squared, signals.z2.squared))
    let d2 = errors.second.products(with: errors.second).scaled(drive.map { rates.second * $0 })
    result = max(result, ratio(signals.h1.combinations(d2).squared, errors.back.squared))
    let output = signals.h2.combinations(DenseRows(drive.map { rates.output * $0 }, columns: n))
    let a = zip(network.initial.output, changes.output.values).reduce(0) {
      $0 + ($1.0 + $1.1) * ($1.0 + $1.1)
    }
    return max(result, ratio(output.squared, a))
  }

  func motion(along pieces: [Impulse]) -> Motion {
    guard let (changes, signals) = moved(along: pieces, compressing: true) else {
      return Motion(
        residual: [Double](repeating: .nan, count: sampleCount), changes: self.changes, signals: self.signals)
    }
    return Motion(residual: network.residual(signals), changes: changes, signals: signals)
  }

  func residual(along pieces: [Impulse]) -> [Double] {
    moved(along: pieces, compressing: false).map { network.residual($0.signals) }
      ?? [Double](repeating: .nan, count: sampleCount)
  }

  /// The weights after some impulses, and their signals; nil if that takes too many steps.
  private func moved(
    along pieces: [Impulse], compressing: Bool
  ) -> (changes: LayerChanges, signals: ThreeLayerNetwork.Signals)? {
    var (changes, signals) = (changes, signals)
    var errors: ThreeLayerNetwork.Errors? = errors
    var steps = 0
    for (index, piece) in pieces.enumerated() {
      let whole = network.drive(piece.samples)
      var left = 1.0
      while left > 0 {
        steps += 1
        let back = errors ?? network.errors(changes, signals)
        let change = mobility(whole.map { left * $0 }, changes, signals, back)
        guard change.isFinite, steps <= Self.maxSubsteps else { return nil }
        let parts = (change / maxChange).rounded(.up)
        let share = parts > 1 ? left / parts : left
        makeStep(whole.map { share * $0 }, change * share / left, &changes, (signals, back))
        left = parts > 1 ? left - share : 0
        let isLast = left == 0 && index == pieces.count - 1
        if changes.rank > Self.maxRank(sampleCount) || compressing && isLast {
          changes.compress(share: Self.rankShare * min(tolerance, 1e-3))
        }
        signals = network.signals(changes)
        errors = nil
      }
    }
    return (changes, signals)
  }

  private static func maxRank(_ n: Int) -> Int { 16 * n + 64 }

  /// A Runge–Kutta step of a drive by which signals change by a share.
  private func makeStep(
    _ drive: [Double], _ share: Double, _ changes: inout LayerChanges,
    _ start: ThreeLayerNetwork.State
  ) {
    func stage(_ before: ThreeLayerNetwork.State, _ factor: Double) -> ThreeLayerNetwork.State {
      var moved = changes
      network.add(drive.map { factor * $0 }, at: before, to: &moved)
      let signals = network.signals(moved)
      return (signals, network.errors(moved, signals))
    }
    let second = stage(start, 0.5)
    // The midpoint rule where its error is far below that of the flow's own step.
    if share * share * share < Self.midpointShare * tolerance * max(share, 0.1) {
      network.add(drive, at: second, to: &changes)
      return
    }
    let third = stage(second, 0.5)
    let fourth = stage(third, 1)
    for (weight, state) in [(1.0, start), (2.0, second), (2.0, third), (1.0, fourth)] {
      network.add(drive.map { weight / 6 * $0 }, at: state, to: &changes)
    }
  }

  private static var midpointShare: Double { 0.5 }

  mutating func advance(_ motion: Motion) {
    changes = motion.changes
    signals = motion.signals
    errors = network.errors(changes, signals)
    residual = motion.residual
    measure()
  }
}

extension DenseRows {
  /// The same with every element of a row times the factor of its column.
  fileprivate func scaled(_ factors: [Double]) -> DenseRows {
    var result = self
    for k in values.indices { result.values[k] *= factors[k % columns] }
    return result
  }
}

extension ThreeLayerEnsemble: Checkpointed {
  func save(to writer: inout CheckpointWriter) throws { try changes.save(to: &writer) }
}
