import RealModule

/// What a run is expected to cost, before any run has been measured.
///
/// The CPU time is linear in its coefficients, c = overhead + solving · steps + width · (sampling +
/// stepping · steps), so that they can be fitted to measured runs by least squares; the number of
/// steps depends on where in the plane the run is.
struct CostModel: Hashable, Sendable {
  /// CPU seconds of a run of width zero.
  var overhead = 2e-3
  /// CPU seconds a neuron to draw its initial values and to sum it up.
  var sampling = 1e-7
  /// CPU seconds a neuron and step.
  var stepping = 1.2e-8
  /// CPU seconds a step whatever the width: groups of neurons, and the decomposition of the kernel.
  var solving: Double

  /// Steps deep in the linear regime.
  var linearSteps: Double
  /// Steps deep in the condensed regime.
  var condensedSteps: Double

  /// Bytes of a run of width zero: the process itself.
  var baseMemory: Int
  /// Bytes a neuron: initial and present values and its index, and room for regrouping; measured 52
  /// to 54 at 10⁷.
  var memoryPerNeuron = 64
  /// Bytes at most for lists that are not full: a group for every cone and ray, with a list for
  /// every class of slack. Lists of networks of fewer neurons are shorter. Measured 62 MB at m =
  /// 10⁶ and 150 MB at 10⁷ with 200 samples; those of four samples are within ``memoryPerNeuron``.
  var memoryOfLists: Int

  /// The model for n samples, with the coefficients measured on the four-sample problem and growing
  /// as n³ where the kernel is decomposed.
  ///
  /// More samples are more kinks, each met at another time. Median steps of sweeps with 4, 8, 20,
  /// 40 and 80 samples: 7, 28, 190, 1070, 3800 for γ ≤ 1, γ' ≥ 0, and 40, 70, 160, 790, 550 in the
  /// condensed regime; between data of one size they differ by up to ten.
  init(samples n: Int) {
    let n = Double(n)
    let growth = min(max(1, n / 4), 25)
    linearSteps = 7 * growth * growth
    condensedSteps = 150 * growth.squareRoot()
    solving = 3e-5 + 5e-6 * n + 1.2e-9 * n * n * n
    baseMemory = (20 << 20) + Int(n * n * 100)
    memoryOfLists = Int(max(0, n - 4) * 8e5)
  }

  /// Expected number of accepted steps: between the two regimes log(steps) rises as a logistic
  /// function of the depth, which is fitted to 7, 27 and 103 steps at (0.5, 0), (1.25, 0.5) and
  /// (1.75, 0).
  ///
  /// - Parameter depth: the distance to the boundary of the theory, positive in the condensed
  ///   regime.
  func steps(depth: Double) -> Double {
    let fraction = 1 / (1 + Double.exp(-(depth + 0.11) / 0.25))
    return linearSteps * Double.pow(condensedSteps / linearSteps, fraction)
  }

  /// Expected CPU seconds of a run; positive, and growing with the width.
  func seconds(depth: Double, width: Double) -> Double {
    let steps = steps(depth: depth)
    return overhead + solving * steps + width * (sampling + stepping * steps)
  }

  /// Expected CPU seconds of a limit, measured on the four-sample problem: some 15 flows of a
  /// quarter of the nodes where RD falls; where it grows, some 20 and ten more with graded nodes.
  func limitSeconds(depth: Double, nodes: Double) -> Double {
    let plain = seconds(depth: depth, width: nodes / 4)
    return depth < 0 ? 8 * plain : 12 * plain + 6 * seconds(depth: depth, width: nodes)
  }

  /// Expected memory of a run, in bytes; the largest number for widths that no machine can hold.
  func memory(width: Double) -> Int {
    let neurons = Double(memoryPerNeuron) * width
    let bytes = Double(baseMemory) + neurons + min(neurons, Double(memoryOfLists))
    return Int(exactly: bytes.rounded()) ?? .max
  }
}
