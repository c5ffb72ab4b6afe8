import RealModule

@testable import Networks

/// The gradient flow by tiny implicit steps: brute force where explicit steps are too stiff, at
/// many samples and widths.
///
/// The Rosenbrock method ROS2 with the kernel of the residuals for a Jacobian; every neuron is
/// stepped by itself, in the plain variables of the flow. A neuron that meets a kink within a step
/// goes on from there by an Euler step on the other side, or along the kink if both sides push it
/// back; it is set free when the residuals at the start of a step no longer hold it. Nothing here
/// is exact, and nothing is shared with the integrator: the error is found by halving the steps.
///
/// Source: Verwer, Spee, Blom, Hundsdorfer, *A second-order Rosenbrock method applied to
/// photochemical dispersion problems*, SIAM J. Sci. Comput. 20, 1999 (ROS2 is of second order for
/// any approximate Jacobian).
final class StiffBruteForce {
  private typealias Numbers = UnsafeMutablePointer<Double>

  private let n: Int
  private let m: Int
  /// c = κ/κ'.
  private let c: Double
  private let target: Double
  private let grid: [Double]

  private let memory: Numbers
  private let x: Numbers
  private let y: Numbers
  /// θ = (â, w, b) by components, 3 m: at the start of the flow, now, at a trial, and the two
  /// stages.
  private let initial: Numbers
  private let now: Numbers
  private let trial: Numbers
  private let before: Numbers
  private let stage1: Numbers
  private let stage2: Numbers
  private let r: Numbers
  private let s: Numbers
  private let atStart: Numbers
  /// I + γ h K, then its Cholesky factor, n²; K itself.
  private let factor: Numbers
  private let kernel: Numbers
  /// Sums by active set: n + 1 suffixes (w > 0) {j … n − 1}, then n + 1 prefixes {0 … j − 1}; 2 and
  /// 3 numbers each.
  private let sums: Numbers
  private let blocks: Numbers
  /// −(1/n) Σ s_i (x_i, 1) over the active set, in the same order.
  private let drives: Numbers
  /// The active set of each neuron at ``now`` and ``trial``, and the sample whose kink holds it, or
  /// −1.
  private let sets: UnsafeMutablePointer<Int>
  private let setNow: UnsafeMutablePointer<Int>
  private let setTrial: UnsafeMutablePointer<Int>
  private let held: UnsafeMutablePointer<Int>
  private let heldBefore: UnsafeMutablePointer<Int>

  /// A solver for one flow; samples ascend in x.
  init(_ flow: BruteForceFlow, _ values: InitialValues) {
    let (n, m) = (flow.x.count, values.width)
    (self.n, self.m, c, target, grid) = (n, m, flow.kappa / flow.kappaPrime, flow.target, flow.grid)
    let count = 5 * n + 18 * m + 2 * n * n + 7 * 2 * (n + 1)
    let memory = Numbers.allocate(capacity: count)
    memory.initialize(repeating: 0, count: count)
    self.memory = memory
    var free = memory
    func take(_ count: Int) -> Numbers {
      defer { free += count }
      return free
    }
    (x, y, r, s, atStart) = (take(n), take(n), take(n), take(n), take(n))
    (initial, now, trial) = (take(3 * m), take(3 * m), take(3 * m))
    (before, stage1, stage2) = (take(3 * m), take(3 * m), take(3 * m))
    (factor, kernel) = (take(n * n), take(n * n))
    (sums, drives, blocks) = (take(4 * (n + 1)), take(4 * (n + 1)), take(6 * (n + 1)))
    sets = .allocate(capacity: 4 * m)
    sets.initialize(repeating: 0, count: 4 * m)
    (setNow, setTrial, held, heldBefore) = (sets, sets + m, sets + 2 * m, sets + 3 * m)
    for i in 0..<n { (x[i], y[i]) = (flow.x[i], flow.y[i]) }
    for k in 0..<m {
      initial[k] = flow.kappaPrime * values.a[k]
      initial[m + k] = values.w[k]
      initial[2 * m + k] = values.b[k]
    }
  }

  deinit {
    memory.deallocate()
    sets.deallocate()
  }

