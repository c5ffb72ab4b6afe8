import Foundation
import Model

/// What a JSON schema refuses: as much of draft 07 as schemas of grid files use.
struct SchemaValidator {
  let root: JSONValue

  /// Whether a value follows the schema.
  func accepts(_ value: JSONValue) -> Bool { follows(value, root) }

  private func follows(_ value: JSONValue, _ schema: JSONValue) -> Bool {
    guard case .object(let keywords) = schema else { return schema.boolean ?? true }
    if let reference = keywords["$ref"]?.string {
      return follows(value, definition(reference))
    }
    let known: Set = [
      "$schema", "title", "description", "default", "definitions", "then", "else", "additionalProperties",
    ]
    for (keyword, argument) in keywords where !known.contains(keyword) {
      guard follows(value, keyword, argument, keywords) else { return false }
    }
    return true
  }

  private func follows(
    _ value: JSONValue, _ keyword: String, _ argument: JSONValue, _ keywords: [String: JSONValue]
  ) -> Bool {
    switch keyword {
    case "type": return list(argument).contains { isOf(value, type: $0.string ?? "") }
    case "enum": return list(argument).contains(value)
    case "not": return !follows(value, argument)
    case "anyOf": return list(argument).contains { follows(value, $0) }
    case "if": return follows(value, keywords[follows(value, argument) ? "then" : "else"] ?? .boolean(true))
    case "required":
      guard case .object(let members) = value else { return true }
      return list(argument).allSatisfy { members[$0.string ?? ""] != nil }
    case "properties":
      guard case .object(let members) = value, case .object(let properties) = argument else { return true }
      return members.allSatisfy { key, member in
        follows(member, properties[key] ?? keywords["additionalProperties"] ?? .boolean(true))
      }
    case "items":
      guard case .array(let items) = value else { return true }
      return items.allSatisfy { follows($0, argument) }
    case "minItems", "maxItems", "uniqueItems":
      guard case .array(let items) = value else { return true }
      if keyword == "uniqueItems" { return Set(items).count == items.count }
      let number = Int(argument.number ?? 0)
      return keyword == "minItems" ? items.count >= number : items.count <= number
    case "minimum", "maximum", "exclusiveMinimum":
      guard let number = value.number, let bound = argument.number else { return true }
      return keyword == "maximum"
        ? number <= bound : keyword == "minimum" ? number >= bound : number > bound
    case "pattern":
      guard let text = value.string, let pattern = argument.string else { return true }
      return text.range(of: pattern, options: .regularExpression) != nil
    default: preconditionFailure("the validator does not know \(keyword)")
    }
  }

  private func definition(_ reference: String) -> JSONValue {
    guard case .object(let keywords) = root, case .object(let definitions)? = keywords["definitions"],
      let definition = definitions[reference.replacingOccurrences(of: "#/definitions/", with: "")]
    else { preconditionFailure("there is no \(reference)") }
    return definition
  }

  private func list(_ value: JSONValue) -> [JSONValue] {
    if case .array(let items) = value { items } else { [value] }
  }

  private func isOf(_ value: JSONValue, type: String) -> Bool {
    switch (value, type) {
    case (.object, "object"), (.array, "array"), (.string, "string"), (.boolean, "boolean"),
      (.number, "number"), (.null, "null"):
      true
    case (.number(let number), "integer"): number.rounded() == number
    default: false
    }
  }
}
