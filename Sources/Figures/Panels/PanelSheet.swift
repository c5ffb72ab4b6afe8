import Model

/// Panels of one size in rows and columns, with a heading above and a legend below.
struct PanelSheet {
  /// What one panel draws.
  struct Panel {
    /// The heading of the panel.
    var name: RichText
    /// What there is to say about it, under its name, a line each; what is too long is cut, and
    /// there whole.
    var remarks: [RichText]
    /// Draws it with its upper left corner at a point.
    var draw: (Point, Position) -> [Element]
  }

  /// Where a panel stands among the others: names that axes share are written once.
  struct Position {
    /// Whether it begins a row.
    var isLeft: Bool
    /// Whether no panel is below it.
    var isLowest: Bool
  }

  var frame: PanelFrame
  var subtitle: String
  var panels: [Panel]
  /// The size of a panel without name and remarks.
  var panelWidth, panelHeight: Double
  var legend: Legend

  private static let gap = 26.0
  /// White space along the border; a document that has its own heading has its own space, too.
  private var margin: Double { isNamed ? 22 : 6 }
  private var heading: String? { frame.title.flatMap { $0.isEmpty ? nil : $0 } }
  /// Whether panels are named; those of a document that has said which point it is are not.
  private var isNamed: Bool { frame.size != .small }
  /// Less than between columns, as the space of the name of an abscissa is there in every row.
  private static let rowGap = 14.0
  private static let nameHeight = 22.0
  private static let remarkHeight = 17.0
  private static let remarkSize = 12.5
  private static let subtitleHeight = 19.0
  private static let maxWidth = 1290.0

  /// How many columns so many panels have: as evenly filled as may be.
  static func columns(_ count: Int) -> Int {
    switch count {
    case ...1: 1
    case 2, 4: 2
    case 3, 5...9: 3
    default: 4
    }
  }

  /// The same, no wider than a page can be read.
  private static func columns(_ count: Int, panelWidth: Double) -> Int {
    var columns = columns(count)
    while columns > 1, width(columns, panelWidth) > maxWidth { columns -= 1 }
    return columns
  }

  private static func width(_ columns: Int, _ panelWidth: Double) -> Double {
    Double(columns) * panelWidth + Double(columns - 1) * gap
  }

  private var remarkLines: Int { panels.map(\.remarks.count).max() ?? 0 }

  private var nameHeight: Double { isNamed ? Self.nameHeight : 0 }
  private var headHeight: Double { nameHeight + Double(remarkLines) * Self.remarkHeight + 8 }

  /// The whole figure.
  ///
  /// - Parameter name: what it is called if it has no heading.
  func document(kind: String, name: String, description: String) -> FigureDocument {
    let columns = Self.columns(panels.count, panelWidth: panelWidth)
    let width = Self.width(columns, panelWidth) + 2 * margin
    let minWidth = max(legend.minWidth, heading == nil ? 0 : 320) + 2 * margin
    let pageWidth = max(width, minWidth).rounded(.up)
    let inner = pageWidth - 2 * margin
    var content: [Element] = []
    var y = heading != nil ? 78.0 : isNamed ? 22 : 10
    if let heading {
      let heading = TextMetrics.truncated(heading, size: Style.titleSize, bold: true, to: inner)
      content.append(
        .text(RichText(heading), at: Point(x: margin, y: 38), size: Style.titleSize, bold: true))
      let lines = TextMetrics.wrapped(subtitle, size: Style.textSize, to: inner, lines: 2)
      for (i, line) in lines.enumerated() {
        let base = 61 + Double(i) * Self.subtitleHeight
        content.append(.text(RichText(line), at: Point(x: margin, y: base), fill: frame.theme.softInk))
      }
      y += Double(max(0, lines.count - 1)) * Self.subtitleHeight
    }
    // A single column stands in the middle of a page that the heading makes wider.
    let left = margin + (pageWidth - width) / 2
    for (i, panel) in panels.enumerated() {
      let corner = Point(
        x: left + Double(i % columns) * (panelWidth + Self.gap),
        y: y + Double(i / columns) * (headHeight + panelHeight + Self.rowGap))
      let position = Position(isLeft: i % columns == 0, isLowest: i + columns >= panels.count)
      content.append(Element("g", ["class": "panel"], draw(panel, at: corner, position)))
    }
    let rows = (panels.count + columns - 1) / columns
    y += Double(rows) * (headHeight + panelHeight + Self.rowGap) - (rows > 0 ? Self.rowGap : 0) + 16
    if !legend.entries.isEmpty {
      content.append(legend.draw(at: Point(x: margin, y: y), width: inner))
      y += legend.height(width: inner)
    }
    let page = Box(minX: 0, minY: 0, maxX: pageWidth, maxY: (y + 12).rounded(.up))
    return FigureDocument(
      kind: kind, title: heading ?? name, description: description, provenance: frame.provenance,
      theme: frame.theme, page: page, content: content)
  }

  private func draw(_ panel: Panel, at corner: Point, _ position: Position) -> [Element] {
    var elements: [Element] = []
    if nameHeight > 0 {
      elements.append(.text(panel.name, at: Point(x: corner.x, y: corner.y + 16), size: 15, bold: true))
    }
    for (i, remark) in panel.remarks.enumerated() {
      let isTooLong = remark.width(size: Self.remarkSize) > panelWidth
      let text =
        isTooLong
        ? RichText(TextMetrics.truncated(remark.plain, size: Self.remarkSize, to: panelWidth)) : remark
      var line = Element.text(
        text,
        at: Point(x: corner.x, y: corner.y + nameHeight + 13 + Double(i) * Self.remarkHeight),
        size: Self.remarkSize, fill: frame.theme.softInk)
      if isTooLong { line = Element("g", [:], [Element("title", text: remark.plain), line]) }
      elements.append(line)
    }
    return elements + panel.draw(Point(x: corner.x, y: corner.y + headHeight), position)
  }
}
