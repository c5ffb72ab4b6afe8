#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif
import Model

/// What a run is expected to cost, before any run has been measured.
///
/// The CPU time is linear in its three coefficients, c = overhead + width · (sampling + stepping · steps), so
/// that they can be fitted to measured runs by least squares; the number of steps depends on the regime.
public struct CostModel: Hashable, Sendable {
  /// CPU seconds of a run of width zero.
  public var overhead = 2e-3
  /// CPU seconds a neuron to draw its initial values and to sum it up.
  public var sampling = 1e-7
  /// CPU seconds a neuron and step.
  public var stepping = 2e-8

  /// Steps deep in the linear regime.
  public var linearSteps = 7.0
  /// Steps deep in the condensed regime.
  public var condensedSteps = 150.0

  /// Bytes of a run of width zero: the process itself.
  public var baseMemory = 16 << 20
  /// Bytes a neuron: initial values, present values, their order by cone.
  public var memoryPerNeuron = 64

  /// The model with the coefficients measured on the four-sample problem.
  public init() {}

  /// Expected number of accepted steps at a point: between the two regimes log(steps) rises as a logistic
  /// function of the signed distance to the boundary, which is fitted to 7, 27 and 103 steps at
  /// (0.5, 0), (1.25, 0.5) and (1.75, 0).
  public func steps(at point: PhasePoint) -> Double {
    let distance = point.distanceToTheoreticalBoundary
    let depth = point.theoreticalRegime == .condensed ? distance : -distance
    let fraction = 1 / (1 + exp(-(depth + 0.11) / 0.25))
    return linearSteps * pow(condensedSteps / linearSteps, fraction)
  }

  /// Expected CPU seconds of a run at a point; positive, and growing with the width.
  public func cost(at point: PhasePoint, width: Int) -> Double {
    overhead + Double(width) * (sampling + stepping * steps(at: point))
  }

  /// Expected CPU seconds of a run of each width at a point.
  func costs(at point: PhasePoint, widths: [Int]) -> [Double] {
    let aNeuron = sampling + stepping * steps(at: point)
    return widths.map { overhead + Double($0) * aNeuron }
  }

  /// Expected memory of a run, in bytes.
  public func memory(width: Int) -> Int { baseMemory + memoryPerNeuron * width }
}
