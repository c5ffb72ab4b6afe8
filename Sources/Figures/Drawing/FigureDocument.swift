import Model

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
  /// For `defs`.
  var definitions: [Element] = []
  /// What is drawn on the paper, in this order.
  var content: [Element]

  /// The width at natural size, in pixels of CSS.
  public var width: Double { page.width }
  /// The height at natural size, in pixels of CSS.
  public var height: Double { page.height }

  /// The whole document.
  public var svg: String { #"<?xml version="1.0" encoding="UTF-8"?>"# + "\n" + inlineSVG }
  /// The `svg` element alone, for a document around it; ends with a newline.
  public var inlineSVG: String { identified.text }

  /// What all ids of the figure begin with: its kind and a digest of all that is drawn. In a page with several
  /// figures each refers to its own parts.
  var idPrefix: String { identified.prefix }

  private var identified: (prefix: String, text: String) {
    // No text has this character: the digest is that of the drawing without its ids' prefix.
    let mark = "\u{1}"
    let text = element.serialized(idPrefix: mark)
    var hash = SHA256()
    hash.update(bytes: text.utf8)
    let prefix = "\(kind)-\(hash.finalize().description.prefix(8))-"
    return (prefix, text.split(separator: mark, omittingEmptySubsequences: false).joined(separator: prefix))
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
        "xmlns": "http://www.w3.org/2000/svg", "width": page.width, "height": page.height,
        "viewBox": "0 0 \(page.width.attributeText) \(page.height.attributeText)", "role": "img",
        "aria-labelledby": "title desc", "font-family": Style.sans,
        "font-size": Style.textSize, "fill": theme.ink,
      ], children + content)
  }
}
