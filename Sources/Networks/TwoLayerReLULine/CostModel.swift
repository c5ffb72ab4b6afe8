import Model
import RealModule

/// What a run is expected to cost, before any run has been measured.
///
/// The CPU time is linear in its coefficients, c = overhead + solving · steps + width · (sampling + stepping · steps),
/// so that they can be fitted to measured runs by least squares; the number of steps depends on the regime.
public struct CostModel: Hashable, Sendable {
  /// CPU seconds of a run of width zero.
  public var overhead = 2e-3
  /// CPU seconds a neuron to draw its initial values and to sum it up.
  public var sampling = 1e-7
  /// CPU seconds a neuron and step.
  public var stepping = 1.2e-8

  /// CPU seconds a step whatever the width: groups of neurons, and the decomposition of the kernel.
  public var solving: Double

  /// Steps deep in the linear regime.
  public var linearSteps = 7.0
  /// Steps deep in the condensed regime.
  public var condensedSteps = 150.0

  /// Bytes of a run of width zero: the process itself.
  public var baseMemory: Int
  /// Bytes a neuron: initial and present values and its index, and room for regrouping; measured 52 to 54 at 10⁷.
  public var memoryPerNeuron = 64
  /// Bytes at most for lists that are not full: a group for every cone and ray, with a list for every class of slack. Lists of
  /// networks of fewer neurons are shorter. Measured 62 MB at m = 10⁶ and 150 MB at 10⁷ with 200 samples; those of four samples are
  /// within ``memoryPerNeuron``.
  public var memoryOfLists: Int

  /// The model for n samples, with the coefficients measured on the four-sample problem and growing as n³ where the
  /// kernel is decomposed.
  public init(samples n: Int = 4) {
    let n = Double(n)
    solving = 3e-5 + 5e-6 * n + 1.2e-9 * n * n * n
    baseMemory = (16 << 20) + Int(n * n * 100)
    memoryOfLists = Int(max(0, n - 4) * 8e5)
  }

  /// Expected number of accepted steps at a point: between the two regimes log(steps) rises as a logistic
  /// function of the signed distance to the boundary, which is fitted to 7, 27 and 103 steps at
  /// (0.5, 0), (1.25, 0.5) and (1.75, 0).
  public func steps(at point: PhasePoint) -> Double {
    let distance = point.distanceToTheoreticalBoundary
    let depth = point.theoreticalRegime == .condensed ? distance : -distance
    let fraction = 1 / (1 + .exp(-(depth + 0.11) / 0.25))
    return linearSteps * .pow(condensedSteps / linearSteps, fraction)
  }

  /// Expected CPU seconds of a run at a point; positive, and growing with the width.
  public func cost(at point: PhasePoint, width: Int) -> Double {
    costs(at: point, widths: [width])[0]
  }

  /// Expected CPU seconds of a run of each width at a point.
  func costs(at point: PhasePoint, widths: [Int]) -> [Double] {
    let steps = steps(at: point)
    return widths.map {
      Self.rounded(overhead + solving * steps + Double($0) * (sampling + stepping * steps))
    }
  }

  /// To about four digits. Machines whose mathematical libraries differ in the last bit are to agree on which of two runs
  /// costs more: they divide a sweep among themselves by it.
  private static func rounded(_ cost: Double) -> Double {
    guard cost.isNormal else { return cost }
    let unit = cost.binade / 4096
    return (cost / unit).rounded() * unit
  }

  /// Expected CPU seconds of runs together.
  public func cost(of runs: RunSet) -> Double {
    var sum = 0.0
    var place = 0
    for point in runs.points {
      for cost in costs(at: point, widths: runs.widths(at: point)) {
        sum += cost * Double(runs.cell(place).runs.count)
        place += 1
      }
    }
    return sum
  }

  /// Expected memory of a run, in bytes.
  public func memory(width: Int) -> Int {
    let neurons = memoryPerNeuron * width
    return baseMemory + neurons + min(neurons, memoryOfLists)
  }
}
