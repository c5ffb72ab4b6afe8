/// Limits what a worker may write beside answers. One that writes more is read only now and then;
/// what it writes meanwhile stays in its pipe, and when that is full, the worker waits.
struct RateLimiter {
  /// How many lines of progress are read in a second without a pause.
  static let maxProgressLines = 100
  /// How many bytes of standard error, which may have to be written to a log, are read likewise.
  static let maxErrorBytes = 16 << 20
  /// How long not to read from a worker that writes more. A pipe holds no more lines than that, so
  /// an answer comes no later.
  static let pause = Duration.milliseconds(250)

  private let limit: Int
  private var secondStart = Duration.zero
  private var count = 0

  /// A limiter to a number of lines or bytes a second.
  init(limit: Int) { self.limit = limit }

  /// Counts some more; returns whether that is more than the limit in this second.
  mutating func isExceeded(by more: Int, at now: Duration) -> Bool {
    // A clock that goes backwards begins a new second, too.
    if !(secondStart..<secondStart + .seconds(1)).contains(now) {
      secondStart = now
      count = 0
    }
    count += more
    return count > limit
  }
}
