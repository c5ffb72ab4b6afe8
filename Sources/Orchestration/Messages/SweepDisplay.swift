import Scheduling

/// Takes lines for people: what happened, warnings, advice.
package protocol MessageLog: Sendable {
  /// A line, or several, without a line feed at the end. From any thread.
  func note(_ text: String)
}

/// Shows how a sweep goes.
package protocol SweepDisplay: MessageLog {
  /// Workers begin: so many of all runs are over already.
  func begin(name: String, done: Int, total: Int)
  /// Where the sweep stands; called often, and must be quick.
  func update(_ progress: SweepProgress)
  /// Once a second, with the seconds that the rest is expected to take; nil if that is not known.
  func tick(remaining: Double?)
  /// Workers have ended.
  func end()
}
