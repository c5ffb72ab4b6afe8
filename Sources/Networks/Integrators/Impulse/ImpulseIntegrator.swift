import RealModule

/// Integrates the gradient flow of neurons by the impulse method, with automatic steps.
public struct ImpulseIntegrator<E: ResidualDriven> {
  /// The neurons at the present time.
  public private(set) var ensemble: E
  /// The present time τ = κ t̄, dimensionless.
  public private(set) var time = 0.0
  /// Accepted steps.
  public private(set) var steps = 0
  /// Rejected steps.
  private(set) var rejections = 0
  /// The largest value so far of each tracked quantity, in the order of
  /// ``ResidualDriven/trackedNames``.
  public private(set) var suprema: [Double]

  private let tolerance: Double
  private let target: Double
  /// The mean squared residual at the start.
  private var firstLoss: Double
  private var nextLength: Double?
  /// The relative change of the fastest neurons, summed over the steps.
  private var pathLength = 0.0
  /// How many steps in a row were so short that the time did not change.
  private var standingSteps = 0
  /// The mean squared residual when it last counted as changed, and when that was.
  private var settled = (meanSquaredResidual: Double.infinity, time: 0.0)

  /// What a single step found.
  public enum Progress: Sendable, Equatable {
    /// The flow goes on.
    case continues
    /// The mean squared residual is at the target: the present state is the crossing.
    case reachedTarget
    /// Nothing changes any more.
    case atRest(RestEvidence)
    /// No step, however short, satisfies the tolerance.
    case stuck
    /// The next step would pass the limit of time; nothing was done.
    case reachesLimit
  }

  /// An integrator at the start of the flow.
  ///
  /// - Parameters:
  ///   - ensemble: the neurons at their initial values.
  ///   - tolerance: relative tolerance of a step, in (0, 0.1].
  ///   - target: the mean squared residual at which the flow has converged, > 0.
  public init(_ ensemble: E, tolerance: Double, target: Double) {
    self.ensemble = ensemble
    self.tolerance = tolerance * Self.share(ensemble.sampleCount)
    self.target = target
    firstLoss = Self.squared(ensemble.residual)
    suprema = [Double](repeating: 0, count: E.trackedNames.count)
  }

  /// Σ r̃² = (1/n) Σ r_i².
  public var meanSquaredResidual: Double { Self.squared(ensemble.residual) }

  private static func squared(_ r: [Double]) -> Double { r.reduce(0) { $0 + $1 * $1 } }

  /// The share of the tolerance that a step may use up with n samples: kinks lie on samples, and
  /// more of them are met, each with an error of its own.
  private static func share(_ n: Int) -> Double { min(1, max(0.1, 6 / Double(max(1, n)))) }

  /// How often a step is shortened before the integrator gives up.
  private static var trials: Int { 200 }
  /// How many steps may be too short to change the time before the integrator gives up.
  private static var maxStandingSteps: Int { 100 }
  /// How often it is shortened so that what is released at a kink leaves it. Where rounding decides
  /// what is released, no length helps.
  private static var maxReleaseTrials: Int { 30 }
  /// The error that a step counts as having where it does not: half its length comes next.
  private static var contradictionRatio: Double { 4 }
  /// The rapidity above which a step is not tried.
  private static var maxChange: Double { 2 }
  /// The largest correction and defect of an accepted step, as shares of its change.
  private static var maxCorrection: Double { 0.3 }
  private static var maxDefect: Double { 0.1 }
  /// The largest relative defect of the residual, in tolerances.
  private static var residualFactor: Double { 100 }
  /// What rounding may add to the mean squared residual, as a share of that at the start.
  private static var roundingShare: Double { 1e-26 }
  /// At rest, no more than this changes within the time elapsed.
  private static var restChange: Double { 1e-6 }

  /// The largest length of a step, in times of the fastest mode, that the spectrum of the kernel
  /// itself is good for: beyond, rounding lets the fast modes disturb the slow ones.
  private static var maxStiffness: Double { 1e10 }
  /// The largest length of a step, in times of the fastest mode, for which the residual as it is
  /// tells where neurons are pushed.
  private static var maxPushStiffness: Double { 1e6 }
  /// The time, in times of the fastest mode, from which on rounding alone moves neurons by more
  /// than what would be rest.
  private static var maxRestStiffness: Double { 1e8 }

  /// At rest, at most this share of the mean squared residual can still be reduced: a mode may be
  /// slower than all that has happened so far.
  private static var restShare: Double { 1e-8 }