  /// The active set of (w, b), found from where it was: an index into ``sums``.
  private func activeSet(_ w: Double, _ b: Double, from last: Int) -> Int {
    if w >= 0 {
      var j = last <= n ? last : 0
      while j > 0 && w * x[j - 1] + b > 0 { j -= 1 }
      while j < n && w * x[j] + b <= 0 { j += 1 }
      return j
    }
    var j = last > n ? last - n - 1 : 0
    while j < n && w * x[j] + b > 0 { j += 1 }
    while j > 0 && w * x[j - 1] + b <= 0 { j -= 1 }
    return n + 1 + j
  }

  private func findSets(_ theta: Numbers, _ set: UnsafeMutablePointer<Int>) {
    var k = 0
    while k < m {
      let w = theta[m + k]
      if held[k] >= 0 {
        set[k] = w > 0 ? held[k] + 1 : n + 1 + held[k]
      } else {
        set[k] = activeSet(w, theta[2 * m + k], from: set[k])
      }
      k += 1
    }
  }

  /// f_i from Σ (â w, â b) by active set, less y_i if wanted; into `result`.
  private func sumUp(into result: Numbers, less: Double) {
    var (tx, tb) = (0.0, 0.0)
    var i = 0
    while i < n {
      tx += sums[2 * i]
      tb += sums[2 * i + 1]
      result[i] = c * (x[i] * tx + tb) - less * y[i]
      i += 1
    }
    (tx, tb) = (0, 0)
    i = n - 1
    while i >= 0 {
      tx += sums[2 * (n + 2 + i)]
      tb += sums[2 * (n + 2 + i) + 1]
      result[i] += c * (x[i] * tx + tb)
      i -= 1
    }
  }

  private func clear(_ numbers: Numbers, _ count: Int) {
    numbers.update(repeating: 0, count: count)
  }

  /// r_i of a state whose sets are known.
  private func findResidual(_ theta: Numbers, _ set: UnsafeMutablePointer<Int>) {
    clear(sums, 4 * (n + 1))
    var k = 0
    while k < m {
      let j = 2 * set[k]
      sums[j] += theta[k] * theta[m + k]
      sums[j + 1] += theta[k] * theta[2 * m + k]
      k += 1
    }
    sumUp(into: r, less: 1)
  }

  /// K_ij = (c/n) Σ_k (σ σ + â² σ' σ' x_i·x_j) at ``now``; its trace.
  private func findKernel() -> Double {
    clear(blocks, 6 * (n + 1))
    var k = 0
    while k < m {
      let (a, w, b) = (now[k], now[m + k], now[2 * m + k])
      let j = 3 * setNow[k]
      var (p, q, z) = (w * w, w * b, b * b)
      if held[k] >= 0 {
        let xi = x[held[k]]
        let share = a * a / (1 + xi * xi)
        p += share
        q -= share * xi
        z += share * xi * xi
      } else {
        p += a * a
        z += a * a
      }
      blocks[j] += p
      blocks[j + 1] += q
      blocks[j + 2] += z
      k += 1
    }
    // Samples i ≤ j are both active in the suffixes from 0 … i and in the prefixes of more than j.
    var e = 3
    while e < 3 * n {
      blocks[e] += blocks[e - 3]
      e += 1
    }
    e = 3 * (2 * n + 1) - 1
    while e >= 3 * (n + 1) {
      blocks[e] += blocks[e + 3]
      e -= 1
    }
    var trace = 0.0
    var i = 0
    while i < n {
      var j = i
      while j < n {
        let prefix = 3 * (n + 2 + j)
        let p = blocks[3 * i] + blocks[prefix]
        let q = blocks[3 * i + 1] + blocks[prefix + 1]
        let z = blocks[3 * i + 2] + blocks[prefix + 2]
        let value = c / Double(n) * (x[i] * (p * x[j] + q) + q * x[j] + z)
        kernel[i * n + j] = value
        kernel[j * n + i] = value
        if i == j { trace += value }
        j += 1
      }
      i += 1
    }
    return trace
  }

  /// The Cholesky factor of I + e K.
  private func factorise(_ e: Double) {
    var i = 0
    while i < n {
      var j = 0
      while j <= i {
        var value = e * kernel[i * n + j] + (i == j ? 1 : 0)
        var k = 0
        while k < j {
          value -= factor[i * n + k] * factor[j * n + k]
          k += 1
        }
        factor[i * n + j] = i == j ? value.squareRoot() : value / factor[j * n + j]
        j += 1
      }
      i += 1
    }
  }

