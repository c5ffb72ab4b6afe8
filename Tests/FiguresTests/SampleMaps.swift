import Figures
import LimitFit
import Model

/// Maps that show everything a phase map can show, made of arithmetic alone.
enum SampleMaps {
  /// A 7 × 7 map of what theory expects, with a boundary and its band, open signs, and every shortcoming.
  static var full: PhaseMap {
    let axis = (0..<7).map { 0.25 * Double($0) }
    var points = axis.flatMap { g in axis.map { point(0.5 + g, -0.5 + $0) } }
    func mark(_ place: Int, _ change: (inout PointFit) -> Void) { change(&points[place]) }
    mark(3) { $0.counts.failed = 1 }
    mark(8) { $0.counts.budget = 1 }
    mark(16) { $0.counts.pending = 2 }
    mark(33) { $0.counts.stalled = 2 }
    mark(40) { lacking in
      lacking.widths = 2
      lacking.exponent = nil
      lacking.verdict = .undecided
    }
    for place in [0, 48] {
      mark(place) { empty in
        empty = PointFit(
          point: empty.point, verdict: .undecided, note: "4 runs pending",
          expectedExponent: empty.expectedExponent)
        empty.counts.pending = 4
      }
    }
    return PhaseMap(points: points, boundary: [boundary])
  }

  /// Points as `refine` leaves them: a coarse grid, with half and quarter steps near the boundary.
  static var refined: PhaseMap {
    var places: Set<PhasePoint> = []
    for (step, reach) in [(0.5, 9.0), (0.25, 0.3), (0.125, 0.13)] {
      for i in 0...Int(1.5 / step) {
        for j in 0...Int(1.5 / step) {
          let place = PhasePoint(gamma: 0.5 + step * Double(i), gammaPrime: -0.5 + step * Double(j))
          if place.distanceToTheoreticalBoundary <= reach { places.insert(place) }
        }
      }
    }
    return PhaseMap(points: places.sorted().map { point($0.gamma, $0.gammaPrime) }, boundary: [boundary])
  }

  /// Counts of orientations for ``full``: few below the boundary, none kept at some points.
  static var orientations: OrientationCounts {
    var mean: [PhasePoint: Double] = [:]
    for (i, fit) in full.points.enumerated() where i % 11 != 5 {
      let place = fit.point
      mean[place] =
        place.theoreticalRegime == .condensed ? 4 : min(240, 4 + 200 * place.distanceToTheoreticalBoundary)
    }
    return OrientationCounts(width: 1000, mean: mean)
  }

  private static func point(_ gamma: Double, _ gammaPrime: Double) -> PointFit {
    let place = PhasePoint(gamma: gamma, gammaPrime: gammaPrime)
    let expected = place.expectedExponent(antisymmetric: false)
    // As fits have it: a little off, and bent at finite widths near the boundary.
    let off = 0.04 * (gamma - gammaPrime) - 0.05
    var result = fit(gamma, gammaPrime, slope: expected + off, half: 0.09)
    result.expectedExponent = expected
    result.slope?.value = 0.9 * expected
    result.slope?.low = 0.9 * expected - 0.03
    result.slope?.high = 0.9 * expected + 0.03
    if expected == 0, off.magnitude < 0.03 { result.verdict = .critical }
    return result
  }

  private static var boundary: BoundaryLine {
    let line: [(Double, Double, Double)] = [
      (1.04, -0.5, 0.05), (0.97, -0.25, 0.07), (1.02, 0, 0.03), (1.27, 0.25, 0.02), (1.52, 0.5, 0.02),
      (1.98, 1, 0.03),
    ]
    return BoundaryLine(
      line.map { gamma, prime, half in
        BoundaryLine.Vertex(
          PhasePoint(gamma: gamma, gammaPrime: prime),
          towardsLinear: PhasePoint(gamma: gamma - half, gammaPrime: prime + half / 2),
          towardsCondensed: PhasePoint(gamma: gamma + half, gammaPrime: prime - half / 2))
      })
  }

  /// Every kind of map, and what is particular to some, by name.
  static var figures: [(name: String, figure: PhaseMapFigure)] {
    func map(
      _ map: PhaseMap, _ quantity: MapQuantity = .exponent, theme: Theme = .light, title: String = "Sample"
    )
      -> PhaseMapFigure
    {
      var figure = figure(map, title: title)
      figure.quantity = quantity
      figure.theme = theme
      return figure
    }
    var worded = map(quickstart(), title: "")
    worded.words.abscissa = "γ, exponent of the input scale"
    worded.words.ordinate = "γ′, exponent of the balance"
    worded.words.colours = "order exponent / 1"
    worded.words.low = "lazy"
    worded.words.high = ""
    return [
      ("phase-map", map(full)), ("slope-map", map(full, .slope)), ("verdict-map", map(full, .verdict)),
      ("residual-map", map(full, .residual)), ("orientation-map", map(full, .orientations(orientations))),
      ("stalled-map", map(full, .stalled)), ("phase-map-refined", map(refined)),
      ("verdict-map-refined", map(refined, .verdict)), ("phase-map-dark", map(full, theme: .dark)),
      ("phase-map-adaptive", map(full, theme: .adaptive)), ("phase-map-words", worded),
      ("phase-map-empty", map(PhaseMap(points: [], boundary: []))),
    ]
  }
}
