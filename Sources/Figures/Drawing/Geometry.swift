/// A place on the page, in user units, x to the right and y downwards.
struct Point: Hashable {
  var x, y: Double

  static func + (a: Point, b: Point) -> Point { Point(x: a.x + b.x, y: a.y + b.y) }
  static func - (a: Point, b: Point) -> Point { Point(x: a.x - b.x, y: a.y - b.y) }
}

/// A straight piece of a line.
struct Segment: Hashable {
  var from, to: Point

  /// The part inside a box, or nil if there is none (Liang & Barsky, ACM TOG 3(1), 1984).
  func clipped(to box: Box) -> Segment? {
    let d = to - from
    var (start, end) = (0.0, 1.0)
    for (p, q) in [
      (-d.x, from.x - box.minX), (d.x, box.maxX - from.x), (-d.y, from.y - box.minY),
      (d.y, box.maxY - from.y),
    ] {
      if p == 0 {
        if q < 0 { return nil }
      } else if p < 0 {
        start = max(start, q / p)
      } else {
        end = min(end, q / p)
      }
    }
    guard start <= end else { return nil }
    return Segment(from: point(at: start), to: point(at: end))
  }

  /// The point at a fraction of the way.
  func point(at fraction: Double) -> Point {
    Point(x: from.x + fraction * (to.x - from.x), y: from.y + fraction * (to.y - from.y))
  }

  /// Whether any part of it lies in the box or on its border.
  func meets(_ box: Box) -> Bool { clipped(to: box) != nil }

  /// Whether it has a point in common with another one.
  func meets(_ other: Segment) -> Bool {
    func side(_ a: Point, _ b: Point, _ c: Point) -> Double {
      (b.x - a.x) * (c.y - a.y) - (b.y - a.y) * (c.x - a.x)
    }
    let (a, b) = (side(other.from, other.to, from), side(other.from, other.to, to))
    let (c, d) = (side(from, to, other.from), side(from, to, other.to))
    // Of two on one line, only those whose boxes touch meet.
    return a * b <= 0 && c * d <= 0 && bounds.touches(other.bounds)
  }

  /// The smallest box around it.
  var bounds: Box {
    Box(
      minX: min(from.x, to.x), minY: min(from.y, to.y), maxX: max(from.x, to.x), maxY: max(from.y, to.y))
  }

  /// Its length.
  var length: Double { ((to.x - from.x) * (to.x - from.x) + (to.y - from.y) * (to.y - from.y)).squareRoot() }
}

/// A rectangle with sides along the axes of the page.
struct Box: Hashable {
  var minX, minY, maxX, maxY: Double

  init(minX: Double, minY: Double, maxX: Double, maxY: Double) {
    self.minX = minX
    self.minY = minY
    self.maxX = maxX
    self.maxY = maxY
  }

  init(centre: Point, width: Double, height: Double) {
    self.init(
      minX: centre.x - width / 2, minY: centre.y - height / 2, maxX: centre.x + width / 2,
      maxY: centre.y + height / 2)
  }

  var width: Double { maxX - minX }
  var height: Double { maxY - minY }
  var centre: Point { Point(x: (minX + maxX) / 2, y: (minY + maxY) / 2) }

  /// The line from side to side at a height, or through the middle.
  func across(at y: Double? = nil) -> [Point] {
    [Point(x: minX, y: y ?? centre.y), Point(x: maxX, y: y ?? centre.y)]
  }

  /// The box with every side moved outwards; inwards if negative.
  func grown(by margin: Double) -> Box {
    Box(minX: minX - margin, minY: minY - margin, maxX: maxX + margin, maxY: maxY + margin)
  }

  /// The least box that holds all of some points.
  init(around points: [Point]) {
    let (x, y) = (points.map(\.x), points.map(\.y))
    self.init(minX: x.min() ?? 0, minY: y.min() ?? 0, maxX: x.max() ?? 0, maxY: y.max() ?? 0)
  }

  /// The least box around this one and another.
  func union(_ other: Box) -> Box {
    Box(
      minX: min(minX, other.minX), minY: min(minY, other.minY), maxX: max(maxX, other.maxX),
      maxY: max(maxY, other.maxY))
  }

  /// The box with its sides where they are written to the page, so that neighbours share them
  /// still.
  var snapped: Box {
    func snap(_ length: Double) -> Double { (length * 100).rounded() / 100 }
    return Box(minX: snap(minX), minY: snap(minY), maxX: snap(maxX), maxY: snap(maxY))
  }

  /// Whether the interiors have a point in common.
  func overlaps(_ other: Box) -> Bool {
    minX < other.maxX && other.minX < maxX && minY < other.maxY && other.minY < maxY
  }

  /// Whether the boxes, borders included, have a point in common.
  func touches(_ other: Box) -> Bool {
    minX <= other.maxX && other.minX <= maxX && minY <= other.maxY && other.minY <= maxY
  }

  /// Whether the other box lies within this one.
  func contains(_ other: Box) -> Bool {
    minX <= other.minX && other.maxX <= maxX && minY <= other.minY && other.maxY <= maxY
  }

  /// Whether the point lies within it or on its border.
  func contains(_ point: Point) -> Bool {
    minX <= point.x && point.x <= maxX && minY <= point.y && point.y <= maxY
  }

  /// The point of the box nearest to another.
  func nearest(to point: Point) -> Point {
    Point(x: min(max(point.x, minX), maxX), y: min(max(point.y, minY), maxY))
  }
}
