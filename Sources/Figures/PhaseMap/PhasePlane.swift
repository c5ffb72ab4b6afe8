import LimitFit
import Model

/// The part of the (γ, γ') plane that a figure shows, and how it lies on the page: γ to the right, γ'
/// upwards, one unit of γ as long as one of γ'.
struct PhasePlane {
  /// What is seen, from low to high.
  let gamma, gammaPrime: ClosedRange<Double>
  /// Page units for one unit of γ or γ'.
  let scale: Double
  /// Where it lies on the page.
  private(set) var frame: Box

  private let gammaCells, gammaPrimeCells: [Double: ClosedRange<Double>]

  /// A plane that shows the cells of all points, with its upper left corner at the origin of the page.
  ///
  /// The shorter side is widened to two fifths of the longer one, so that a single row or column of points
  /// is still seen in its surroundings.
  ///
  /// - Parameters:
  ///   - points: finite.
  ///   - side: the length of the longer side on the page.
  init(showing points: [PhasePoint], side: Double) {
    let gammas = Set(points.map(\.gamma)).sorted()
    let primes = Set(points.map(\.gammaPrime)).sorted()
    // A single value has no neighbour half-way to which its cell could reach; the other axis lends its step.
    let step = Self.smallestStep(gammas) ?? Self.smallestStep(primes)
    let primeStep = Self.smallestStep(primes) ?? step
    gammaCells = Self.cells(gammas, lone: step ?? Self.loneCell)
    gammaPrimeCells = Self.cells(primes, lone: primeStep ?? Self.loneCell)

    let wide = Self.union(gammaCells.values) ?? 0...2
    let high = Self.union(gammaPrimeCells.values) ?? -1...1
    let longer = max(wide.upperBound - wide.lowerBound, high.upperBound - high.lowerBound)
    let leastSide = points.count == 1 ? 4 * longer : 0.4 * longer
    gamma = Self.widened(wide, to: leastSide)
    gammaPrime = Self.widened(high, to: leastSide)
    let (width, height) = (gamma.upperBound - gamma.lowerBound, gammaPrime.upperBound - gammaPrime.lowerBound)
    scale = side / max(width, height)
    frame = Box(minX: 0, minY: 0, maxX: width * scale, maxY: height * scale)
  }

  /// Moves its upper left corner on the page.
  mutating func move(to corner: Point) {
    frame = Box(
      minX: corner.x, minY: corner.y, maxX: corner.x + frame.width, maxY: corner.y + frame.height)
  }

  /// The side of the cell of a lone point.
  private static let loneCell = 0.25

  /// Where a point lies on the page.
  func page(_ point: PhasePoint) -> Point {
    Point(
      x: frame.minX + (point.gamma - gamma.lowerBound) * scale,
      y: frame.maxY - (point.gammaPrime - gammaPrime.lowerBound) * scale)
  }

  /// The cell of one of the points shown: half-way to its neighbours, as far beyond the outermost. Nothing
  /// for other points.
  func cell(_ point: PhasePoint) -> Box {
    let g = gammaCells[point.gamma] ?? point.gamma...point.gamma
    let h = gammaPrimeCells[point.gammaPrime] ?? point.gammaPrime...point.gammaPrime
    let low = page(PhasePoint(gamma: g.lowerBound, gammaPrime: h.lowerBound))
    let high = page(PhasePoint(gamma: g.upperBound, gammaPrime: h.upperBound))
    return Box(minX: low.x, minY: high.y, maxX: high.x, maxY: low.y)
  }

  /// A polyline on the page, cut where it leaves the frame.
  func clipped(_ line: [PhasePoint]) -> [[Point]] {
    let points = line.map(page)
    var pieces: [[Point]] = []
    for (a, b) in zip(points, points.dropFirst()) {
      guard let segment = Segment(from: a, to: b).clipped(to: frame), segment.length > 0 else { continue }
      if let last = pieces.last?.last, last == segment.from {
        pieces[pieces.count - 1].append(segment.to)
      } else {
        pieces.append([segment.from, segment.to])
      }
    }
    return pieces
  }

  /// The boundary of the theorem inside the frame: γ = 1 for γ' ≤ 0, and γ' = γ − 1 for γ ≥ 1 (Luo, Xu, Ma,
  /// Zhang, JMLR 22(71), 2021).
  var theoreticalBoundary: [[Point]] {
    let depth = min(gammaPrime.lowerBound, 0)
    let reach = max(gammaPrime.upperBound, gamma.upperBound - 1, 0)
    return clipped([
      PhasePoint(gamma: 1, gammaPrime: depth), PhasePoint(gamma: 1, gammaPrime: 0),
      PhasePoint(gamma: 1 + reach, gammaPrime: reach),
    ])
  }

  /// The line γ' = γ inside the frame.
  var diagonal: [[Point]] {
    let low = min(gamma.lowerBound, gammaPrime.lowerBound)
    let high = max(gamma.upperBound, gammaPrime.upperBound)
    return clipped([PhasePoint(gamma: low, gammaPrime: low), PhasePoint(gamma: high, gammaPrime: high)])
  }

  private static func smallestStep(_ values: [Double]) -> Double? {
    zip(values, values.dropFirst()).map { $1 - $0 }.min()
  }

  private static func cells(_ values: [Double], lone: Double) -> [Double: ClosedRange<Double>] {
    var cells: [Double: ClosedRange<Double>] = [:]
    for (i, value) in values.enumerated() {
      let below = i > 0 ? value - values[i - 1] : values.count > 1 ? values[1] - value : lone
      let above = i + 1 < values.count ? values[i + 1] - value : below
      cells[value] = (value - below / 2)...(value + above / 2)
    }
    return cells
  }

  private static func union(_ ranges: some Sequence<ClosedRange<Double>>) -> ClosedRange<Double>? {
    guard let low = ranges.map(\.lowerBound).min(), let high = ranges.map(\.upperBound).max() else {
      return nil
    }
    return low...high
  }

  private static func widened(_ range: ClosedRange<Double>, to length: Double) -> ClosedRange<Double> {
    let missing = max(0, length - (range.upperBound - range.lowerBound)) / 2
    return (range.lowerBound - missing)...(range.upperBound + missing)
  }
}
