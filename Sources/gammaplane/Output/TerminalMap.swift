import Figures
import Foundation
import LimitFit
import Model
import Orchestration

/// A phase map in a terminal: half blocks, two rows of pixels a line.
struct TerminalMap {
  /// What colours a terminal has.
  enum Colours {
    /// 24 bits.
    case all
    /// The 256 of xterm.
    case few
    /// None: signs stand for trends.
    case none

    /// Those of the terminal, by its environment (https://no-color.org, COLORTERM).
    ///
    /// - Parameter isTerminal: whether what is printed goes to a terminal; a file has no colours.
    init(
      _ environment: [String: String] = ProcessInfo.processInfo.environment,
      isTerminal: Bool = isatty(STDOUT_FILENO) == 1
    ) {
      let term = environment["TERM"] ?? ""
      if !isTerminal || !(environment["NO_COLOR"] ?? "").isEmpty || term == "dumb" || term.isEmpty {
        self = .none
      } else if ["truecolor", "24bit"].contains(environment["COLORTERM"] ?? "") || term.contains("direct") {
        self = .all
      } else {
        self = .few
      }
    }
  }

  var map: PhaseMap
  var context: FigureContext
  /// The settings of the runs under way.
  var active: [Setting]
  var colours: Colours
  /// The size of the screen that is left to it, in characters.
  var columns: Int
  var rows: Int

  /// Characters to the left of the cells, for numbers along the ordinate.
  private static let margin = 8
  /// Lines below the cells: numbers along the abscissa, its name, the legend.
  private static let footer = 3
  /// Rows of pixels in a line: without colours, a sign is one.
  private var pixelsInLine: Int { colours == .none ? 1 : 2 }

  /// The slice that is shown: of several, the first with a run under way.
  private var slice: PhaseMap {
    let slices = map.slices
    let busy = active.map(context.plane.slice)
    return slices.first(where: busy.contains).map(map.slice) ?? slices.first.map(map.slice) ?? map
  }

  /// The lines, no longer than the screen is wide.
  var lines: [String] {
    let slice = slice
    let points = slice.points.map { (place: context.plane.point($0.setting), fit: $0) }
      .filter { $0.place.x.isFinite && $0.place.y.isFinite }
    guard
      let raster = Raster(
        points.map(\.place), columns: columns - Self.margin - 1,
        rows: (rows - Self.footer) * pixelsInLine, aspect: pixelsInLine == 2 ? 1 : 2)
    else { return ["no points"] }
    let palette = MapColours(of: slice.points)
    let marks = marks(points.map(\.fit), raster)
    var lines: [String] = []
    for line in 0..<(raster.height + pixelsInLine - 1) / pixelsInLine {
      var text = ordinate(line, raster)
      for x in 0..<raster.width {
        let top = points[raster.point(x, line * pixelsInLine)].fit
        let below = line * pixelsInLine + pixelsInLine - 1
        let bottom = below < raster.height ? points[raster.point(x, below)].fit : nil
        text += cell(top, bottom, marks[Place(x: x, line: line)], palette)
      }
      lines.append(text + reset)
    }
    lines += abscissa(raster) + [legend(palette, slice)]
    return lines
  }

  // MARK: Cells

  private struct Place: Hashable { var x: Int, line: Int }

  /// What a point is marked with.
  private func mark(of fit: PointFit, isActive: Bool) -> Character? {
    if isActive { return "●" }
    if fit.counts.failed > 0 { return "x" }
    guard fit.exponent != nil, colours != .none else { return nil }
    return fit.trend == .undecided ? "?" : nil
  }

  /// The marks of points in the middle of their cells.
  private func marks(_ fits: [PointFit], _ raster: Raster) -> [Place: Character] {
    let running = Set(active)
    var marks: [Place: Character] = [:]
    for (index, fit) in fits.enumerated() {
      guard let mark = mark(of: fit, isActive: running.contains(fit.setting)) else { continue }
      let (x, y) = raster.centre(of: index)
      let place = Place(x: x, line: y / pixelsInLine)
      if marks[place] != "●" { marks[place] = mark }
    }
    return marks
  }

