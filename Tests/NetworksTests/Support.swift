import Model
import RealModule
import Testing
import Theories

@testable import Networks

extension Setting {
  /// The point (γ, γ').
  init(gamma: Double, gammaPrime: Double) {
    self = [LuoEtAl2021.gamma: gamma, LuoEtAl2021.gammaPrime: gammaPrime]
  }

  /// γ.
  var gamma: Double { self[LuoEtAl2021.gamma] ?? .nan }
  /// γ'.
  var gammaPrime: Double { self[LuoEtAl2021.gammaPrime] ?? .nan }

  /// The exponent that theory expects of RD where f does not vanish at the start.
  var expectedExponent: Double { LuoEtAl2021(antisymmetric: false).expectedExponent(at: self) ?? .nan }

  /// κ = m^−γ.
  func kappa(width: Int) -> Double { .pow(Double(width), -gamma) }
  /// κ' = m^−γ'.
  func kappaPrime(width: Int) -> Double { .pow(Double(width), -gammaPrime) }
  /// κ and κ'.
  func scales(width: Int) -> WidthScales {
    let (kappa, kappaPrime) = (kappa(width: width), kappaPrime(width: width))
    return WidthScales(kappa: kappa, kappaPrime: kappaPrime, outputScale: kappa / kappaPrime)
  }
}

extension Run {
  /// A run of a network with so many neurons.
  init(_ setting: Setting, width: Int, seed: UInt64) { self.init(setting, width: Double(width), seed: seed) }
}

extension Problem {
  /// A problem of two-layer ReLU networks on a line, with all defaults filled in.
  init(
    _ samples: SampleSet, antisymmetric: Bool = false, target: Double = defaultTarget,
    tolerance: Double = defaultTolerance
  ) {
    self.init(
      method: TwoLayerReLULine.method,
      network: TwoLayerReLULine().withDefaults(antisymmetric ? ["antisymmetric": .boolean(true)] : [:]),
      samples: samples, target: target, tolerance: tolerance)
  }

  /// Four samples, a target of 10⁻⁶ and a tolerance of 10⁻³.
  static func fourSamples() throws -> Problem {
    Problem(try SampleSet(x: [-1.0, -0.3, 0.4, 1.0], y: [0.2, -0.4, 0.6, -0.1]))
  }

  /// Whether initial values are antisymmetric.
  var isAntisymmetric: Bool { network["antisymmetric"] == .boolean(true) }
}

/// Makes a run of a two-layer ReLU network on a line, from its start to its end.
func train(
  _ run: Run, of problem: Problem, budget: Budget = .default, initial: InitialValues? = nil,
  record: RecordNames = [], threads: Int = 1, observe: ((FlowState) -> Void)? = nil
) throws -> FlowEnding {
  var flow = try TwoLayerReLULine().start(
    run, of: problem, options: FlowOptions(record: record, threads: threads, initial: initial?.arrays))
  return flow.run(within: budget, observe: observe)
}

/// Makes a run likewise, but only once where it comes to rest.
func trainOnce(
  _ run: Run, of problem: Problem, budget: Budget = .default, initial: InitialValues? = nil,
  observe: ((FlowState) -> Void)? = nil
) throws -> FlowEnding {
  var flow = try TwoLayerReLULine().startOnce(
    run, of: problem, record: [], options: FlowOptions(initial: initial?.arrays))
  return flow.run(within: budget, observe: observe)
}

extension RunResult {
  var rd: Double { quantities["rd"] ?? .nan }
  var supRD: Double { quantities["sup_rd"] ?? .nan }
  var meanSquaredResidual: Double { quantities["mean_squared_residual"] ?? .nan }
  var time: Double { quantities["time"] ?? .nan }

  /// Whether the numbers can be those of a run: finite, not negative, sup RD at least RD.
  var isPlausible: Bool {
    let numbers = [rd, supRD, meanSquaredResidual, time, wallSeconds, initialSeconds]
    return numbers.allSatisfy { $0.isFinite && $0 >= 0 } && quantities.count == 4 && steps >= 0
      && flaw == nil
  }
}

extension FlowState {
  var rd: Double { quantities["rd"] ?? .nan }
  var meanSquaredResidual: Double { quantities["mean_squared_residual"] ?? .nan }
}

extension RecordNames {
  /// Everything that can be recorded.
  static let everything = RecordNames(TwoLayerReLULine().description.recordables.map(\.name))
}

extension LineReLUEnsemble {
  /// The ensemble at given initial values, on one thread.
  init(samples: SampleSet, kappa: Double, kappaPrime: Double, values: InitialValues) {
    self.init(
      samples: samples,
      scales: WidthScales(kappa: kappa, kappaPrime: kappaPrime, outputScale: kappa / kappaPrime),
      initial: .given(values),
      threads: 1)
  }

  /// θ = (â, w, b) of all m neurons at the present state, in their original order.
  func neurons() -> [NeuronState] {
    var result = [NeuronState](repeating: .zero, count: width)
    forEachNeuron { result[$0] = $1 }
    return result
  }
}
