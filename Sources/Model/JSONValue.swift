/// A value as JSON and YAML have them: what a network or a worker of one's own is told verbatim.
public enum JSONValue: Hashable, Sendable {
  /// The absent value.
  case null
  /// A truth value.
  case boolean(Bool)
  /// A finite number.
  case number(Double)
  /// A text.
  case string(String)
  /// Values in order.
  case array([JSONValue])
  /// Named values.
  case object([String: JSONValue])

  /// The truth value; nil if it is something else.
  public var boolean: Bool? { if case .boolean(let value) = self { value } else { nil } }
  /// The number; nil if it is something else.
  public var number: Double? { if case .number(let value) = self { value } else { nil } }
  /// The text; nil if it is something else.
  public var string: String? { if case .string(let value) = self { value } else { nil } }

  /// One text for equal values: JSON with sorted keys, no spaces, and the shortest form of numbers.
  public var canonical: String {
    switch self {
    case .null: "null"
    case .boolean(let value): value ? "true" : "false"
    // −0 is 0.
    case .number(let value): formattedNumber(value + 0)
    case .string(let text): Self.quoted(text)
    case .array(let items): "[" + items.map(\.canonical).joined(separator: ",") + "]"
    case .object(let members):
      "{"
        + members.sorted { $0.key < $1.key }.map { Self.quoted($0.key) + ":" + $0.value.canonical }
        .joined(separator: ",") + "}"
    }
  }

  private static func quoted(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case "\n": result += "\\n"
      case "\r": result += "\\r"
      case "\t": result += "\\t"
      case _ where scalar.value < 0x20:
        let digits = String(scalar.value, radix: 16)
        result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }
}

extension JSONValue: Codable {
  /// Encodes the value itself.
  public func encode(to encoder: any Encoder) throws {
    switch self {
    case .null:
      var container = encoder.singleValueContainer()
      try container.encodeNil()
    case .boolean(let value): try value.encode(to: encoder)
    case .number(let value):
      // Whole numbers as such: a worker in another language may tell 1 from 1.0.
      if let whole = Int(exactly: value), whole.magnitude < 1 << 53 {
        try whole.encode(to: encoder)
      } else {
        try value.encode(to: encoder)
      }
    case .string(let text): try text.encode(to: encoder)
    case .array(let items): try items.encode(to: encoder)
    case .object(let members):
      var container = encoder.container(keyedBy: AnyName.self)
      for (name, value) in members { try container.encode(value, forKey: AnyName(name)) }
    }
  }

  /// Decodes any value.
  public init(from decoder: any Decoder) throws {
    if let container = try? decoder.container(keyedBy: AnyName.self) {
      var members: [String: JSONValue] = [:]
      for key in container.allKeys {
        members[key.stringValue] = try container.decode(JSONValue.self, forKey: key)
      }
      self = .object(members)
      return
    }
    if let items = try? [JSONValue](from: decoder) {
      self = .array(items)
      return
    }
    let container = try decoder.singleValueContainer()
    if container.decodeNil() {
      self = .null
    } else if let value = try? container.decode(Bool.self) {
      self = .boolean(value)
    } else if let value = try? container.decode(Double.self) {
      self = .number(value)
    } else {
      self = .string(try container.decode(String.self))
    }
  }
}