  /// Makes one accepted step.
  ///
  /// - Parameter limit: a time not to be passed; a step that would is not made. Steps before are
  ///   the same whatever the limit.
  public mutating func step(until limit: Double = .infinity) -> Progress {
    if meanSquaredResidual <= target { return .reachedTarget }
    if standingSteps >= Self.maxStandingSteps { return .stuck }
    var start = start(ofLength: nextLength ?? 0)
    let speed = ensemble.mobility(Impulse(samples: ensemble.residual))
    if speed == 0 { return .atRest(evidence(start)) }
    if looksAtRest(start, speed) {
      if !start.isExact { start = StepStart(exactly: ensemble) ?? start }
      if isAtRest(start) { return .atRest(evidence(start)) }
    }
    var length = nextLength ?? min(1e-2 / max(speed, 1e-300), 1e300)
    for trial in 0..<Self.trials {
      var plan = start.plan(ensemble, length: length)
      var ratio = errorRatio(plan)
      if ratio <= 1 && plan.change <= Self.maxChange {
        let shorter = start.course(of: plan).length(atMeanSquaredResidual: aim, between: 0, and: length)
        let isLast = shorter < length * (1 - 1e-9)
        if isLast { plan = start.plan(ensemble, length: shorter) }
        let step = start.complete(plan, ensemble)
        ratio = max(isLast ? errorRatio(plan) : ratio, errorRatio(step))
        if ratio <= 1, trial < Self.maxReleaseTrials, isContradictory(step, start) {
          ratio = Self.contradictionRatio
        }
        if ratio <= 1 {
          if isLast || Self.squared(step.motion.residual) <= target,
            let located = locateTarget(start, step, before: length)
          {
            guard time + located.plan.length <= limit else { return .reachesLimit }
            accept(located)
            return .reachedTarget
          }
          guard time + plan.length <= limit else { return .reachesLimit }
          accept(step)
          let growth = 0.9 * Double.pow(max(ratio, 1e-6), -1 / 3.0)
          nextLength = min(plan.length * min(8, max(0.3, growth)), 1e300)
          return .continues
        }
      }
      rejections += 1
      length =
        plan.length
        * (ratio.isFinite && ratio > 0 ? max(0.1, min(0.7, 0.8 * Double.pow(ratio, -1 / 3.0))) : 0.1)
    }
    return .stuck
  }

  /// The start of a step of about the given length.
  private func start(ofLength length: Double) -> StepStart {
    let start = StepStart(ensemble)
    return length * start.maxRate > Self.maxStiffness ? StepStart(exactly: ensemble) ?? start : start
  }

  /// Whether a step leaves neurons where neither the residual before it nor that after it would
  /// have them. What stiff modes have of a residual is gone at once, and pushes nothing.
  private func isContradictory(_ step: ImpulseStep<E>, _ start: StepStart) -> Bool {
    let (before, after) =
      step.plan.length * start.maxRate > Self.maxPushStiffness
      ? start.settledResiduals(of: step)
      : (Impulse(samples: ensemble.residual), Impulse(samples: step.motion.residual))
    return ensemble.isContradictory(step.motion, before: before, after: after)
  }

  /// The error of a step relative to what is allowed, as far as its first half tells.
  private func errorRatio(_ plan: StepPlan) -> Double {
    // Beside the tolerance, the step must resolve its own motion: else, near rest, steps that lead
    // back to where they started would pass for steps that lead nowhere.
    plan.correction / min(scale(of: plan), Self.maxCorrection * plan.change)
  }

  /// The error of a step relative to what is allowed, as far as its second half tells.
  private func errorRatio(_ step: ImpulseStep<E>) -> Double {
    let ratio = max(
      step.defect / min(scale(of: step.plan), Self.maxDefect * step.plan.change),
      step.residualDefect / (Self.residualFactor * tolerance))
    // The flow never climbs; a residual that is no number is no step either.
    let loss = Self.squared(step.motion.residual)
    let climbs = !(loss <= meanSquaredResidual * (1 + tolerance) + Self.roundingShare * firstLoss)
    return climbs ? max(2, ratio) : ratio
  }

  /// The error that a step may have, as a relative change of neurons.
  private func scale(of plan: StepPlan) -> Double { tolerance * min(1, pathLength + plan.change) }

  /// Whether it is worth the effort to find out if the flow is at rest, as far as the kernel itself
  /// tells: rounding makes its null space move neurons.
  private func looksAtRest(_ start: StepStart, _ speed: Double) -> Bool {
    steps > 0 && start.reducible < Self.restShare * meanSquaredResidual
      && (speed * time < Self.restChange || start.maxRate * time > Self.maxRestStiffness)
  }

  /// Whether nothing changes any more: the residual has no component that the neurons could still
  /// reduce, and no neuron, however small, would move within the time elapsed.
  private func isAtRest(_ start: StepStart) -> Bool {
    start.reducible < Self.restShare * meanSquaredResidual
      && start.decay * time < Self.restChange * meanSquaredResidual
      && start.change(of: ensemble, within: time) < Self.restChange
  }

  /// What ``isAtRest(_:)`` looks at.
  private func evidence(_ start: StepStart) -> RestEvidence {
    RestEvidence(
      reducibleShare: start.reducible / meanSquaredResidual, change: start.change(of: ensemble, within: time),
      decades: settled.time > 0 ? max(0, Double.log10(time / settled.time)) : 0)
  }

  /// Makes the step that ends at a time which ``step(until:)`` found to be before the end of the
  /// next.
  mutating func finish(at limit: Double) {
    let start = start(ofLength: limit - time)
    accept(start.complete(start.plan(ensemble, length: limit - time), ensemble))
    time = limit
  }

