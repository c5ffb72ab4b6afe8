import Foundation
import FoundationXML
import Testing

@testable import Figures

/// An SVG document as a list of its elements.
struct ParsedSVG {
  struct Item {
    var name: String
    var attributes: [String: String]
    /// The names of the elements around it, outermost first.
    var path: [String]
    /// Its text with that of the elements inside.
    var text = ""
    /// By how much exponents and indices in it are narrower than upright letters.
    var narrowed = 0.0

    func number(_ name: String) throws -> Double {
      try #require(attributes[name].flatMap { Double($0) })
    }
  }

  var items: [Item] = []

  /// Parses a document; records an issue if it is not well-formed.
  init(_ svg: String, sourceLocation: SourceLocation = #_sourceLocation) {
    let parser = XMLParser(data: Data(svg.utf8))
    let reader = Reader()
    parser.delegate = reader
    let wellFormed = parser.parse()
    #expect(wellFormed, "\(String(describing: parser.parserError))", sourceLocation: sourceLocation)
    items = reader.items
  }

  /// All elements of a name.
  func all(_ name: String) -> [Item] { items.filter { $0.name == name } }

  /// The box of each visible text: generous in width, from ascenders to descenders in height.
  func textBoxes() throws -> [(text: String, box: Box)] {
    try all("text").map { item in
      let (x, y) = (try item.number("x"), try item.number("y"))
      let size = item.attributes["font-size"].flatMap { Double($0) } ?? Style.textSize
      let width =
        item.attributes["textLength"].flatMap { Double($0) }
        ?? TextMetrics.width(item.text, size: size, bold: item.attributes["font-weight"] != nil)
        - item.narrowed
      let start =
        switch item.attributes["text-anchor"] {
        case "middle": -width / 2
        case "end": -width
        default: 0.0
        }
      var box = Box(
        minX: x + start, minY: y - 0.76 * size, maxX: x + start + width, maxY: y + 0.22 * size)
      if item.attributes["transform"] != nil {
        box = Box(minX: x - 0.76 * size, minY: y - start - width, maxX: x + 0.22 * size, maxY: y - start)
      }
      return (item.text, box)
    }
  }

  private final class Reader: NSObject, XMLParserDelegate {
    var items: [Item] = []
    var open: [Int] = []

    func parser(
      _ parser: XMLParser, didStartElement name: String, namespaceURI: String?, qualifiedName: String?,
      attributes: [String: String]
    ) {
      var attributes = attributes
      if attributes["font-size"] == nil, let around = open.last, items[around].name != "svg" {
        attributes["font-size"] = items[around].attributes["font-size"]
      }
      items.append(Item(name: name, attributes: attributes, path: open.map { items[$0].name }))
      open.append(items.count - 1)
    }

    func parser(
      _ parser: XMLParser, didEndElement name: String, namespaceURI: String?, qualifiedName: String?
    ) {
      open.removeLast()
    }

    func parser(_ parser: XMLParser, foundCharacters text: String) {
      for i in open { items[i].text += text }
      guard let span = open.last, items[span].name == "tspan", items[span].attributes["dy"] != nil,
        let line = open.last(where: { items[$0].name == "text" }),
        let size = items[span].attributes["font-size"].flatMap({ Double($0) })
      else { return }
      let upright = items[line].attributes["font-size"].flatMap { Double($0) } ?? Style.textSize
      items[line].narrowed += TextMetrics.width(text, size: max(0, upright - size))
    }
  }
}
