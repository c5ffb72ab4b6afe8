import Foundation
import FoundationXML
import Testing

/// The structure of an SVG document as text, in which two drawings can be compared without their
/// styling: a line for each element, two spaces for each level.
///
/// A line has the name, then those of the attributes class, x, y, width, height, points, d, fill
/// and stroke that there are, then after a bar the text before the first child. `metadata` and
/// `linearGradient` are left out, the text of `desc` is, too, and so is the digest in ids. Line
/// feeds become slashes.
enum SVGStructure {
  static func text(of svg: String) -> String {
    let reader = Reader()
    let parser = XMLParser(data: Data(svg.utf8))
    parser.delegate = reader
    #expect(parser.parse())
    return reader.lines.map { line in
      let text = line.text.trimmingCharacters(in: .whitespacesAndNewlines).replacing("\n", with: " / ")
      return text.isEmpty || line.name == "desc" ? line.head : "\(line.head) | \(text)"
    }.joined(separator: "\n") + "\n"
  }

  private static let attributes = ["class", "x", "y", "width", "height", "points", "d", "fill", "stroke"]
  private static var digest: Regex<Substring> { #/-[0-9a-f]{8}-/# }
  private static let leftOut: Set = ["metadata", "linearGradient"]

  private final class Reader: NSObject, XMLParserDelegate {
    var lines: [(name: String, head: String, text: String)] = []
    /// The line of the element whose text is being read; nil after its first child.
    private var open: Int?
    private var depth = 0
    private var leftOutAt: Int?

    func parser(
      _ parser: XMLParser, didStartElement name: String, namespaceURI: String?, qualifiedName: String?,
      attributes values: [String: String]
    ) {
      defer { depth += 1 }
      if leftOutAt == nil, leftOut.contains(name) { leftOutAt = depth }
      open = nil
      guard leftOutAt == nil else { return }
      let given = attributes.compactMap { key in
        values[key].map { " \(key)=" + $0.replacing(digest, with: "-") }
      }
      lines.append((name, String(repeating: "  ", count: depth) + name + given.joined(), ""))
      open = lines.count - 1
    }

    func parser(
      _ parser: XMLParser, didEndElement name: String, namespaceURI: String?, qualifiedName: String?
    ) {
      depth -= 1
      if leftOutAt == depth { leftOutAt = nil }
      open = nil
    }

    func parser(_ parser: XMLParser, foundCharacters text: String) {
      if let open { lines[open].text += text }
    }
  }
}
