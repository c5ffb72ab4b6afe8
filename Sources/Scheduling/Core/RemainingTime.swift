import Foundation

/// How long something will still take, and how far that may be off.
public struct RemainingTime: Hashable, Sendable {
  /// The estimate, in seconds.
  public var seconds: Double
  /// By what the truth may be larger or smaller; at least 1.
  public var factor: Double

  /// An estimate.
  public init(seconds: Double, factor: Double = 1) {
    self.seconds = seconds
    self.factor = factor
  }

  /// From the least to the most that is likely, in seconds.
  public var range: ClosedRange<Double> { seconds / factor...max(seconds * factor, seconds / factor) }
}

/// What was estimated before, and how wrong that was: an estimate that was wrong is likely to be so
/// again.
///
/// The estimated end E moves at the rate g = dE/dt. If it goes on so, a remaining time r becomes
/// r / (1 − g).
struct EstimateHistory: Sendable {
  /// Times since the beginning, and what was then estimated to be the end; in seconds.
  private var marks: [(time: Double, end: Double)] = []

  /// No more marks are kept.
  private static let maxMarks = 256
  /// Beyond this, the number of digits tells enough.
  private static let maxFactor = 10.0

  /// Adds an estimate of the time that remains, and returns it with its uncertainty: what would
  /// follow if the end went on moving as fast as it did at most in the second half of the time.
  ///
  /// - Parameters:
  ///   - remaining: in seconds.
  ///   - time: since the beginning, in seconds; not before the last one.
  mutating func add(_ remaining: Double, at time: Double) -> RemainingTime {
    guard remaining.isFinite, remaining > 0, time >= 0 else { return RemainingTime(seconds: remaining) }
    let end = time + remaining
    var factor = 1.0
    // Over short spans the estimate only jitters.
    for mark in marks where mark.time >= time / 2 && mark.time <= 0.875 * time {
      let rate = (end - mark.end) / (time - mark.time)
      factor = max(factor, rate < 1 ? max(1 - rate, 1 / (1 - rate)) : Self.maxFactor)
    }
    marks.append((time, end))
    if marks.count > Self.maxMarks {
      marks = marks.enumerated().filter { $0.offset % 2 == 0 }.map(\.element)
    }
    return RemainingTime(seconds: remaining, factor: min(factor, Self.maxFactor))
  }
}
