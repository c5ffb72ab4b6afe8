import RealModule

/// RD of infinitely many neurons deep in the linear regime, in closed form.
///
/// Where neurons hardly move, the kernel stays what it is at the start, dr̃/dτ = −K r̃, and a
/// neuron of the active set P moves by (`docs/limit.md`)
///
///     Δw = κ' ā u_P + Q_P w,    u_P = −Σ q_i x̃_i,    Q_P = Σ ∫ dq_i q_k x̃_i x̃_kᵀ,    i, k ∈ P
///
/// with the impulse q = ∫ r̃ dτ: a part odd in ā and one that is even. Everything is kept as a
/// number of order one times a power of ten, so that the width may be any power of ten.
struct LinearRegime: Sendable {
  private let moments: any GaussianMoments
  private let targets: [Double]
  private let target: Double

  /// - Parameters:
  ///   - moments: of the neurons.
  ///   - targets: ỹ_i, n values in the order of the moments.
  ///   - target: the mean squared residual at which the flow ends.
  init(_ moments: any GaussianMoments, targets: [Double], target: Double) {
    self.moments = moments
    self.targets = targets
    self.target = target
  }

  /// What the flow comes to at a width.
  struct Value: Hashable, Sendable {
    /// log₁₀ RD at the end.
    var log10RD: Double
    /// log₁₀ of its supremum.
    var log10Supremum: Double
    /// log₁₀ of the parts of RD that are odd and even in ā.
    var log10Odd: Double
    var log10Even: Double
    /// log₁₀ of the largest impulse |u_P|: a neuron's relative change, to first order.
    var log10Change: Double
    /// Whether the target is met; else the flow rests above it.
    var converges: Bool
    /// The mean squared residual at the end.
    var meanSquaredResidual: Double
    /// log₁₀ τ of the end; infinite where it rests.
    var log10Time: Double
  }

  /// The flow at a width.
  ///
  /// - Parameters:
  ///   - log10: the scales at the width.
  ///   - initial: f̃(0), as n values and log₁₀ of their unit; nil: it vanishes.
  func value(
    _ log10: WidthScales.Logarithms, initial: (function: [Double], log10Unit: Double)? = nil
  ) -> Value {
    let n = targets.count
    // K in units of its scale.
    let squared = 2 * log10.kappaPrime
    let weights = (Double.exp10(Swift.min(0, -squared)), Double.exp10(Swift.min(0, squared)))
    let kernel = zip(moments.inputKernel, moments.outputKernel).map { weights.0 * $0 + weights.1 * $1 }
    let eigen = SymmetricEigen(kernel, n: n)
    // The residual in units of the larger of y and f(0).
    let unit = Swift.max(0, initial?.log10Unit ?? 0)
    var residual = targets.map { -$0 * Double.exp10(-unit) }
    if let initial {
      let share = Double.exp10(initial.log10Unit - unit)
      for i in residual.indices { residual[i] += share * initial.function[i] }
    }
    let modes = Modes(eigen, residual, target: target * Double.exp10(-2 * unit))
    // The supremum lies between grid points only by the square of their distance.
    var end = parts(modes, eigen, time: modes.end)
    end.scale(log10, unit)
    var supremum = end.log10Total
    if n <= Self.maxSearched, let last = modes.lastChange {
      for k in 1..<Self.searched {
        let time = last * Double.exp10(-Double(k) / Double(Self.searched) * 4)
        var part = parts(modes, eigen, time: time)
        part.scale(log10, unit)
        supremum = Swift.max(supremum, part.log10Total)
      }
    }
    return Value(
      log10RD: end.log10Total, log10Supremum: supremum, log10Odd: end.odd, log10Even: end.even,
      log10Change: end.change, converges: modes.converges,
      meanSquaredResidual: modes.remainder(at: modes.end) * Double.exp10(2 * unit),
      log10Time: Double.log10(modes.end) - log10.kernel)
  }

  private static let maxSearched = 24
  private static let searched = 32

  /// The parts of RD at a time, first without their units.
  private struct Parts {
    var odd: Double
    var even: Double
    var change: Double

    mutating func scale(_ log10: WidthScales.Logarithms, _ unit: Double) {
      let impulse = unit - log10.kernel
      odd += log10.kappaPrime + impulse
      even += 2 * impulse
      change += impulse
    }

    /// log₁₀ √(odd² + even²).
    var log10Total: Double {
      let (low, high) = (Swift.min(odd, even), Swift.max(odd, even))
      return high + (low > -.infinity ? Double.log(onePlus: Double.exp10(2 * (low - high))) : 0) / 2
        / .log(10)
    }
  }

  private func parts(_ modes: Modes, _ eigen: SymmetricEigen, time: Double) -> Parts {
    let squares = moments.squares(
      impulse: eigen.vector(modes.impulse(at: time)), pairs: modes.pairs(at: time, eigen))
    return Parts(
      odd: Double.log10(squares.odd) / 2, even: Double.log10(squares.even) / 2,
      change: Double.log10(squares.change) / 2)
  }
}

