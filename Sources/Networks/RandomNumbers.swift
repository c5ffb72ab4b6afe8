/// Random numbers for data, a function of the seed alone: more rows or columns begin with fewer.
public struct RandomNumbers: Sendable {
  private let stream: NormalStream

  /// The numbers of a seed.
  public init(seed: UInt64) { stream = NormalStream(seed: seed) }

  /// Standard normal numbers, row by row.
  public func normal(count: Int, columns: Int) -> [[Double]] {
    rows(count, columns) { stream.pair(neuron: $0, pair: $1) }
  }

  /// Numbers uniform on [0, 1), row by row.
  public func uniform(count: Int, columns: Int) -> [[Double]] {
    rows(count, columns) { row, pair in
      let (u, v) = stream.uniforms(neuron: row, pair: pair)
      // Of the two, one is in (0, 1].
      return (1 - u, v)
    }
  }

  private func rows(_ count: Int, _ columns: Int, _ pair: (Int, Int) -> (Double, Double)) -> [[Double]] {
    (0..<count).map { row in
      (0..<columns).map { column in
        let (first, second) = pair(row, column / 2)
        return column.isMultiple(of: 2) ? first : second
      }
    }
  }
}
