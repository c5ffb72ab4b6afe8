import Figures
import LimitFit
import Model

/// SplitMix64 (Steele, Lea, Flood, OOPSLA 2014): small, and the same everywhere.
struct SplitMix64: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}

/// A fit with the given slope, its interval, and runs in the given states.
func fit(
  _ gamma: Double, _ gammaPrime: Double, slope: Double?, half: Double? = nil, failed: Int = 0,
  pending: Int = 0, exhausted: Int = 0, stationary: Int = 0, widths: Int = 5
) -> PointFit {
  var counts = PointFit.Counts()
  counts.converged = slope == nil ? 0 : 2 * widths
  counts.failed = failed
  counts.pending = pending
  counts.budgetExhausted = exhausted
  counts.stationary = stationary
  var trend = Trend.undecided
  if let slope, let half, half < slope.magnitude { trend = slope < 0 ? .vanishing : .growing }
  var result = PointFit(
    setting: SampleContext.setting(gamma, gammaPrime), trend: trend, note: "", expectedExponent: 0,
    widths: slope == nil ? 0 : widths, runsUsed: counts.converged, counts: counts)
  let estimate = slope.map { slope in
    PointFit.Estimate(value: slope, low: half.map { slope - $0 }, high: half.map { slope + $0 })
  }
  result.slope = estimate
  if half != nil { result.exponent = estimate }
  return result
}

/// A full grid of fits whose slopes are a surface; the boundary is left empty.
func grid(_ gamma: [Double], _ gammaPrime: [Double], _ surface: (Double, Double) -> Double?) -> PhaseMap {
  SampleContext.map(
    gamma.flatMap { g in gammaPrime.map { h in fit(g, h, slope: surface(g, h), half: 0.02) } })
}

/// The slopes of theory on a grid like the quickstart's.
func quickstart() -> PhaseMap {
  let axis = (0..<13).map { 0.125 * Double($0) }
  return grid(axis.map { 0.5 + $0 }, axis.map { -0.5 + $0 }) { g, h in
    SampleContext.theory.exponentRange(at: SampleContext.setting(g, h))?.lowerBound
  }
}

/// A map of 1 to 8 by 1 to 8 uneven points anywhere in the plane, with any shortcoming, and a
/// boundary that wanders about.
func randomMap(_ random: inout SplitMix64) -> PhaseMap {
  func axis(around centre: Double, step: Double, _ random: inout SplitMix64) -> [Double] {
    var value = centre - 3 * step
    return (0..<Int.random(in: 1...8, using: &random)).map { _ in
      value += step * Double.random(in: 0.3...1.5, using: &random)
      return value
    }
  }
  let steps: [Double] = [0.003, 0.03, 0.125, 0.5, 2]
  let step = steps[Int.random(in: steps.indices, using: &random)]
  let gamma = axis(around: Double.random(in: -1...3, using: &random), step: step, &random)
  let gammaPrime = axis(around: Double.random(in: -2...2, using: &random), step: step, &random)
  var points: [PointFit] = []
  for g in gamma {
    for h in gammaPrime {
      let kind = Int.random(in: 0..<12, using: &random)
      let slope = kind == 0 || kind == 1 ? nil : Double.random(in: -2...2, using: &random) * step
      points.append(
        fit(
          g, h, slope: slope, half: kind == 2 ? nil : Double.random(in: 0...1, using: &random) * step,
          failed: kind == 0 ? 1 : 0, pending: kind == 1 || kind == 3 ? 1 : 0, exhausted: kind == 4 ? 1 : 0,
          widths: kind == 2 ? 2 : 5))
    }
  }
  let boundary = (0..<Int.random(in: 0...2, using: &random)).map { _ in
    BoundaryLine(
      (0..<Int.random(in: 2...6, using: &random)).map { _ in
        BoundaryLine.Vertex(
          PlanePoint(
            x: gamma[0] + 8 * step * Double.random(in: -0.2...1, using: &random),
            y: gammaPrime[0] + 8 * step * Double.random(in: -0.2...1, using: &random)))
      })
  }
  return SampleContext.map(points, boundary: boundary)
}

/// A figure of a map under a plain name.
func figure(
  _ map: PhaseMap, title: String = "Phase map", context: FigureContext = SampleContext.luo
) -> PhaseMapFigure {
  PhaseMapFigure(
    map: map, context: context, title: title,
    provenance: FigureProvenance(
      grid: "grid", digest: "axes", problem: "digest", program: "gammaplane 0", fitMethod: "fit"))
}