  private func solve(_ v: Numbers) {
    var i = 0
    while i < n {
      var t = v[i]
      var k = 0
      while k < i {
        t -= factor[i * n + k] * v[k]
        k += 1
      }
      v[i] = t / factor[i * n + i]
      i += 1
    }
    i = n - 1
    while i >= 0 {
      var t = v[i]
      var k = i + 1
      while k < n {
        t -= factor[k * n + i] * v[k]
        k += 1
      }
      v[i] = t / factor[i * n + i]
      i -= 1
    }
  }

  private func findDrives(_ v: Numbers) {
    let share = -1 / Double(n)
    (drives[2 * n], drives[2 * n + 1]) = (0, 0)
    var j = n - 1
    while j >= 0 {
      drives[2 * j] = drives[2 * j + 2] + share * v[j] * x[j]
      drives[2 * j + 1] = drives[2 * j + 3] + share * v[j]
      j -= 1
    }
    (drives[2 * n + 2], drives[2 * n + 3]) = (0, 0)
    j = n + 1
    while j < 2 * n + 1 {
      let i = j - n - 1
      drives[2 * j + 2] = drives[2 * j] + share * v[i] * x[i]
      drives[2 * j + 3] = drives[2 * j + 1] + share * v[i]
      j += 1
    }
  }

  /// The drive of a neuron, along the kink that holds it.
  private func drive(_ k: Int, _ set: Int) -> (Double, Double) {
    let (ux, ub) = (drives[2 * set], drives[2 * set + 1])
    guard held[k] >= 0 else { return (ux, ub) }
    let xi = x[held[k]]
    let along = (ux - xi * ub) / (1 + xi * xi)
    return (along, -xi * along)
  }

  /// The rates of all neurons at a state under ``drives``, into `rates`.
  private func findRates(_ theta: Numbers, _ set: UnsafeMutablePointer<Int>, _ rates: Numbers) {
    var k = 0
    while k < m {
      let (ux, ub) = drive(k, set[k])
      rates[k] = ux * theta[m + k] + ub * theta[2 * m + k]
      rates[m + k] = theta[k] * ux
      rates[2 * m + k] = theta[k] * ub
      k += 1
    }
  }

  /// How hard a neuron of the given â on the kink of sample i is pushed towards the active side, by
  /// what it feels on the inactive and on the active side.
  private func pushes(
    _ i: Int, _ a: Double, _ r: Numbers, rightwards: Bool
  ) -> (inactive: Double, active: Double) {
    let set = rightwards ? i + 1 : n + 1 + i
    let inactive = a * (x[i] * drives[2 * set] + drives[2 * set + 1])
    return (inactive, inactive - a * r[i] * (1 + x[i] * x[i]) / Double(n))
  }

  /// Sets neurons free that are no longer held from both sides.
  private func release() -> Bool {
    var fork = false
    var any = false
    var k = 0
    while k < m {
      let i = held[k]
      if i >= 0 {
        let (inactive, active) = pushes(i, now[k], r, rightwards: now[m + k] > 0)
        if !(inactive > 0 && active < 0) {
          let toActive = inactive > 0 ? true : active < 0 ? false : -inactive > active
          if inactive <= 0 && active >= 0 && (inactive < 0 || active > 0) { fork = true }
          let w = Swift.abs(now[m + k]) + Swift.abs(now[2 * m + k])
          let e = (toActive ? 1e-12 : -1e-12) * w / (1 + x[i] * x[i])
          held[k] = -1
          any = true
          now[m + k] += e * x[i]
          now[2 * m + k] += e
        }
      }
      k += 1
    }
    if any { findSets(now, setNow) }
    return fork
  }

  /// The sample whose kink the chord from (w0, b0) to (w1, b1) meets first after the one just met,
  /// and where on the chord; −1 if there is none.
  private func firstKink(
    _ w0: Double, _ b0: Double, _ w1: Double, _ b1: Double, after last: Int
  ) -> (sample: Int, part: Double) {
    var found = (sample: -1, part: 2.0)
    var i = 0
    while i < n {
      if i != last {
        let z0 = w0 * x[i] + b0
        let z1 = w1 * x[i] + b1
        if (z0 > 0) != (z1 > 0) {
          let part = z0 / (z0 - z1)
          if part < found.part { found = (i, part) }
        }
      }
      i += 1
    }
    return found
  }

