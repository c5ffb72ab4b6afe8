/// How much a worker says beside answers. One that says more than anybody could want to know is listened to only now
/// and then; what it says meanwhile stays in its pipe, and when that is full, the worker waits.
struct Chatter {
  /// So many lines a second are always listened to.
  static let allowance = 100
  /// How long not to listen to one that says more. A pipe holds no more than that of lines, so an answer comes no
  /// later.
  static let pause = Duration.milliseconds(250)

  private var since = Duration.zero
  private var lines = 0

  /// Takes in that so many lines have come; returns whether that is too much for the second.
  mutating func isTooMuch(_ more: Int, at now: Duration) -> Bool {
    // A clock that goes backwards begins a new second, too.
    if !(since..<since + .seconds(1)).contains(now) {
      since = now
      lines = 0
    }
    lines += more
    return lines > Self.allowance
  }
}
