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
  /// CPU seconds an evaluation of σ and σ' takes for a neuron and a sample, the share by which an
  /// input weight adds to that, and what it takes for a neuron whatever the samples.
  private static let evaluation = (sample: 2.5e-9, input: 1 / 8.0, neuron: 6e-9)
  /// Evaluations of σ a step: two motions of two pieces with four stages, what is asked of the
  /// state, and the kernel.
  private static let evaluations = 28.0
  /// CPU seconds a neuron and element of the kernel.
  private static let element = 2e-10
  /// Flows of a limit, in those of the width of its nodes.
  private static let flowsOfLimit = 25.0

  /// Accepted steps: with four samples and m = 10⁵, 26, 66, 119 and 125 at γ = 0.5, 1, 1.5 and 2.
  /// Between data they differ by up to ten.
  func steps(gamma: Double) -> Double {
    (15 + 55 * max(0, min(2, gamma))) * max(1, samples / 4).squareRoot()
  }

  /// CPU seconds of a run with so many neurons or nodes.
  func seconds(gamma: Double, width: Double) -> Double {
    let cost = Self.evaluation
    let evaluation = cost.sample * samples * (1 + inputs * cost.input) + cost.neuron
    let step = Self.evaluations * evaluation + Self.element * samples * samples
    return Self.overhead
      + steps(gamma: gamma) * (width * step + 1e-5 + 1.2e-9 * samples * samples * samples)
      + width * inputs * Self.sampling
  }

  /// CPU seconds of a limit with so many nodes a flow.
  func limitSeconds(gamma: Double, nodes: Double) -> Double {
    Self.flowsOfLimit * seconds(gamma: gamma, width: nodes)
  }

  /// Bytes of a run with so many neurons or nodes: initial values, present ones and those of two
  /// motions.
  func bytes(width: Double) -> Int {
    let bytes = Double(20 << 20) + 8 * width * (1 + inputs) * 5 + samples * samples * 1000
    return Int(exactly: bytes.rounded()) ?? .max
  }
}
