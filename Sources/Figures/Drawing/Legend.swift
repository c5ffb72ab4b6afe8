/// Explanations in columns, with a sample of what each explains before it.
struct Legend {
  /// One explanation.
  struct Entry {
    /// What it says.
    var text: RichText
    /// Draws the sample into the box it is given.
    var sample: (Box) -> [Element]
  }

  var entries: [Entry]

  private static let rowHeight = 25.0
  private static let sampleWidth = 28.0
  private static let sampleHeight = 16.0
  private static let sampleGap = 9.0
  private static let columnGap = 22.0

  /// The left ends of as many columns as fit into a width, each as wide as its longest entry.
  private func columns(width: Double) -> [Double] {
    let widths = entries.map { Self.sampleWidth + Self.sampleGap + $0.text.width(size: Style.textSize) }
    for count in stride(from: min(entries.count, 4), to: 1, by: -1) {
      let columns = (0..<count).map { column in
        stride(from: column, to: widths.count, by: count).map { widths[$0] }.max() ?? 0
      }
      let total = columns.reduce(0, +) + Double(count - 1) * Self.columnGap
      if total <= width {
        return columns.dropLast().reduce(into: [0]) { $0.append(($0.last ?? 0) + $1 + Self.columnGap) }
      }
    }
    return [0]
  }

  /// The height it needs in a given width.
  func height(width: Double) -> Double {
    let count = columns(width: width).count
    return Double((entries.count + count - 1) / count) * Self.rowHeight
  }

  /// The least width that holds every entry.
  var minWidth: Double {
    let texts = entries.map { $0.text.width(size: Style.textSize) }.max() ?? 0
    return Self.sampleWidth + Self.sampleGap + texts
  }

  /// The legend with its upper left corner at a point, row by row.
  func draw(at corner: Point, width: Double) -> Element {
    let columns = columns(width: width)
    var group = Element("g", ["class": "legend"])
    for (i, entry) in entries.enumerated() {
      let x = corner.x + columns[i % columns.count]
      let middle = corner.y + (Double(i / columns.count) + 0.5) * Self.rowHeight
      let box = Box(
        minX: x, minY: middle - Self.sampleHeight / 2, maxX: x + Self.sampleWidth,
        maxY: middle + Self.sampleHeight / 2)
      group.content += entry.sample(box).map { .element($0) }
      group.content.append(
        .element(.text(entry.text, at: Point(x: box.maxX + Self.sampleGap, y: middle + 5))))
    }
    return group
  }

  /// Every explanation by itself: a small drawing of its sample, and what it says.
  var items: [(sample: Element, text: String)] {
    let box = Box(minX: 0, minY: 0, maxX: Self.sampleWidth, maxY: Self.sampleHeight)
    return entries.map { entry in
      let sample = Element(
        "svg",
        [
          "width": box.width, "height": box.height, "aria-hidden": "true",
          "viewBox": "0 0 \(box.width.attributeText) \(box.height.attributeText)",
        ], entry.sample(box))
      return (sample, entry.text.plain)
    }
  }
}
