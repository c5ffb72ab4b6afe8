import RealModule

@testable import Networks

/// The gradient flow in ℝᵈ by tiny explicit steps (Heun), written from its equations alone: it
/// knows no crossings and no sliding. Neurons that the flow holds on a kink oscillate across it.
struct SpaceBruteForce {
  let network: SpaceNetwork
  let target: Double

  /// Where the tiny steps ended.
  struct End {
    var hasConverged = false
    /// All steps were used up.
    var isExhausted = false
    var rd = 0.0
    var time = 0.0
    var meanSquaredResidual = 0.0
    /// The flow was not unique on the way: a neuron came nearer to w = 0 than the steps resolve, or
    /// its â changed sign while it was held on a kink.
    var metFork = false
  }

  /// Integrates until the target or a time τ.
  ///
  /// - Parameters:
  ///   - fineness: the largest relative change of a neuron in a step.
  ///   - limit: the largest number of steps.
  func callAsFunction(until end: Double, fineness: Double, limit: Int) -> End {
    let x = network.x.map { $0 + (network.bias ? [1] : []) }
    let (n, m, d) = (x.count, network.a.count, x.first?.count ?? 0)
    let c = network.kappa / network.kappaPrime
    let inputs = x.flatMap { $0 }
    let initial = network.w.flatMap { $0 }
    var a = network.a.map { network.kappaPrime * $0 }
    var w = initial
    var (probeA, probeW) = (a, w)
    var (rateA, rateW) = (a, w)
    var lastA = a
    var r = [Double](repeating: 0, count: n)
    var sets = [Int](repeating: -1, count: m)
    var lastFlip = [Int](repeating: -1_000_000, count: m)
    let norm = initial.reduce(0) { $0 + $1 * $1 }

    func dot(_ w: [Double], _ k: Int, _ i: Int) -> Double {
      var sum = 0.0
      for j in 0..<d { sum += w[k * d + j] * inputs[i * d + j] }
      return sum
    }
    func residual(_ a: [Double], _ w: [Double]) -> Double {
      var sum = 0.0
      for i in 0..<n {
        var f = 0.0
        for k in 0..<m {
          let z = dot(w, k, i)
          if z > 0 { f += a[k] * z }
        }
        r[i] = c * f - network.y[i]
        sum += r[i] * r[i]
      }
      return sum / Double(n)
    }
    /// u of neuron k, its active set, and its share in the trace of the kernel.
    func drive(_ a: [Double], _ w: [Double], _ k: Int, _ u: inout [Double]) -> (set: Int, trace: Double) {
      var (set, trace) = (0, 0.0)
      for j in 0..<d { u[j] = 0 }
      for i in 0..<n {
        let z = dot(w, k, i)
        guard z > 0 else { continue }
        set |= 1 << i
        var square = 0.0
        for j in 0..<d {
          u[j] -= r[i] * inputs[i * d + j] / Double(n)
          square += inputs[i * d + j] * inputs[i * d + j]
        }
        trace += c * (z * z + a[k] * a[k] * square) / Double(n)
      }
      return (set, trace)
    }

    var result = End()
    var last = (rd: 0.0, time: 0.0, square: 0.0)
    var u = [Double](repeating: 0, count: d)
    for step in 0...limit {
      let square = residual(a, w)
      var moved = 0.0
      for j in w.indices { moved += (w[j] - initial[j]) * (w[j] - initial[j]) }
      result.rd = (moved / norm).squareRoot()
      result.meanSquaredResidual = square
      if square <= target {
        result.hasConverged = true
        if step > 0 {
          // The crossing of the target, by interpolation in the logarithm.
          let part = Double.log(last.square / target) / Double.log(last.square / square)
          result.rd = last.rd + part * (result.rd - last.rd)
          result.time = last.time + part * (result.time - last.time)
        }
        return result
      }
      if result.time >= end { return result }
      var (fastest, trace) = (0.0, 0.0)
      for k in 0..<m {
        let (set, share) = drive(a, w, k, &u)
        trace += share
        if set != sets[k] {
          sets[k] = set
          lastFlip[k] = step
        }
        var (square, product) = (0.0, 0.0)
        for j in 0..<d {
          square += u[j] * u[j]
          product += u[j] * w[k * d + j]
          rateW[k * d + j] = a[k] * u[j]
        }
        rateA[k] = product
        fastest = max(fastest, square)
      }
      fastest = fastest.squareRoot()
      if fastest == 0 { return result }
      let first = 1e-2 * fineness / (fastest + trace)
      let h = min(
        fineness / fastest, 10 * fineness / trace, 4 * fineness * result.time + first, end - result.time)
      last = (result.rd, result.time, square)
      lastA = a
      for k in 0..<m { probeA[k] = a[k] + h * rateA[k] }
      for j in w.indices { probeW[j] = w[j] + h * rateW[j] }
      _ = residual(probeA, probeW)
      for k in 0..<m {
        _ = drive(probeA, probeW, k, &u)
        var (product, change, size) = (0.0, 0.0, 0.0)
        for j in 0..<d {
          product += u[j] * probeW[k * d + j]
          let step = h / 2 * (rateW[k * d + j] + probeA[k] * u[j])
          w[k * d + j] += step
          change += step * step
          size += w[k * d + j] * w[k * d + j]
        }
        a[k] += h / 2 * (rateA[k] + product)
        if change > 0.04 * size { result.metFork = true }
        if lastA[k] * a[k] < 0, step - lastFlip[k] < 200 { result.metFork = true }
      }
      result.time += h
    }
    result.isExhausted = true
    return result
  }

  /// Tiny steps, halved until RD settles to a bound; nil when the steps are used up before.
  func settled(until end: Double, bound: Double, limit: Int) -> End? {
    var ends: [End] = []
    var fineness = 8e-3
    while fineness > 1e-5 {
      let next = self(until: end, fineness: fineness, limit: limit)
      if next.isExhausted { return nil }
      ends.append(next)
      if ends.count >= 3 {
        let changes = zip(ends.dropFirst(), ends).suffix(2).map { abs($0.rd / $1.rd - 1) }
        if max(changes[1], changes[0] / 2) < bound / 3 { return next }
      }
      fineness /= 2
    }
    return nil
  }
}
