import Model

/// A line that is not a message of the protocol: what is wrong with it and how it begins.
public struct MalformedLine: Error, Equatable, CustomStringConvertible {
  /// What is wrong with a line.
  public enum Reason: Error, Equatable, Sendable {
    /// Longer than ``maxLineLength``.
    case tooLong
    /// The bytes are not UTF-8.
    case notUTF8
    /// Not JSON.
    case notJSON
    /// A number is NaN or infinite, which JSON does not have; the key, and what is written there.
    case notFinite(key: String, value: String)
    /// A number is beyond double precision; its key.
    case tooLarge(key: String, value: String)
    /// JSON, but not an object.
    case notAnObject
    /// The `type` is none that this side understands.
    case unknownType(String)
    /// A key is absent; path of keys joined by dots.
    case missingKey(String)
    /// A value is not of the kind or range that its key asks for.
    case wrongValue(key: String)
    /// A name of a parameter, quantity, array or plane is not one; the key that has it.
    case unusableName(String, key: String)
    /// A recorded array cannot be read.
    case array(name: String, NumericArrayError)
    /// The samples of a problem contradict each other.
    case samples(SampleSetError)
    /// A version of the protocol that this side does not know.
    case protocolVersion(Int)

    /// Refuses what is no name: names become columns of tables and parts of file names, beside the
    /// coordinates that every run has.
    static func check(name: String, of key: String) throws(Self) {
      guard isUsable(name) else { throw .unusableName(name, key: key) }
    }

    /// Whether a text may name a parameter, a quantity or an array.
    static func isUsable(_ name: String) -> Bool {
      NamedNumbers.isName(name) && !Axes.reservedNames.contains(name)
    }
  }

  /// What is wrong.
  public let reason: Reason
  /// The beginning of the line: at most 120 characters, all printable ASCII, others escaped; `…`
  /// where cut.
  public let excerpt: String

  /// A line and what is wrong with it.
  public init(_ reason: Reason, line: some Collection<UInt8>) {
    self.reason = reason
    excerpt = Self.excerpt(of: line)
  }

  /// One sentence with the beginning of the line.
  public var description: String {
    let problem =
      switch reason {
      case .tooLong: "is longer than \(maxLineLength) bytes"
      case .notUTF8: "is not UTF-8"
      case .notJSON: "is not readable JSON"
      case .notFinite(let key, let value): "is not JSON, as \(Self.quoted(key)) is \(value)"
      case .tooLarge(let key, let value): "has a number too large for \(Self.quoted(key)), \(value)"
      case .notAnObject: "is not a JSON object"
      case .unknownType(let type): "has the unknown type \(Self.quoted(type))"
      case .missingKey(let key): "has no \(Self.quoted(key))"
      case .wrongValue(let key): "has an unusable value for \(Self.quoted(key))"
      case .unusableName(let name, let key):
        "has the name \(Self.quoted(name)) in \(Self.quoted(key)); names are letters, digits and _, and neither width nor seed"
      case .array(let name, let error): "has the array \(Self.quoted(name)), which \(error)"
      case .samples(let error): "has unusable samples (\(error))"
      case .protocolVersion(let version):
        "is of protocol version \(version), not \(workerProtocolVersion)"
      }
    return "the line \(problem): \(excerpt)"
  }

  private static func quoted(_ text: String) -> String { "\"\(excerpt(of: text.utf8))\"" }

  /// Printable ASCII of the beginning; what a terminal would act on is escaped.
  private static func excerpt(of line: some Collection<UInt8>) -> String {
    let limit = 120
    var text = ""
    var length = 0
    for byte in line {
      let piece = escaped(byte)
      length += piece.utf8.count
      // One place is kept for the sign that something was cut.
      if length > limit || (length == limit && line.count > limit) { return text + "…" }
      text += piece
    }
    return text
  }

  private static func escaped(_ byte: UInt8) -> String {
    switch byte {
    case 0x09: return "\\t"
    case 0x0a: return "\\n"
    case 0x0d: return "\\r"
    case 0x5c: return "\\\\"
    case 0x20...0x7e: return String(UnicodeScalar(byte))
    default:
      let digits = String(byte, radix: 16)
      return "\\x" + (digits.count < 2 ? "0" + digits : digits)
    }
  }
}

/// Why a message cannot be written as a line.
public enum UnwritableMessage: Error, Hashable, CustomStringConvertible {
  /// A number is NaN or infinite; JSON has no such numbers.
  case notFinite(key: String, value: String)
  /// The line would be longer than ``maxLineLength``.
  case tooLong(bytes: Int)

  /// One sentence.
  public var description: String {
    switch self {
    case .notFinite(let key, let value): "\"\(key)\" is \(value), which a message cannot carry"
    case .tooLong(let bytes):
      "the message needs \(bytes) bytes; a line may have \(maxLineLength)"
    }
  }
}
