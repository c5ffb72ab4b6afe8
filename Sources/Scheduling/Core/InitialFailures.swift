/// Watches whether the first attempts of a sweep all fail, and alike: then the rest would, too.
///
/// Failures that may come from the size of a run do not count: the largest runs go first.
struct InitialFailures: Sendable {
  private let limit: Int
  private var isOver = false
  private var first: WorkerFailure?
  private var count = 0

  /// Watches for so many failures, at least 1.
  init(limit: Int) { self.limit = limit }

  /// A worker has answered as it should, which shows that workers can work.
  mutating func end() { isOver = true }

  /// An attempt has failed; returns whether that is enough.
  mutating func add(_ failure: WorkerFailure) -> Bool {
    guard !isOver else { return false }
    isOver = failure.mayComeFromSize || first.map { !failure.isLike($0) } ?? false
    guard !isOver else { return false }
    first = first ?? failure
    count += 1
    return count >= limit
  }
}