  private mutating func accept(_ step: ImpulseStep<E>) {
    let before = (values: ensemble.tracked, rates: ratesAlongPath)
    ensemble.advance(step.motion)
    standingSteps = time + step.plan.length > time ? 0 : standingSteps + 1
    time += step.plan.length
    steps += 1
    pathLength += step.plan.change
    let after = (values: ensemble.tracked, rates: ratesAlongPath)
    for i in suprema.indices {
      let (a, b) = (before.values[i], after.values[i])
      suprema[i] = max(suprema[i], b)
      if before.rates[i] > 0, after.rates[i] < 0 {
        let peak = Self.peak(
          from: a * a, before.rates[i] * step.plan.change, to: b * b, after.rates[i] * step.plan.change)
        suprema[i] = max(suprema[i], peak.squareRoot())
      }
    }
    let m = meanSquaredResidual
    if Swift.abs(m - settled.meanSquaredResidual) > RestEvidence.noticeable * m { settled = (m, time) }
  }

  /// d(q²) of each tracked quantity q by the path of the fastest neurons, which a step resolves
  /// whatever its length in time.
  private var ratesAlongPath: [Double] {
    let speed = ensemble.mobility(Impulse(samples: ensemble.residual))
    return ensemble.squaredRates.map { speed > 0 ? $0 / speed : 0 }
  }

  /// The largest value in (0, 1) of the cubic with given values and derivatives at both ends, which
  /// rises at the beginning and falls at the end.
  private static func peak(from a: Double, _ rise: Double, to b: Double, _ fall: Double) -> Double {
    // a + rise s + p s² + q s³.
    let p = 3 * (b - a) - 2 * rise - fall
    let q = 2 * (a - b) + rise + fall
    // The root of rise + 2 p s + 3 q s² at which it changes from rising to falling.
    let root = (p * p - 3 * q * rise).squareRoot()
    let s = rise / (root - p)
    return s > 0 && s < 1 ? a + s * (rise + s * (p + s * q)) : max(a, b)
  }

  /// The step from `start` that ends where the mean squared residual meets the target.
  ///
  /// - Parameters:
  ///   - first: a step that ends near it, before or behind.
  ///   - limit: the length of the longest step that can be trusted.
  /// - Returns: the step; nil if `first` ends before the target, and so does the longest.
  private func locateTarget(
    _ start: StepStart, _ first: ImpulseStep<E>, before limit: Double
  ) -> ImpulseStep<E>? {
    var (low, high) = (0.0, limit)
    var beyond: ImpulseStep<E>?
    var last = first
    var previous: (length: Double, meanSquaredResidual: Double)?
    for trial in 0..<60 {
      let length = last.plan.length
      let found = Self.squared(last.motion.residual)
      if found <= target {
        beyond = last
        high = length
        if found >= target * (1 - Self.targetWidth) { break }
      } else {
        low = length
      }
      if high - low < 1e-13 * high { break }
      let course = start.course(of: last)
      // Two steps tell more than one: a secant, in the logarithm and relative to the course.
      let tilt = previous.map {
        Double.log($0.meanSquaredResidual / course.meanSquaredResidual(at: $0.length)) / ($0.length - length)
      }
      var next = course.length(atMeanSquaredResidual: aim, between: low, and: high, tilt: tilt ?? 0)
      let isInside = next > low + 1e-14 * high && next < high * (1 - 1e-14)
      if !isInside && beyond == nil { return nil }
      // The course may be wrong where neurons cross: then halving ends the search.
      if !isInside || trial > 8 && trial % 2 == 0 { next = low + (high - low) / 2 }
      previous = (length, found)
      let isNear = Swift.abs(next - length) < 1e-2 * length
      last = start.complete(
        isNear
          ? start.plan(ensemble, length: next, like: last.plan) : start.plan(ensemble, length: next), ensemble
      )
    }
    return beyond
  }

  /// Just below the target, so that what comes close to it ends the search.
  private var aim: Double { target * (1 - 0.5 * Self.targetWidth) }

  /// How far below the target, relative to it, the mean squared residual may be when it counts as
  /// met.
  private static var targetWidth: Double { 1e-9 }
}

extension ImpulseIntegrator: Checkpointed where E: Checkpointed {
  /// Writes the neurons, then the rest.
  public func save(to writer: inout CheckpointWriter) throws {
    try ensemble.save(to: &writer)
    for number in [time, pathLength, settled.meanSquaredResidual, settled.time, firstLoss] + suprema {
      try writer.write(number)
    }
    try writer.write(nextLength ?? 0)
    for count in [steps, rejections, standingSteps] { try writer.write(count) }
  }

  /// Restores all but the neurons, which come first.
  mutating func restore(from reader: inout CheckpointReader) throws {
    time = try reader.double()
    pathLength = try reader.double()
    settled = (try reader.double(), try reader.double())
    firstLoss = try reader.double()
    for i in suprema.indices { suprema[i] = try reader.double() }
    let length = try reader.double()
    nextLength = length > 0 ? length : nil
    steps = try reader.int(in: 0...Int.max)
    rejections = try reader.int(in: 0...Int.max)
    standingSteps = try reader.int(in: 0...Int.max)
  }
}