  private func cell(_ top: PointFit, _ bottom: PointFit?, _ mark: Character?, _ palette: MapColours)
    -> String
  {
    guard colours != .none else { return String(mark ?? Self.sign(of: top)) }
    let (upper, lower) = (palette.colour(of: top), bottom.flatMap(palette.colour))
    if let mark {
      // On the colour of the upper pixel.
      guard let upper else { return reset + String(mark) }
      let ink =
        palette.isDark(top)
        ? MapColours.RGB(red: 255, green: 255, blue: 255) : .init(red: 0, green: 0, blue: 0)
      return ground(upper) + colour(ink) + String(mark)
    }
    switch (upper, lower) {
    case (nil, nil): return reset + "·"
    case (let upper?, nil): return reset + colour(upper) + "▀"
    case (nil, let lower?): return reset + colour(lower) + "▄"
    case (let upper?, let lower?): return colour(upper) + ground(lower) + "▀"
    }
  }

  /// What stands for a point without colours.
  private static func sign(of fit: PointFit) -> Character {
    guard fit.exponent != nil else { return "·" }
    switch fit.trend {
    case .vanishing: return "-"
    case .bounded: return "0"
    case .growing: return "+"
    case .undecided: return "?"
    }
  }

  // MARK: Around the cells

  private func number(_ value: Double) -> String { String(format: "%.4g", value).replacing("-", with: "−") }

  private func ordinate(_ line: Int, _ raster: Raster) -> String {
    let count = (raster.height + pixelsInLine - 1) / pixelsInLine
    var text = ""
    if let y = context.plane.y {
      if line == 0 { text = number(raster.y.upperBound) }
      if line == count - 1 { text = number(raster.y.lowerBound) }
      if line == count / 2, count > 4 { text = context.parameter(y).symbol }
    }
    let space = String(repeating: " ", count: max(0, Self.margin - 1 - text.count))
    return space + text.prefix(Self.margin - 1) + " "
  }

  private func abscissa(_ raster: Raster) -> [String] {
    let (low, high) = (number(raster.x.lowerBound), number(raster.x.upperBound))
    let symbol = context.parameter(context.plane.x).symbol
    let room = max(2, raster.width - low.count - high.count - symbol.count)
    let space = { String(repeating: " ", count: $0) }
    return [space(Self.margin) + low + space(room / 2) + symbol + space(room - room / 2) + high]
  }

