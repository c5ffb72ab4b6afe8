import Model

/// Parts of a JSON schema, draft 07 (https://json-schema.org/draft-07).
enum SchemaValue {
  /// What it is, then the rest of a schema.
  static func described(_ text: String, _ schema: [String: JSONValue]) -> JSONValue {
    .object(schema.merging(["description": .string(text)]) { $1 })
  }

  /// A number of a range, whose infinite ends are none.
  static func number(
    _ range: ClosedRange<Double> = -.infinity ... .infinity, above low: Double? = nil, isWhole: Bool = false
  ) -> [String: JSONValue] {
    var schema: [String: JSONValue] = ["type": .string(isWhole ? "integer" : "number")]
    if let low { schema["exclusiveMinimum"] = .number(low) }
    if low == nil, range.lowerBound.isFinite { schema["minimum"] = .number(range.lowerBound) }
    if range.upperBound.isFinite { schema["maximum"] = .number(range.upperBound) }
    return schema
  }

  /// A whole number from `low` on.
  static func whole(from low: Int, to high: Int = maxInteger) -> [String: JSONValue] {
    number(Double(low)...Double(high), isWhole: true)
  }

  /// A text that a regular expression matches; any that is not empty without one.
  static func text(_ pattern: String = ".") -> [String: JSONValue] {
    ["type": .string("string"), "pattern": .string(pattern)]
  }

  /// One of some words.
  static func words(_ words: [String]) -> [String: JSONValue] { ["enum": .array(words.map { .string($0) })] }

  /// A list whose items follow a schema.
  static func list(of items: [String: JSONValue], min: Int = 1) -> [String: JSONValue] {
    ["type": .string("array"), "items": .object(items), "minItems": .number(Double(min))]
  }

  /// What follows one of some schemas.
  static func any(_ schemas: [[String: JSONValue]]) -> [String: JSONValue] {
    schemas.count == 1 ? schemas[0] : ["anyOf": .array(schemas.map { .object($0) })]
  }

  /// A mapping that has no other keys than these.
  static func mapping(_ properties: [String: JSONValue], required: [String] = []) -> [String: JSONValue] {
    var schema: [String: JSONValue] = [
      "type": .string("object"), "properties": .object(properties), "additionalProperties": .boolean(false),
    ]
    if !required.isEmpty { schema["required"] = .array(required.map { .string($0) }) }
    return schema
  }

  /// A mapping with any keys.
  static let anyMapping: [String: JSONValue] = ["type": .string("object")]

  /// A part under `definitions`.
  static func reference(_ name: String) -> [String: JSONValue] {
    ["$ref": .string("#/definitions/\(name)")]
  }
}
