@testable import LimitFit

extension SplitMix64 {
  /// Approximately normal, with variance 1: the sum of twelve uniform numbers less 6.
  mutating func normal() -> Double {
    (0..<12).reduce(-6) { sum, _ in sum + Double.random(in: 0..<1, using: &self) }
  }
}
