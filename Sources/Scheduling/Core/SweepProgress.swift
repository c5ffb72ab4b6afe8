/// Where a sweep stands.
public struct SweepProgress: Hashable, Sendable {
  /// How many runs the sweep was given (each identity once).
  public var total: Int
  /// How many have been recorded with a result.
  public var recorded = 0
  /// How many have been recorded as failed.
  public var failed = 0
  /// How many a worker holds.
  public var running = 0
  /// How many wait for a worker, those included that wait before they are tried again.
  public var waiting: Int
  /// How many worker processes live.
  public var workers = 0
  /// The time of all runs that have not ended yet, in seconds of a worker, by their estimates and
  /// by what similar runs have taken so far.
  public var remainingCost: Double
  /// The time of all runs, in seconds of a worker, estimated likewise: it changes while runs are
  /// measured.
  public var totalCost: Double

  /// How long the sweep will still take, in seconds.
  ///
  /// - Parameters:
  ///   - workers: how many there may be.
  ///   - running: for every run under way how long it has been so and how long it is expected to
  ///     take, in seconds.
  ///   - elapsed: how long the sweep has been going, in seconds; what it took longer than its runs,
  ///     for starting workers and for all that lies between runs, it will go on taking. Zero: not
  ///     known.
  /// - Returns: what remains, shared by the workers, but never less than the longest run under way
  ///   needs. One that has been under way for longer than expected is expected to need a quarter of
  ///   that time more.
  public func estimatedSecondsLeft(
    workers: Int, running: [(elapsed: Double, expected: Double)] = [], elapsed: Double = 0
  ) -> Double {
    let rests = running.map { max($0.expected - $0.elapsed, $0.elapsed / 4) }
    let waiting = max(0, remainingCost - running.reduce(0) { $0 + $1.expected })
    let busyWorkers = Double(max(1, min(workers, self.running + self.waiting)))
    let past = totalCost - remainingCost + running.reduce(0) { $0 + min($1.elapsed, $1.expected) }
    let slowness = past > 0 ? max(1, elapsed * Double(max(1, workers)) / past) : 1
    return max(rests.max() ?? 0, (waiting + rests.reduce(0, +)) / busyWorkers * (recorded > 0 ? slowness : 1))
  }
}
