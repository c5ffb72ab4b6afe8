import Synchronization

/// Values of a closed form, by log₁₀ m, each computed once: plans ask again and again.
final class LinearEstimates: Sendable {
  private let values = Mutex<[Double: LinearEstimate]>([:])

  /// The value at a width; `compute` makes it if there is none yet.
  func value(_ log10Width: Double, _ compute: () -> LinearEstimate) -> LinearEstimate {
    if let value = values.withLock({ $0[log10Width] }) { return value }
    let value = compute()
    values.withLock { $0[log10Width] = value }
    return value
  }
}
