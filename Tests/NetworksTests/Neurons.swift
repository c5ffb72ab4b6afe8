@testable import GradientFlow

extension LineReLUEnsemble {
  /// θ = (â, w, b) of all m neurons at the present state, in their original order.
  func neurons() -> [NeuronState] {
    var result = [NeuronState](repeating: .zero, count: width)
    forEachNeuron { result[$0] = $1 }
    return result
  }
}