  private func legend(_ palette: MapColours, _ slice: PhaseMap) -> String {
    let others = context.plane.slice(slice.points.first?.setting ?? .none).pairs.map {
      "\(context.parameter($0.name).symbol) = \(number($0.value))"
    }
    var parts: [String]
    if colours == .none {
      parts = ["- vanishing", "0 bounded", "+ growing", "? undecided"]
    } else {
      let bar = (0..<16).map { colour(palette.colour(at: Double($0) / 15)) + "█" }.joined() + reset
      parts = ["S \(number(palette.low)) \(bar) \(number(palette.high))", "? undecided"]
    }
    parts += ["· pending", "● running", "x failed"] + others
    // Escapes take no room on the screen.
    var text = ""
    var length = Self.margin
    for part in parts {
      let own = part.replacing(/\u{1B}\[[0-9;]*m/, with: "").count + 2
      guard length + own <= columns else { break }
      text += (text.isEmpty ? "" : "  ") + part
      length += own
    }
    return String(repeating: " ", count: Self.margin) + text
  }

  // MARK: Escapes

  private var reset: String { colours == .none ? "" : "\u{1B}[0m" }
  private func colour(_ rgb: MapColours.RGB) -> String { escape(rgb, 38) }
  private func ground(_ rgb: MapColours.RGB) -> String { escape(rgb, 48) }

  private func escape(_ rgb: MapColours.RGB, _ kind: Int) -> String {
    switch colours {
    case .all: "\u{1B}[\(kind);2;\(rgb.red);\(rgb.green);\(rgb.blue)m"
    case .few: "\u{1B}[\(kind);5;\(Self.index(of: rgb))m"
    case .none: ""
    }
  }

  /// The nearest of the 216 colours and 24 greys of xterm.
  static func index(of rgb: MapColours.RGB) -> Int {
    let levels = [0, 95, 135, 175, 215, 255]
    func nearest(_ value: Int) -> Int {
      levels.indices.min { abs(levels[$0] - value) < abs(levels[$1] - value) } ?? 0
    }
    func distance(_ r: Int, _ g: Int, _ b: Int) -> Int {
      (rgb.red - r) * (rgb.red - r) + (rgb.green - g) * (rgb.green - g) + (rgb.blue - b) * (rgb.blue - b)
    }
    let (r, g, b) = (nearest(rgb.red), nearest(rgb.green), nearest(rgb.blue))
    let grey = min(23, max(0, ((rgb.red + rgb.green + rgb.blue) / 3 - 3) / 10))
    let level = 8 + 10 * grey
    return distance(level, level, level) < distance(levels[r], levels[g], levels[b])
      ? 232 + grey : 16 + 36 * r + 6 * g + b
  }
}

/// Which point each pixel of a small picture of a plane belongs to: the nearest.
struct Raster {
  let width: Int, height: Int
  /// From the first value on an axis to the last.
  let x: ClosedRange<Double>, y: ClosedRange<Double>
  private let owners: [Int]
  private let centres: [(x: Int, y: Int)]

  /// - Parameters:
  ///   - places: where points lie.
  ///   - columns, rows: how many pixels there may be; each value on an axis has as many as the
  ///     others, where all have one.
  ///   - aspect: how high a pixel is, of its width.
  init?(_ places: [PlanePoint], columns: Int, rows: Int, aspect: Int) {
    let xs = Set(places.map(\.x)).sorted()
    let ys = Set(places.map(\.y)).sorted()
    guard let left = xs.first, let right = xs.last, let low = ys.first, let high = ys.last, columns > 0,
      rows > 0
    else { return nil }
    (x, y) = (left...right, low...high)
    let side = max(1, min(columns / xs.count / aspect, rows / ys.count))
    width = min(columns, xs.count * side * aspect)
    height = min(rows, ys.count * side)
    // In units of a mean distance, with half of one beyond the ends.
    func position(_ value: Double, _ range: ClosedRange<Double>, _ count: Int) -> Double {
      guard count > 1 else { return 0.5 }
      let span = range.upperBound - range.lowerBound
      return 0.5 + (value - range.lowerBound) / span * Double(count - 1)
    }
    let (horizontal, vertical) = (xs.count, ys.count)
    let (width, height) = (width, height)
    let positions = places.map { [x, y] place in
      (x: position(place.x, x, horizontal), y: Double(vertical) - position(place.y, y, vertical))
    }
    centres = positions.map { place in
      (
        min(width - 1, Int(place.x / Double(horizontal) * Double(width))),
        min(height - 1, Int(place.y / Double(vertical) * Double(height)))
      )
    }
    var owners: [Int] = []
    for j in 0..<height {
      for i in 0..<width {
        let u = (Double(i) + 0.5) / Double(width) * Double(horizontal)
        let v = (Double(j) + 0.5) / Double(height) * Double(vertical)
        func distance(_ k: Int) -> Double {
          let (a, b) = (positions[k].x - u, positions[k].y - v)
          return a * a + b * b
        }
        owners.append(places.indices.min { distance($0) < distance($1) } ?? 0)
      }
    }
    self.owners = owners
  }

  /// The index of the point of a pixel; the uppermost row is 0.
  func point(_ column: Int, _ row: Int) -> Int { owners[row * width + column] }

  /// The pixel in which a point lies.
  func centre(of point: Int) -> (x: Int, y: Int) { centres[point] }
}
