import Foundation

/// How many threads may be started: of a user's processes and threads together there may be a limit (`ulimit -u`), and so of those
/// of a control group.
///
/// The system's libraries start threads when they first need them, and wait for ever for one that they did not get. So it is seen to
/// before.
enum Threads {
  /// What any command needs.
  static let least = 5
  /// What a sweep needs: three that serve the pipes and the ends of processes, the guard, and a worker with its own.
  static let sweep = 8

  /// Sees that so many threads can be started, by starting them for a moment.
  ///
  /// - Throws: ``CommandFailure`` if they cannot.
  static func check(_ count: Int) throws {
    var ends: [Int32] = [-1, -1]
    // Want of descriptors is told of elsewhere.
    guard pipe(&ends) == 0 else { return }
    var threads: [pthread_t] = []
    var code: Int32 = 0
    while threads.count < count, code == 0 {
      var thread = pthread_t()
      // Each waits for the end of the pipe. The number of a descriptor passes for an address, which nobody follows.
      code = pthread_create(
        &thread, nil,
        { end in
          var byte: UInt8 = 0
          while read(Int32(Int(bitPattern: end)), &byte, 1) < 0, errno == EINTR {}
          return nil
        }, UnsafeMutableRawPointer(bitPattern: Int(ends[0])))
      if code == 0 { threads.append(thread) }
    }
    close(ends[1])
    for thread in threads { pthread_join(thread, nil) }
    close(ends[0])
    guard code == 0 else {
      throw CommandFailure(
        .cannotOpen,
        "too few threads may be started (\(String(cString: strerror(code)))); raise the limit of processes "
          + "(`ulimit -u 1024`), or end some")
    }
  }
}
