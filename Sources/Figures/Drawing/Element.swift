/// An element of an XML document.
struct Element {
  /// What an element holds.
  enum Content {
    case element(Element)
    case text(String)
  }

  var name: String
  /// In the order they are written.
  var attributes: [(name: String, value: String)]
  var content: [Content]

  /// An element with other elements inside.
  init(
    _ name: String, _ attributes: KeyValuePairs<String, any AttributeValue> = [:],
    _ children: [Element] = []
  ) {
    self.name = name
    self.attributes = attributes.map { ($0.key, $0.value.attributeText) }
    content = children.map { .element($0) }
  }

  /// An element with text inside.
  init(
    _ name: String, _ attributes: KeyValuePairs<String, any AttributeValue> = [:], text: String
  ) {
    self.init(name, attributes)
    content = [.text(text)]
  }

  /// The element as XML, a line for each child element, indented by one space a level; ends with a
  /// newline.
  ///
  /// A `text` element, or one that holds text, is written on one line: white space would change it.
  ///
  /// - Parameter idPrefix: begins every id, also where it is referred to; not escaped.
  func serialized(idPrefix: String = "") -> String {
    var text = ""
    write(to: &text, indentation: 0, idPrefix)
    return text
  }

  private func write(to text: inout String, indentation: Int, _ idPrefix: String) {
    text += String(repeating: " ", count: indentation)
    writeStartTag(to: &text, idPrefix)
    if content.isEmpty {
      text += "/>\n"
      return
    }
    text += ">"
    if isInline {
      writeInline(to: &text, idPrefix)
    } else {
      text += "\n"
      for case .element(let child) in content {
        child.write(to: &text, indentation: indentation + 1, idPrefix)
      }
      text += String(repeating: " ", count: indentation)
    }
    text += "</\(name)>\n"
  }

  private var isInline: Bool {
    name == "text" || content.contains { if case .text = $0 { true } else { false } }
  }

  private func writeStartTag(to text: inout String, _ idPrefix: String) {
    text += "<\(name)"
    for (name, value) in attributes {
      text += " \(name)=\""
      if name == "id" {
        text += idPrefix + escaped(value)
      } else if name == "aria-labelledby" {
        text += value.split(separator: " ").map { idPrefix + escaped(String($0)) }.joined(separator: " ")
      } else if value.hasPrefix(Self.reference) {
        text += Self.reference + idPrefix + escaped(String(value.dropFirst(Self.reference.count)))
      } else {
        text += escaped(value)
      }
      text += "\""
    }
  }

  /// Begins a value that refers to an id.
  private static let reference = "url(#"

  private func writeInline(to text: inout String, _ idPrefix: String) {
    for item in content {
      switch item {
      case .text(let words): text += escaped(words)
      case .element(let child):
        child.writeStartTag(to: &text, idPrefix)
        text += ">"
        child.writeInline(to: &text, idPrefix)
        text += "</\(child.name)>"
      }
    }
  }
}

/// What may stand as the value of an attribute.
protocol AttributeValue {
  /// The value, not yet escaped.
  var attributeText: String { get }
}

extension String: AttributeValue {
  var attributeText: String { self }
}

extension Double: AttributeValue {
  /// Two digits after the point: a hundredth of a pixel at natural size.
  var attributeText: String { Decimal.trimmed(self, places: 2) }
}