  /// Corrects the neurons that met kinks in the step of length h from ``now`` to ``trial``: from
  /// there on they move as they must on the other side, or along the kink, under ``drives`` of the
  /// residuals ``s``.
  private func bend(_ h: Double) -> Bool {
    var fork = false
    var k = 0
    while k < m {
      let (w0, b0) = (now[m + k], now[2 * m + k])
      let (w1, b1) = (trial[m + k], trial[2 * m + k])
      let (dw, db) = (w1 - w0, b1 - b0)
      if dw * dw + db * db > 0.04 * (w1 * w1 + b1 * b1) { fork = true }
      if held[k] >= 0 {
        if now[k] * trial[k] < 0 { fork = true }
        // Through the origin: it is free, and the tiny steps decide where it goes.
        if w0 * w1 < 0 { held[k] = -1 }
      } else if activeSet(w1, b1, from: setNow[k]) != setNow[k] {
        bend(k, h)
      }
      k += 1
    }
    return fork
  }

  private func bend(_ k: Int, _ h: Double) {
    var (a0, w0, b0) = (now[k], now[m + k], now[2 * m + k])
    var left = h
    var last = -1
    for _ in 0...n {
      let (i, part) = firstKink(w0, b0, trial[m + k], trial[2 * m + k], after: last)
      guard i >= 0 else { return }
      a0 += part * (trial[k] - a0)
      w0 += part * (trial[m + k] - w0)
      b0 += part * (trial[2 * m + k] - b0)
      left *= 1 - part
      let xi = x[i]
      let toActive = w0 * xi + b0 < trial[m + k] * xi + trial[2 * m + k]
      let push = pushes(i, a0, s, rightwards: w0 > 0)
      if push.inactive > 0 && push.active < 0 {
        w0 = (w0 - xi * b0) / (1 + xi * xi)
        b0 = -xi * w0
        held[k] = i
      } else if toActive ? push.active < 0 : push.inactive > 0 {
        // Not even the side it comes from pushes it there any more: the step has seen its turning
        // point.
        return
      }
      // The sample is active in the suffix from i on and in the prefix of i + 1; on the kink it
      // does not count.
      let active = toActive && held[k] < 0
      let (ux, ub) = drive(k, w0 > 0 ? (active ? i : i + 1) : (active ? n + 2 + i : n + 1 + i))
      trial[k] = a0 + left * (ux * w0 + ub * b0)
      trial[m + k] = w0 + left * a0 * ux
      trial[2 * m + k] = b0 + left * a0 * ub
      if held[k] >= 0 {
        if trial[m + k] * w0 < 0 { held[k] = -1 }
        return
      }
      last = i
    }
  }

  private func displacement(_ theta: Numbers) -> Double {
    var sum = 0.0
    var k = m
    while k < 3 * m {
      let d = theta[k] - initial[k]
      sum += d * d
      k += 1
    }
    return sum
  }

