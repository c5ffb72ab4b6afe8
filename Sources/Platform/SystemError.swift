/// Why a call of the system failed: its error number, errno(3).
public struct SystemError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The number, such as `ENOENT`.
  public var number: CInt

  /// The error of that number.
  public init(_ number: CInt) { self.number = number }

  /// Why the call that this thread made last has failed; meaningless if it has not.
  public static var last: SystemError { SystemError(errno) }

  /// What the system says about the number: "No such file or directory".
  public var description: String { strerror(number).map { String(cString: $0) } ?? "error \(number)" }
}

/// Makes a call, again if a signal has interrupted it, and returns what it returns.
///
/// - Throws: the error if the call returns a negative number.
@discardableResult
func uninterrupted(_ call: () -> Int) throws(SystemError) -> Int {
  while true {
    let result = call()
    if result >= 0 { return result }
    let error = SystemError.last
    if error.number != EINTR { throw error }
  }
}
