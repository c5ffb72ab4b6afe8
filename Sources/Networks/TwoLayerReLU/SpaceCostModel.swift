import RealModule

/// What a run of a ReLU network with inputs in ℝᵈ is expected to cost, before any run has been
/// measured.
struct SpaceCostModel: Hashable, Sendable {
  private let linearSteps: Double
  private let condensedSteps: Double
  /// CPU seconds a neuron to draw its initial values, and a neuron and step.
  private let sampling: Double
  private let stepping: Double
  /// CPU seconds a step whatever the width.
  private let solving: Double
  private let bytesPerNeuron: Double

  /// The model for n samples and d̃ input weights.
  ///
  /// More samples for an input weight are more kinks in a direction, each met at another time.
  /// Steps at (0.5, 0) and (1.75, 0) down to 10⁻⁶: n = 4, d̃ = 3: 29, 62; n = 10, d̃ = 3: 99, 210;
  /// n = 20, d̃ = 3: 304, 408; n = 10, d̃ = 6: 25, 74; n = 20, d̃ = 11: 28, 73; n = 45 ≤ d̃: 16,
  /// 62.
  init(samples n: Double, inputs: Double) {
    let crowding = max(1, n / inputs)
    linearSteps = 14 * Double.pow(crowding, 1.6)
    condensedSteps = 45 * Double.pow(crowding, 1.2)
    sampling = 2e-8 * inputs + 3e-10 * inputs * n
    stepping = 2.5e-7 + 8e-9 * n + 3e-10 * n * n
    solving = 2e-5 + 5e-6 * n + 1.2e-9 * n * n * n
    bytesPerNeuron = 32 + 16 * (n + 8) + n / 4
  }

  /// Expected number of accepted steps: between the two regimes log(steps) rises as a logistic
  /// function of the depth, as on a line.
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
    return 2e-3 + solving * steps + width * (sampling + stepping * steps)
  }

  /// Expected memory of a run, in bytes; the largest number for widths that no machine can hold.
  func bytes(width: Double) -> Int {
    Int(exactly: (Double(20 << 20) + bytesPerNeuron * width).rounded()) ?? .max
  }
}
