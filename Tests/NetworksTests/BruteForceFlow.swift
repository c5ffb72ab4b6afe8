import Model
import RealModule

@testable import Networks

/// The gradient flow by tiny explicit steps (Heun), written from its equations alone: it knows no
/// cones, no crossings and no sliding. Neurons that the flow holds on a kink oscillate across it,
/// σ'(0) = 0.
///
/// Away from kinks the error is of second order in the step, near them of first: settle it by
/// halving.
struct BruteForceFlow {
  /// Where the tiny steps ended.
  struct End {
    var converged = false
    /// All steps were used up before the target or the end of time.
    var exhausted = false
    var rd = 0.0
    var supRD = 0.0
    /// τ = κ t̄.
    var time = 0.0
    /// How many steps it took.
    var steps = 0
    var meanSquaredResidual = 0.0
    /// f at the positions asked for.
    var learned: [Double] = []
    /// The flow was not unique on the way: a neuron came nearer to w = 0 than the steps resolve, or
    /// its â changed sign while it was held on a kink. Which way it leaves is then a convention of
    /// the solver.
    var metFork = false
  }

  let x: [Double]
  let y: [Double]
  let kappa: Double
  let kappaPrime: Double
  /// The mean squared residual to stop at.
  let target: Double
  /// The positions at which ``End/learned`` is wanted.
  let grid: [Double]

  /// Integrates until the target or the time τ.
  ///
  /// - Parameters:
  ///   - fineness: the largest relative change of a neuron in a step; other limits of the step
  ///     scale with it.
  ///   - limit: the largest number of steps.
  func callAsFunction(_ values: InitialValues, until end: Double, fineness: Double, limit: Int) -> End {
    let m = values.width
    let n = x.count
    let memory = UnsafeMutablePointer<Double>.allocate(capacity: 13 * m + 3 * n)
    let lastFlip = UnsafeMutablePointer<Int>.allocate(capacity: m)
    defer {
      memory.deallocate()
      lastFlip.deallocate()
    }
    memory.initialize(repeating: 0, count: 13 * m + 3 * n)
    lastFlip.initialize(repeating: -1_000_000, count: m)
    // θ, θ at the end of an Euler step, its rates: 3 × m each; the active sets; θ one step before.
    let theta = memory
    let probe = memory + 3 * m
    let rate = memory + 6 * m
    let active = memory + 9 * m
    let previous = memory + 10 * m
    let px = memory + 13 * m
    let py = px + n
    let r = py + n
    for i in 0..<n { (px[i], py[i]) = (x[i], y[i]) }
    for k in 0..<m {
      theta[k] = kappaPrime * values.a[k]
      theta[m + k] = values.w[k]
      theta[2 * m + k] = values.b[k]
    }
    var norm = 0.0
    for k in 0..<m { norm += values.w[k] * values.w[k] + values.b[k] * values.b[k] }
    let c = kappa / kappaPrime

    /// r_i = c Σ_k â_k σ(w_k·x_i) − y_i; the mean of the squares.
    func residual(_ s: UnsafeMutablePointer<Double>) -> Double {
      var sum = 0.0
      var i = 0
      while i < n {
        var f = 0.0
        let xi = px[i]
        var k = 0
        while k < m {
          let z = s[m + k] * xi + s[2 * m + k]
          if z > 0 { f += s[k] * z }
          k += 1
        }
        r[i] = c * f - py[i]
        sum += r[i] * r[i]
        i += 1
      }
      return sum / Double(n)
    }

    var result = End()
    var step = 0
    var last = (rd: 0.0, time: 0.0, square: 0.0)
    var trace = 0.0
    while true {
      let square = residual(theta)
      var moved = 0.0
      var k = 0
      while k < m {
        let dw = theta[m + k] - values.w[k]
        let db = theta[2 * m + k] - values.b[k]
        moved += dw * dw + db * db
        k += 1
      }
      result.rd = (moved / norm).squareRoot()
      result.meanSquaredResidual = square
      if square <= target {
        result.converged = true
        if step > 0 {
          // The crossing of the target, by interpolation in the logarithm.
          let part = Double.log(last.square / target) / Double.log(last.square / square)
          result.rd = last.rd + part * (result.rd - last.rd)
          result.time = last.time + part * (result.time - last.time)
          result.meanSquaredResidual = target
          for k in 0..<3 * m { theta[k] = previous[k] + part * (theta[k] - previous[k]) }
        }
        result.supRD = max(result.supRD, result.rd)
        break
      }
      result.supRD = max(result.supRD, result.rd)
      if result.time >= end { break }
      if step >= limit {
        result.exhausted = true
        break
      }
      // Rates dâ = −(1/n) Σ σ(w·x_i) r_i, dw = −(1/n) Σ â σ'(w·x_i) x_i r_i, and what limits the
      // step.
      let wantsTrace = step % 16 == 0
      if wantsTrace { trace = 0 }
      var fastest = 0.0
      k = 0
      while k < m {
        let a = theta[k]
        let w = theta[m + k]
        let b = theta[2 * m + k]
        var ux = 0.0
        var ub = 0.0
        var count = 0.0
        var i = 0
        while i < n {
          let z = w * px[i] + b
          if z > 0 {
            ux -= r[i] * px[i]
            ub -= r[i]
            count += 1
            if wantsTrace { trace += c * (z * z + a * a * (px[i] * px[i] + 1)) / Double(n) }
          }
          i += 1
        }
        // How many samples are active, with the sign of w, names the active set.
        let name = w >= 0 ? count : -count
        if name != active[k] {
          active[k] = name
          lastFlip[k] = step
        }
        ux /= Double(n)
        ub /= Double(n)
        fastest = max(fastest, ux * ux + ub * ub)
        rate[k] = ux * w + ub * b
        rate[m + k] = a * ux
        rate[2 * m + k] = a * ub
        k += 1
      }
      fastest = fastest.squareRoot()
      if fastest == 0 { break }
      let first = 1e-2 * fineness / (fastest + trace)
      var h = min(fineness / fastest, 10 * fineness / trace, 4 * fineness * result.time + first)
      h = min(h, end - result.time)
      last = (result.rd, result.time, square)
      k = 0
      while k < 3 * m {
        previous[k] = theta[k]
        probe[k] = theta[k] + h * rate[k]
        k += 1
      }
      _ = residual(probe)
      k = 0
      while k < m {
        let w = probe[m + k]
        let b = probe[2 * m + k]
        var ux = 0.0
        var ub = 0.0
        var i = 0
        while i < n {
          if w * px[i] + b > 0 {
            ux -= r[i] * px[i]
            ub -= r[i]
          }
          i += 1
        }
        ux /= Double(n)
        ub /= Double(n)
        let before = theta[k]
        theta[k] += h / 2 * (rate[k] + ux * w + ub * b)
        let dw = h / 2 * (rate[m + k] + probe[k] * ux)
        let db = h / 2 * (rate[2 * m + k] + probe[k] * ub)
        theta[m + k] += dw
        theta[2 * m + k] += db
        let size = theta[m + k] * theta[m + k] + theta[2 * m + k] * theta[2 * m + k]
        if dw * dw + db * db > 0.04 * size { result.metFork = true }
        if before * theta[k] < 0, step - lastFlip[k] < 200 { result.metFork = true }
        k += 1
      }
      result.time += h
      step += 1
    }
    result.steps = step
    result.learned = grid.map { x in
      var f = 0.0
      for k in 0..<m { f += theta[k] * max(0, theta[m + k] * x + theta[2 * m + k]) }
      return c * f
    }
    return result
  }
}
