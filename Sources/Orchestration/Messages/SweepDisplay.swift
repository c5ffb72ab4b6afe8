import Scheduling

/// Takes lines for people, without a line feed at their ends; from any thread.
package protocol MessageLog: Sendable {
  /// What happened, warnings, advice.
  func note(_ text: String)
  /// What was asked for.
  func print(_ text: String)
}

/// Shows how a sweep goes.
package protocol SweepDisplay: MessageLog {
  /// Workers begin: so many of all runs are over already.
  func begin(name: String, done: Int, total: Int)
  /// Where the sweep stands; called often, and must be quick.
  func update(_ progress: SweepProgress)
  /// Once a second.
  ///
  /// - Parameters:
  ///   - remaining: what the rest is expected to take; nil if that is not known.
  ///   - waiting: what is waited for; nil: nothing in particular.
  func tick(remaining: RemainingTime?, waiting: String?)
  /// Workers have ended.
  func end()
}
