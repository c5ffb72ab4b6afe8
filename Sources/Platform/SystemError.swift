/// Why a call of the system failed: its error number, errno(3).
public struct SystemError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The number, such as `ENOENT`.
  public var number: CInt

  /// The error of that number.
  public init(_ number: CInt) { self.number = number }

  /// The error of the last call on this thread; meaningless if that has not failed.
  public static var last: SystemError { SystemError(errno) }

  /// The text of the system, strerror(3): "No such file or directory".
  public var description: String { strerror(number).map { String(cString: $0) } ?? "error \(number)" }
}

/// The result of a call, which is repeated if a signal has interrupted it.
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
