import Model

extension YAMLTree {
  /// Something that has no place in a value that is passed on verbatim.
  struct Flaw {
    var kind: GridError.Kind
    var position: GridError.Position
    var message: String
    var hint: String
  }

  /// The value as it is passed on to a worker of one's own, by the core schema of YAML 1.2
  /// (https://yaml.org/spec/1.2.2/#103-core-schema).
  ///
  /// - Parameters:
  ///   - path: what messages call it.
  ///   - report: is told what JSON does not have; null stands in its place.
  func json(_ path: String, _ report: (Flaw) -> Void) -> JSONValue {
    switch content {
    case .scalar(let text, isPlain: false): return .string(text)
    case .scalar(let text, isPlain: true):
      if let value = coreSchemaValue(text) { return value }
      report(
        Flaw(
          kind: .range, position: position,
          message: "\(path) must be a finite number, and whole only up to \(maxInteger), found \(found)",
          hint:
            "larger whole numbers are not exact in doubles, as which most programs read JSON; quote it to pass it "
            + "on as a text"))
      return .null
    case .list(let items): return .array(items.map { $0.json(path, report) })
    case .map(let entries):
      var members: [String: JSONValue] = [:]
      for entry in entries {
        let value = entry.value.json("\(path).\(excerpt(entry.key))", report)
        if entry.isMergeKey {
          report(entry.mergeKeyFlaw)
        } else if members.updateValue(value, forKey: entry.key) != nil {
          report(
            Flaw(
              kind: .duplicateKey, position: entry.position,
              message: "the key \"\(excerpt(entry.key))\" is given twice in \(path)", hint: "keep one of them"
            ))
        }
      }
      return .object(members)
    }
  }
}

extension YAMLTree.Entry {
  /// Whether it is the merge key of YAML 1.1, which YAML 1.2 does not have.
  var isMergeKey: Bool { key == "<<" }

  var mergeKeyFlaw: YAMLTree.Flaw {
    YAMLTree.Flaw(
      kind: .unknownKey, position: position, message: "merge keys (<<) are not supported",
      hint: "write the keys out; anchors and aliases of whole values (&name, *name) are supported")
  }
}

/// The value of a plain scalar; nil for a number that is not finite, or whole and not exact as a
/// double.
func coreSchemaValue(_ text: String) -> JSONValue? {
  switch text {
  case "", "~", "null", "Null", "NULL": return .null
  case "true", "True", "TRUE": return .boolean(true)
  case "false", "False", "FALSE": return .boolean(false)
  case ".nan", ".NaN", ".NAN": return nil
  default: break
  }
  for (prefix, radix) in [("0o", 8), ("0x", 16)] where text.hasPrefix(prefix) {
    let digits = text.dropFirst(2)
    guard !digits.isEmpty, digits.utf8.allSatisfy({ isDigit($0, radix: radix) }) else { continue }
    return Int(digits, radix: radix).flatMap { $0 <= maxInteger ? .number(Double($0)) : nil }
  }
  if let number = decimalNumber(text) {
    let isWhole = text.utf8.allSatisfy { $0 < UInt8(ascii: ".") || isDigit($0, radix: 10) }
    return number.isFinite && (!isWhole || wholeNumber(number) != nil) ? .number(number) : nil
  }
  let unsigned = text.first.map { "+-".contains($0) } == true ? text.dropFirst() : text[...]
  return [".inf", ".Inf", ".INF"].contains(unsigned) ? nil : .string(text)
}

private func isDigit(_ byte: UInt8, radix: Int) -> Bool {
  Character(Unicode.Scalar(byte)).hexDigitValue.map { $0 < radix } ?? false
}
