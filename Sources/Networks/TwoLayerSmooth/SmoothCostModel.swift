import RealModule

/// What a run of a smooth network is expected to cost, before any run has been measured.
struct SmoothCostModel: Hashable, Sendable {
  /// n, the number of samples.
  let samples: Double
  /// d̃.
  let inputs: Double

  /// CPU seconds of a run of width zero.
  private static let overhead = 2e-3
  /// CPU seconds a neuron and input weight to draw initial values.
  private static let sampling = 3e-8
  /// CPU seconds a neuron, sample and evaluation of σ.
  private static let evaluation = 1.5e-9
  /// Evaluations of σ a step: two motions of two pieces with four stages, what is asked of the
  /// state, and the kernel.
  private static let evaluations = 28.0
  /// CPU seconds a neuron and element of the kernel.
  private static let element = 2e-10

  /// Accepted steps, by the distance of γ from the regime in which neurons hardly move: measured
  /// some 25 to 75 with five samples.
  func steps(gamma: Double) -> Double {
    let depth = max(0, min(2, gamma))
    return (15 + 30 * depth) * max(1, samples / 5).squareRoot()
  }

  /// CPU seconds of a run with so many neurons or nodes.
  func seconds(gamma: Double, width: Double) -> Double {
    let step =
      Self.evaluation * Self.evaluations * samples * (1 + inputs / 20) + Self.element * samples * samples
    return Self.overhead
      + steps(gamma: gamma) * (width * step + 1e-5 + 1.2e-9 * samples * samples * samples)
      + width * inputs * Self.sampling
  }

  /// Bytes of a run with so many neurons or nodes: initial values, present ones and those of two
  /// motions.
  func bytes(width: Double) -> Int {
    let bytes = Double(20 << 20) + 8 * width * (1 + inputs) * 5 + samples * samples * 1000
    return Int(exactly: bytes.rounded()) ?? .max
  }
}
