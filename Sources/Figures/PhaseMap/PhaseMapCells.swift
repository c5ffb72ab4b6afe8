import LimitFit
import Model

/// The cells of a phase map: colour and hatching.
struct PhaseMapCells {
  let points: [PointFit]
  let plane: PhasePlane
  let colouring: MapColouring
  let context: FigureContext
  /// The cells of the points, in their order; where points form no grid, the boxes around their
  /// cells.
  let boxes: [Box]
  /// The cells where points form no grid; else nil.
  private let polygons: [[Point]]?
  /// The least side of a cell.
  let side: Double
  /// The cells with their trends, column by column.
  private let columns: [[(box: Box, trend: Trend)]]

  init(points: [PointFit], plane: PhasePlane, colouring: MapColouring, context: FigureContext) {
    self.points = points
    self.plane = plane
    self.colouring = colouring
    self.context = context
    let places = points.map { context.plane.point($0.setting) }
    let isGrid = points.count == Set(places.map(\.x)).count * Set(places.map(\.y)).count
    polygons = isGrid ? nil : VoronoiCells.polygons(of: places.map(plane.page), in: plane.frame)
    let boxes = polygons.map { $0.map(Box.init(around:)) } ?? places.map(plane.cell)
    self.boxes = boxes
    side = boxes.map { min($0.width, $0.height) }.min() ?? 0
    columns = Dictionary(grouping: points.indices) { places[$0].x }
      .sorted { $0.key < $1.key }
      .map { $0.value.map { (boxes[$0], points[$0].trend) } }
  }

  /// The id of the hatching.
  static let hatchID = "hatch"

  /// The colour of a point, or that of no data.
  func fill(of fit: PointFit) -> String { colouring.colour(of: fit)?.hex ?? CellInk.noData }

  /// Colours, with the numbers of each point as the title of its cell.
  var colours: Element {
    var group = Element("g", ["class": "cells"])
    // The paper must not shine through between neighbours: no smoothing of upright edges, which a
    // PDF does not heed, so that a cell reaches a little below those drawn after it; a thin seam
    // along others.
    group.attributes.append(polygons == nil ? ("shape-rendering", "crispEdges") : ("stroke-width", "0.8"))
    let all = boxes.map(\.snapped)
    let (right, top) = (all.map(\.maxX).max() ?? 0, all.map(\.minY).min() ?? 0)
    for (i, fit) in points.enumerated() {
      let colour = fill(of: fit)
      var cell: Element
      if let polygon = polygons?[i] {
        cell = .polyline(polygon + polygon.prefix(1))
        cell.attributes += [("fill", colour), ("stroke", colour)]
      } else {
        cell = .rectangle(reachingUnderNeighbours(all[i], right: right, top: top), ["fill": colour])
      }
      cell.content = [.element(Element("title", text: fit.summary(with: colouring.quantity, context)))]
      group.content.append(.element(cell))
    }
    return group
  }

  /// A cell of a grid with a margin to the right and above, where its neighbours are drawn later:
  /// points are in ascending order.
  private func reachingUnderNeighbours(_ box: Box, right: Double, top: Double) -> Box {
    Box(
      minX: box.minX, minY: max(top, box.minY - Self.margin), maxX: min(right, box.maxX + Self.margin),
      maxY: box.maxY
    ).snapped
  }

  /// How far a cell reaches under its neighbours.
  private static let margin = 0.6

  /// Hatching over the cells whose sign is open; nil if there are none.
  var hatching: Element? {
    let open = points.indices.filter { colouring.isHatched(points[$0]) }
    guard !open.isEmpty else { return nil }
    let d = open.map { i in
      if let polygon = polygons?[i] {
        return polygon.enumerated().map { k, p in
          "\(k == 0 ? "M" : "L")\(p.x.attributeText) \(p.y.attributeText)"
        }.joined() + "Z"
      }
      let box = boxes[i]
      return "M\(box.minX.attributeText) \(box.minY.attributeText)H\(box.maxX.attributeText)"
        + "V\(box.maxY.attributeText)H\(box.minX.attributeText)Z"
    }.joined()
    return Element(
      "path",
      ["class": "hatching", "d": d, "fill": "url(#\(Self.hatchID))", "pointer-events": "none"])
  }

  /// The pattern of the hatching, for `defs`.
  ///
  /// In small cells it is finer and fainter: there are many of them, and their colours must be
  /// seen.
  ///
  /// - Parameter side: the least side of a cell.
  static func hatchPattern(side: Double) -> Element {
    let size = min(max((side - 8) / 28, 0), 1)
    let width = 0.7 + 0.5 * size
    let opacity = 0.35 + 0.15 * size
    // However small a cell is, a stripe crosses it.
    let period = min(9 - 2 * size, max(1.3 * side, 3))
    func stripe(at x: Double, ink: String) -> Element {
      .line(
        Segment(from: Point(x: x, y: 0), to: Point(x: x, y: period)),
        ["stroke": ink, "stroke-width": width, "stroke-opacity": opacity])
    }
    return Element(
      "pattern",
      [
        "id": hatchID, "width": period, "height": period, "patternUnits": "userSpaceOnUse",
        "patternTransform": "rotate(45)",
      ],
      [
        // A light line beside the dark one shows on dark cells.
        stripe(at: width, ink: CellInk.light), stripe(at: 2 * width, ink: CellInk.dark),
      ])
  }

  /// The cells of maps of a few points that are so large that a label may as well stand beside
  /// them.
  var largeCells: [Box] {
    points.count < 9 ? boxes.filter { min($0.width, $0.height) >= 60 } : []
  }

  /// The trends of the cells that a box overlaps; none if it reaches beyond the cells of the map.
  func trends(under box: Box) -> Set<Trend> {
    var covered = 0.0
    var trends: Set<Trend> = []
    for column in columns {
      guard let first = column.first?.box, first.minX < box.maxX, box.minX < first.maxX else { continue }
      for (cell, trend) in column where cell.overlaps(box) {
        trends.insert(trend)
        covered +=
          (min(cell.maxX, box.maxX) - max(cell.minX, box.minX))
          * (min(cell.maxY, box.maxY) - max(cell.minY, box.minY))
      }
    }
    return covered > 0.999 * box.width * box.height ? trends : []
  }

  /// Ink that can be read at a place.
  func ink(at place: Point) -> String {
    zip(points, boxes).contains { $1.contains(place) && colouring.isDark($0) } ? CellInk.light : CellInk.dark
  }
}
