/// A picture of something that a sweep yields.
///
/// A pure function of its properties: the same properties yield the same bytes, everywhere and at
/// any time.
public protocol Figure: Sendable {
  /// The picture; made anew at each call.
  var document: FigureDocument { get }
}

extension Figure {
  /// The figure as an SVG document, without references to anything outside of it.
  public func svg() -> String { document.svg }
}

/// A drawing with what every figure has around it: title, description, provenance, paper, type.
public struct FigureDocument {
  /// What kind of figure it is; a name of XML.
  var kind: String
  /// Read out as the name of the figure.
  var title: String
  /// What the figure shows, for those who cannot see it.
  var description: String
  var provenance: FigureProvenance
  var theme: Theme
  /// From (0, 0).
  var page: Box
  /// How many pixels of CSS a unit of the page is.
  public var magnification = 1.0
  /// The first font of the figure, before those of ``Style/sans``; nil: none is preferred.
  public var font: String?
  /// For `defs`.
  var definitions: [Element] = []
  /// What is drawn on the paper, in this order.
  var content: [Element]

  /// The width at natural size, in pixels of CSS.
  public var width: Double { page.width * magnification }
  /// The height at natural size, in pixels of CSS.
  public var height: Double { page.height * magnification }

  /// The whole document.
  public var svg: String { #"<?xml version="1.0" encoding="UTF-8"?>"# + "\n" + inlineSVG }
  /// The `svg` element alone, for a document around it; ends with a newline.
  public var inlineSVG: String { identified.text }

  /// What all ids of the figure begin with: its kind and a digest of all that is drawn. In a page
  /// with several figures each refers to its own parts.
  var idPrefix: String { identified.prefix }

  private var identified: (prefix: String, text: String) {
    // No text has this character: the digest is that of the drawing without its ids' prefix.
    let mark: UInt8 = 1
    let drawn = Array(element.serialized(idPrefix: "\u{1}").utf8)
    let prefix = "\(kind)-\(Self.digest(drawn))-"
    var bytes: [UInt8] = []
    bytes.reserveCapacity(drawn.count + 512)
    for byte in drawn {
      if byte == mark { bytes += prefix.utf8 } else { bytes.append(byte) }
    }
    return (prefix, String(decoding: bytes, as: UTF8.self))
  }

  /// Eight hexadecimal digits: FNV-1a (Fowler, Noll, Vo), which is quick, folded to 32 bits.
  private static func digest(_ bytes: [UInt8]) -> String {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
    let digits = String(UInt32(truncatingIfNeeded: hash >> 32 ^ hash), radix: 16)
    return String(repeating: "0", count: 8 - digits.count) + digits
  }

  /// The root element.
  private var element: Element {
    var children = [
      Element("title", ["id": "title"], text: title),
      Element("desc", ["id": "desc"], text: description),
      provenance.metadata,
    ]
    if !definitions.isEmpty { children.append(Element("defs", [:], definitions)) }
    children.append(.rectangle(page, ["fill": theme.paper]))
    return Element(
      "svg",
      [
        "xmlns": "http://www.w3.org/2000/svg", "width": width, "height": height,
        "viewBox": "0 0 \(page.width.attributeText) \(page.height.attributeText)", "role": "img",
        "aria-labelledby": "title desc", "font-family": (font.map { $0 + ", " } ?? "") + Style.sans,
        "font-size": Style.textSize, "fill": theme.ink,
      ], children + content)
  }
}
