import RealModule

/// A function to learn that has a name, for samples without a file.
///
/// All but ``sumOfSines`` are functions of one number z: the input on a line, Σ_k x_k / √d in d
/// dimensions.
public enum NamedTarget: String, Sendable, CaseIterable {
  /// −σ(z) + σ(2(z + 0.3)) − σ(1.5(z − 0.4)) + σ(0.5(z − 0.8)): a ReLU network of four neurons.
  case fourRelu = "four-relu"
  /// z².
  case square
  /// sin z.
  case sine
  /// tanh z.
  case tanh
  /// tanh(z − 6) + tanh(z + 6).
  case twoTanh = "two-tanh"
  /// Σ_k 3.5 sin(5 x_k + 1), over all d components: Zhou et al., *Towards understanding the
  /// condensation of neural networks at initial training*, 2022.
  case sumOfSines = "sum-of-sines"

  /// f(x).
  ///
  /// - Parameter x: d ≥ 1 components.
  public func value(at x: [Double]) -> Double {
    if self == .sumOfSines { return x.reduce(0) { $0 + 3.5 * Double.sin(5 * $1 + 1) } }
    let z = x.count == 1 ? x[0] : x.reduce(0, +) / Double(x.count).squareRoot()
    func relu(_ z: Double) -> Double { max(0, z) }
    switch self {
    case .fourRelu:
      let first = relu(2 * (z + 0.3)) - relu(z)
      let second = relu(0.5 * (z - 0.8)) - relu(1.5 * (z - 0.4))
      return first + second
    case .square: return z * z
    case .sine: return Double.sin(z)
    case .tanh: return Double.tanh(z)
    case .twoTanh: return Double.tanh(z - 6) + Double.tanh(z + 6)
    case .sumOfSines: return 0
    }
  }
}