/// Means over Gaussian neurons that the linear regime needs, in the order of some samples.
protocol GaussianMoments: Sendable {
  /// E[σ_i σ_j], n × n.
  var inputKernel: [Double] { get }

  /// E[σ'_i σ'_j] x̃_i·x̃_j, n × n.
  var outputKernel: [Double] { get }

  /// Means of the squared displacements of w over E|w|²: of u_P, and of Q_P w; and the largest
  /// |u_P|².
  ///
  /// - Parameters:
  ///   - impulse: q, n values.
  ///   - pairs: ∫ dq_i q_k, n × n.
  func squares(impulse: [Double], pairs: [Double]) -> (odd: Double, even: Double, change: Double)
}

/// The residual of a flow with a constant kernel, by modes.
private struct Modes {
  private let rates: [Double]
  private let components: [Double]
  /// When the target is met; infinite if never.
  let end: Double
  /// Whether it is.
  let converges: Bool

  init(_ eigen: SymmetricEigen, _ residual: [Double], target: Double) {
    let fastest = eigen.values.max() ?? 0
    let rates = eigen.values.map { $0 > fastest * 1e-15 ? $0 : 0 }
    let components = eigen.components(of: residual)
    self.rates = rates
    self.components = components
    let still = zip(rates, components).reduce(0) { $0 + ($1.0 > 0 ? 0 : $1.1 * $1.1) }
    converges = still < target || target == 0
    guard converges, target > 0, fastest > 0 else {
      end = .infinity
      return
    }
    func remainder(_ time: Double) -> Double { Self.remainder(rates, components, time) }
    guard remainder(0) > target else {
      end = 0
      return
    }
    // Bisection in log time.
    var (low, high) = (-10.0, 0.0)
    while remainder(Double.exp10(high) / fastest) > target, high < 300 { high += 1 }
    low = Swift.max(low, high - 1)
    while remainder(Double.exp10(low) / fastest) <= target, low > -300 { low -= 1 }
    for _ in 0..<60 {
      let middle = (low + high) / 2
      if remainder(Double.exp10(middle) / fastest) > target { low = middle } else { high = middle }
    }
    end = Double.exp10(high) / fastest
  }

  private static func remainder(_ rates: [Double], _ components: [Double], _ time: Double) -> Double {
    zip(rates, components).reduce(0) { sum, mode in
      let decay = mode.0 > 0 ? Double.exp(-2 * mode.0 * time) : 1
      return sum + decay * mode.1 * mode.1
    }
  }

  /// The mean squared residual at a time.
  func remainder(at time: Double) -> Double { Self.remainder(rates, components, time) }

  /// The end, or where it is infinite a time after which nothing changes; nil if nothing ever does.
  var lastChange: Double? {
    if end.isFinite { return end > 0 ? end : nil }
    return rates.filter { $0 > 0 }.min().map { 40 / $0 }
  }

  /// ∫ r̃ by modes.
  func impulse(at time: Double) -> [Double] {
    zip(rates, components).map { rate, component in
      guard rate > 0 else { return time.isFinite ? component * time : 0 }
      return component * (time.isFinite ? -Double.expMinusOne(-rate * time) : 1) / rate
    }
  }

  /// ∫ dq_i q_k, n × n.
  func pairs(at time: Double, _ eigen: SymmetricEigen) -> [Double] {
    let n = rates.count
    var rows: [[Double]] = []
    for k in 0..<n {
      rows.append(
        eigen.vector(
          rates.indices.map { j in
            components[j] * components[k] * Self.integral(rates[j], rates[k], time)
          }))
    }
    // Now rows[k][i]: over k as well.
    var result = [Double](repeating: 0, count: n * n)
    for i in 0..<n {
      let line = eigen.vector(rows.map { $0[i] })
      for k in 0..<n { result[i * n + k] = line[k] }
    }
    return result
  }

  /// ∫ e^{−aτ} (1 − e^{−bτ})/b dτ from 0 to a time; 0 for modes that rest for ever.
  private static func integral(_ a: Double, _ b: Double, _ time: Double) -> Double {
    guard time.isFinite else { return a > 0 && b > 0 ? 1 / (a * (a + b)) : 0 }
    let slow = 1e-5
    if b * time < slow {
      // (1 − e^{−bτ})/b = τ.
      let z = a * time
      return z < 1e-3
        ? time * time * (0.5 - z / 3 + z * z / 8) : (1 - (1 + z) * Double.exp(-z)) / (a * a)
    }
    func mean(_ rate: Double) -> Double {
      rate * time < 1e-12 ? time : -Double.expMinusOne(-rate * time) / rate
    }
    return (mean(a) - mean(a + b)) / b
  }
}