  /// Integrates until the target or the time τ; see
  /// ``BruteForceFlow/callAsFunction(_:until:fineness:limit:)``.
  func run(until end: Double, fineness: Double, limit: Int) -> BruteForceFlow.End {
    now.update(from: initial, count: 3 * m)
    held.update(repeating: -1, count: m)
    var norm = 0.0
    for k in m..<3 * m { norm += initial[k] * initial[k] }
    var result = BruteForceFlow.End()
    var step = 0
    var last = (rd: 0.0, time: 0.0, square: Double.infinity)
    /// The share of the full length of a step that is ventured.
    var caution = 1.0
    while true {
      findSets(now, setNow)
      findResidual(now, setNow)
      var square = 0.0
      for i in 0..<n { square += r[i] * r[i] }
      square /= Double(n)
      // The flow lowers the loss: a step that raises it was too long for its linearised kernel.
      if square > last.square * (1 + 1e-10) && caution > 1e-4 {
        caution /= 2
        now.update(from: before, count: 3 * m)
        held.update(from: heldBefore, count: m)
        result.time = last.time
        last.square = .infinity
        step += 1
        continue
      }
      caution = min(1, 1.05 * caution)
      result.rd = (displacement(now) / norm).squareRoot()
      result.meanSquaredResidual = square
      if square <= target {
        result.converged = true
        if step > 0 { interpolate(&result, last, square) }
        result.supRD = max(result.supRD, result.rd)
        break
      }
      result.supRD = max(result.supRD, result.rd)
      if result.time >= end { break }
      if step >= limit {
        result.exhausted = true
        break
      }
      findDrives(r)
      if release() { result.metFork = true }
      let trace = findKernel()
      var fastest = 0.0
      for k in 0..<m {
        let (ux, ub) = drive(k, setNow[k])
        fastest = max(fastest, ux * ux + ub * ub)
      }
      fastest = fastest.squareRoot()
      if fastest == 0 { break }
      let start = 1e-2 * fineness / (fastest + trace)
      let length = caution * min(fineness / fastest, 4 * fineness * result.time + start)
      let h = min(length, end - result.time)
      last = (result.rd, result.time, square)
      before.update(from: now, count: 3 * m)
      heldBefore.update(from: held, count: m)
      atStart.update(from: r, count: n)
      advance(h)
      setTrial.update(from: setNow, count: m)
      findSets(trial, setTrial)
      findResidual(trial, setTrial)
      for i in 0..<n { s[i] = (atStart[i] + r[i]) / 2 }
      findDrives(s)
      if bend(h) { result.metFork = true }
      now.update(from: trial, count: 3 * m)
      result.time += h
      step += 1
    }
    result.steps = step
    result.learned = grid.map { x in
      var f = 0.0
      for k in 0..<m { f += now[k] * max(0, now[m + k] * x + now[2 * m + k]) }
      return c * f
    }
    return result
  }

  /// The crossing of the target within the last step, by interpolation in the logarithm.
  private func interpolate(
    _ result: inout BruteForceFlow.End, _ last: (rd: Double, time: Double, square: Double), _ square: Double
  ) {
    let part = Double.log(last.square / target) / Double.log(last.square / square)
    result.rd = last.rd + part * (result.rd - last.rd)
    result.time = last.time + part * (result.time - last.time)
    result.meanSquaredResidual = target
    for k in 0..<3 * m { now[k] = before[k] + part * (now[k] - before[k]) }
  }

  /// ROS2 from ``now`` to ``trial``: k₁ = A s₁ with (1 + γhK) s₁ = r, and so on, where A turns
  /// residuals into rates.
  private func advance(_ h: Double) {
    let gamma = 1 - 0.5.squareRoot()
    factorise(gamma * h)
    s.update(from: r, count: n)
    solve(s)
    findDrives(s)
    findRates(now, setNow, stage1)
    var k = 0
    while k < 3 * m {
      trial[k] = now[k] + h * stage1[k]
      k += 1
    }
    // With the sets of the start, so that the step is smooth; what meets a kink is corrected
    // afterwards.
    findResidual(trial, setNow)
    findDrives(r)
    findRates(trial, setNow, stage2)
    // The change of the residuals by k₂'s right-hand side, from the sets of the start.
    clear(sums, 4 * (n + 1))
    k = 0
    while k < m {
      let p = stage2[k] - 2 * stage1[k]
      var q = stage2[m + k] - 2 * stage1[m + k]
      var z = stage2[2 * m + k] - 2 * stage1[2 * m + k]
      (stage2[k], stage2[m + k], stage2[2 * m + k]) = (p, q, z)
      if held[k] >= 0 {
        let xi = x[held[k]]
        q = (q - xi * z) / (1 + xi * xi)
        z = -xi * q
      }
      let j = 2 * setNow[k]
      sums[j] += p * now[m + k] + now[k] * q
      sums[j + 1] += p * now[2 * m + k] + now[k] * z
      k += 1
    }
    sumUp(into: s, less: 0)
    solve(s)
    findDrives(s)
    k = 0
    while k < m {
      let (ux, ub) = drive(k, setNow[k])
      let e = gamma * h
      let (a, w, b) = (now[k], now[m + k], now[2 * m + k])
      trial[k] = a + h * (1.5 * stage1[k] + 0.5 * (stage2[k] + e * (ux * w + ub * b)))
      trial[m + k] = w + h * (1.5 * stage1[m + k] + 0.5 * (stage2[m + k] + e * a * ux))
      trial[2 * m + k] = b + h * (1.5 * stage1[2 * m + k] + 0.5 * (stage2[2 * m + k] + e * a * ub))
      k += 1
    }
  }
}
