import Networks

/// Inputs that follow a rule, for samples without a file.
enum InputSet: Equatable {
  /// Equidistant from one end to the other, both included; only the first end if it is one.
  case even(from: Double, to: Double)
  /// Uniform in a cube.
  case uniform(from: Double, to: Double, dimension: Int, seed: UInt64)
  /// Every component standard normal.
  case normal(dimension: Int, seed: UInt64)

  /// The inputs: `count` ≥ 1 rows.
  func points(_ count: Int) -> [[Double]] {
    switch self {
    case .even(let from, let to):
      let last = Double(count - 1)
      return (0..<count).map { index in
        let i = Double(index)
        return [count == 1 ? from : (from * (last - i) + to * i) / last]
      }
    case .uniform(let from, let to, let dimension, let seed):
      return RandomNumbers(seed: seed).uniform(count: count, columns: dimension).map { row in
        row.map { from * (1 - $0) + to * $0 }
      }
    case .normal(let dimension, let seed):
      return RandomNumbers(seed: seed).normal(count: count, columns: dimension)
    }
  }
}

/// What is to be learned at the inputs.
enum TargetValues: Equatable {
  /// A function.
  case named(NamedTarget)
  /// Standard normal numbers, independent of the inputs.
  case noise(seed: UInt64)

  /// The word for ``noise(seed:)`` in a grid file.
  static let noiseName = "noise"

  /// y of some inputs.
  func values(at x: [[Double]]) -> [Double] {
    switch self {
    case .named(let target): x.map { target.value(at: $0) }
    // Not those of the inputs of the same seed.
    case .noise(let seed):
      RandomNumbers(seed: ~seed).normal(count: x.count, columns: 1).map { $0[0] }
    }
  }
}
