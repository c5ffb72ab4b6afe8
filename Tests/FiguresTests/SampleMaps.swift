import Figures
import LimitFit
import Model

/// Maps that show everything a phase map can show, made of arithmetic alone.
enum SampleMaps {
  /// A 7 × 7 map of what theory expects, with a boundary and its band, open signs, and every
  /// shortcoming.
  static var full: PhaseMap {
    let axis = (0..<7).map { 0.25 * Double($0) }
    var points = axis.flatMap { g in axis.map { point(0.5 + g, -0.5 + $0) } }
    func mark(_ place: Int, _ change: (inout PointFit) -> Void) { change(&points[place]) }
    mark(3) { $0.counts.failed = 1 }
    mark(8) { $0.counts.budgetExhausted = 1 }
    mark(16) { $0.counts.pending = 2 }
    mark(33) { $0.counts.stationary = 2 }
    mark(40) { lacking in
      lacking.widths = 2
      lacking.exponent = nil
      lacking.trend = .undecided
    }
    for place in [0, 48] {
      mark(place) { empty in
        empty = PointFit(
          setting: empty.setting, trend: .undecided, note: "4 runs pending",
          expectedExponent: empty.expectedExponent)
        empty.counts.pending = 4
      }
    }
    return SampleContext.map(points, boundary: [boundary])
  }

  /// Points as `refine` leaves them: a coarse grid, with half and quarter steps near the boundary.
  static var refined: PhaseMap {
    var places: Set<PlanePoint> = []
    for (step, reach) in [(0.5, 9.0), (0.25, 0.3), (0.125, 0.13)] {
      for i in 0...Int(1.5 / step) {
        for j in 0...Int(1.5 / step) {
          let place = PlanePoint(x: 0.5 + step * Double(i), y: -0.5 + step * Double(j))
          if SampleContext.theory.distanceToBoundary(place) <= reach { places.insert(place) }
        }
      }
    }
    return SampleContext.map(places.sorted().map { point($0.x, $0.y) }, boundary: [boundary])
  }

  /// Counts of orientations for ``full``: few below the boundary, none recorded at some points.
  static var orientations: OrientationCounts {
    var mean: [Setting: Double] = [:]
    for (i, fit) in full.points.enumerated() where i % 11 != 5 {
      let distance = SampleContext.theory.distanceToBoundary(SampleContext.luo.plane.point(fit.setting))
      mean[fit.setting] =
        SampleContext.theory.trend(at: fit.setting) == .growing ? 4 : min(240, 4 + 200 * distance)
    }
    return OrientationCounts(width: 1000, mean: mean)
  }

  /// A plane of which nothing is known, its ordinate in steps of equal ratios.
  static var foreign: PhaseMap {
    let settings = SampleContext.product([
      "momentum": [0, 0.2, 0.4, 0.6, 0.8], "learning_rate": [0.001, 0.003, 0.01, 0.03, 0.1, 0.3],
    ])
    var map = SampleContext.map(SampleContext.foreign, settings) { setting in
      3 * (setting["momentum"] ?? 0) + 20 * (setting["learning_rate"] ?? 0) - 1.5
    }
    map.boundary = [
      BoundaryLine(
        [(0.5, 0.001), (0.48, 0.003), (0.43, 0.01), (0.3, 0.03), (0, 0.075)].map {
          BoundaryLine.Vertex(PlanePoint(x: $0.0, y: $0.1))
        })
    ]
    return map
  }

  /// A line: one parameter.
  static let lineContext = FigureContext(
    plane: Plane(x: "gamma"), orderParameter: "sup_rd", description: SampleContext.family)
  static var line: PhaseMap {
    SampleContext.map(lineContext, SampleContext.product(["gamma": (0..<9).map { 0.25 * Double($0) }])) {
      ($0["gamma"] ?? 0) - 0.9
    }
  }

  /// Slices: a third parameter beside the plane's, and a fourth with one value.
  static func slices(_ depths: [Double], context: FigureContext = SampleContext.luo) -> PhaseMap {
    let axis = (0..<5).map { 0.375 * Double($0) }
    let settings = SampleContext.product([
      "gamma": axis.map { 0.5 + $0 }, "gamma_prime": axis.map { -0.5 + $0 }, "depth": depths, "rate": [0.1],
    ])
    var map = SampleContext.map(context, settings) { setting in
      (SampleContext.theory.exponentRange(at: setting)?.lowerBound ?? 0) - 0.12 * (setting["depth"] ?? 0)
    }
    map.boundary = depths.map { depth in
      var line = boundary
      line.slice = ["depth": depth, "rate": 0.1]
      return line
    }
    return map
  }

  private static func point(_ gamma: Double, _ gammaPrime: Double) -> PointFit {
    let setting = SampleContext.setting(gamma, gammaPrime)
    let expected = SampleContext.theory.exponentRange(at: setting)?.lowerBound ?? .nan
    // As fits have it: a little off, and bent at finite widths near the boundary.
    let off = 0.04 * (gamma - gammaPrime) - 0.05
    var result = fit(gamma, gammaPrime, slope: expected + off, half: 0.09)
    result.expectedExponent = expected
    result.slope?.value = 0.9 * expected
    result.slope?.low = 0.9 * expected - 0.03
    result.slope?.high = 0.9 * expected + 0.03
    if expected == 0, off.magnitude < 0.03 { result.trend = .bounded }
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
          PlanePoint(x: gamma, y: prime),
          towardsVanishing: PlanePoint(x: gamma - half, y: prime + half / 2),
          towardsGrowing: PlanePoint(x: gamma + half, y: prime - half / 2))
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
      ("phase-map", map(full)), ("slope-map", map(full, .slope)), ("trend-map", map(full, .trend)),
      ("residual-map", map(full, .residual)), ("orientation-map", map(full, .orientations(orientations))),
      ("stationary-map", map(full, .stationary)), ("phase-map-refined", map(refined)),
      ("trend-map-refined", map(refined, .trend)), ("phase-map-dark", map(full, theme: .dark)),
      ("phase-map-adaptive", map(full, theme: .adaptive)), ("phase-map-words", worded),
      ("phase-map-empty", map(SampleContext.map([]))),
      ("phase-map-foreign", figure(foreign, title: "Sample", context: SampleContext.foreign)),
      ("phase-map-line", figure(line, title: "Sample", context: lineContext)),
      ("phase-map-slices", map(slices([1, 2, 4]))),
    ]
  }
}
