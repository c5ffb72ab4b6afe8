import Platform

/// How many threads may be started: a user's processes and threads together may be limited
/// (`ulimit -u`), and so may those of a control group.
///
/// The system's libraries start threads when they first need them, and wait for ever for one that
/// they did not get; hence the check at the beginning.
package enum Threads {
  /// What any command needs.
  package static let minimum = 5
  /// What a sweep needs: three that serve the pipes and the ends of processes, the watchdog, and a
  /// worker with its own.
  package static let sweep = 8

  /// Checks that so many threads can be started, by starting them for a moment.
  ///
  /// - Throws: ``Failure`` if they cannot.
  package static func check(_ count: Int) throws {
    do throws(SystemError) {
      try tryThreads(count)
    } catch {
      throw Failure(
        .cannotOpen,
        "too few threads may be started (\(error)); raise the limit of processes (`ulimit -u 1024`), "
          + "or end some")
    }
  }
}
