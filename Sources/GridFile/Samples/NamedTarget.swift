/// A function to learn that has a name, for samples without a file.
public enum NamedTarget: String, Sendable, CaseIterable {
  /// f(x) = −σ(x) + σ(2(x + 0.3)) − σ(1.5(x − 0.4)) + σ(0.5(x − 0.8)): a ReLU network of four
  /// neurons.
  case fourRelu = "four-relu"

  /// f(x).
  public func value(at x: Double) -> Double {
    func relu(_ z: Double) -> Double { max(0, z) }
    switch self {
    case .fourRelu:
      let first = relu(2 * (x + 0.3)) - relu(x)
      let second = relu(0.5 * (x - 0.8)) - relu(1.5 * (x - 0.4))
      return first + second
    }
  }

  /// `count` ≥ 1 equidistant inputs from `from` to `to`, both included (only `from` if the count is
  /// 1), with f.
  func samples(count: Int, from: Double, to: Double) -> (x: [Double], y: [Double]) {
    let last = Double(count - 1)
    let x = (0..<count).map { index -> Double in
      let i = Double(index)
      return count == 1 ? from : (from * (last - i) + to * i) / last
    }
    return (x, x.map(value(at:)))
  }
}
