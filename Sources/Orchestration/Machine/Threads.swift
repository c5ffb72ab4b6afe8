import Platform

/// How many threads may be started: of a user's processes and threads together there may be a limit (`ulimit -u`), and so of those
/// of a control group.
///
/// The system's libraries start threads when they first need them, and wait for ever for one that they did not get. So it is seen to
/// before.
package enum Threads {
  /// What any command needs.
  package static let minimum = 5
  /// What a sweep needs: three that serve the pipes and the ends of processes, the watchdog, and a worker with its own.
  package static let sweep = 8

  /// Sees that so many threads can be started, by starting them for a moment.
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
