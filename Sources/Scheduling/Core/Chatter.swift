/// How much a worker says beside answers. One that says more than anybody could want to know is listened to only now
/// and then; what it says meanwhile stays in its pipe, and when that is full, the worker waits.
struct Chatter {
  /// So many lines of progress a second are always listened to.
  static let allowance = 100
  /// So many bytes a second on standard error, which may have to be written to a log.
  static let complaints = 16 << 20
  /// How long not to listen to one that says more. A pipe holds no more than that of lines, so an answer comes no
  /// later.
  static let pause = Duration.milliseconds(250)

  private let allowance: Int
  private var since = Duration.zero
  private var said = 0

  /// - Parameter allowance: how much may be said in a second, in lines or in bytes.
  init(allowance: Int = Self.allowance) { self.allowance = allowance }

  /// Takes in that so much has been said; returns whether that is too much for the second.
  mutating func isTooMuch(_ more: Int, at now: Duration) -> Bool {
    // A clock that goes backwards begins a new second, too.
    if !(since..<since + .seconds(1)).contains(now) {
      since = now
      said = 0
    }
    said += more
    return said > allowance
  }
}
