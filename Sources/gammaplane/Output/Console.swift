import Foundation
import Orchestration
import Platform
import Synchronization

/// Standard output, for data, and standard error, for everything else.
enum Console {
  /// To be called before any file is opened.
  static func prepare() {
    // A standard descriptor that is closed would become that of the next file opened, the database
    // perhaps, and what is printed would end in there.
    for descriptor in STDIN_FILENO...STDERR_FILENO where fcntl(descriptor, F_GETFD) == -1 {
      _ = open("/dev/null", descriptor == STDIN_FILENO ? O_RDONLY : O_WRONLY)
    }
    // A reader that has gone is no reason to die before the results are recorded.
    signal(SIGPIPE, SIG_IGN)
  }

  /// Writes a line of data to standard output. A reader that has gone is no error; if it cannot be
  /// written, the process ends with ``ExitStatus/inputOutput`` when all else is done.
  static func print(_ text: String) {
    do throws(SystemError) {
      try writeAll(Array((text + "\n").utf8), to: STDOUT_FILENO)
    } catch {
      if error.number != EPIPE { outputError.store(error.number, ordering: .relaxed) }
    }
  }

  /// Why standard output is not complete; nil if it is.
  static var outputFailure: Failure? {
    let code = outputError.load(ordering: .relaxed)
    guard code != 0 else { return nil }
    return Failure(
      .inputOutput,
      "standard output cannot be written (\(SystemError(code))); make room, or send it elsewhere"
    )
  }

  /// The error number of the last write to standard output that failed; 0 if none did.
  private static let outputError = Atomic<Int32>(0)

  /// Writes a line to standard error.
  static func note(_ text: String) { draw(text + "\n") }

  /// Writes an error to standard error. What others wrote may be in it: but for line ends, nothing
  /// that a terminal would act on is passed on.
  static func complain(_ text: String) {
    let plain = text.unicodeScalars.map { scalar in
      scalar.properties.generalCategory != .control || scalar == "\n"
        ? String(scalar) : String(format: "\\x%02x", scalar.value)
    }
    note("gammaplane: error: \(plain.joined())")
  }

  /// Writes to standard error as it is.
  static func draw(_ text: String) { try? writeAll(Array(text.utf8), to: STDERR_FILENO) }

  /// One JSON value on standard output, keys sorted.
  static func print(json value: some Encodable) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    print(String(decoding: try encoder.encode(value), as: UTF8.self))
  }

  /// Whether standard error is a terminal that can redraw a line.
  static var canRedraw: Bool {
    isatty(STDERR_FILENO) == 1 && ProcessInfo.processInfo.environment["TERM"] != "dumb"
  }

  /// Whether standard error may be coloured (https://no-color.org).
  static var canColour: Bool {
    canRedraw && (ProcessInfo.processInfo.environment["NO_COLOR"] ?? "").isEmpty
  }

  /// The width of the terminal in columns; 80 if it does not say.
  static var columns: Int {
    var size = winsize()
    guard ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 80 }
    return Int(size.ws_col)
  }
}
