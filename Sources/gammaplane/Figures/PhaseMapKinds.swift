import Figures
import LimitFit
import Model
import Orchestration
import ResultStore

/// Pictures of the whole plane.
extension FigureKind {
  static let phaseMaps = [
    phaseMap, slopeMap, trendMap, residualMap, crossoverMap, orientationMap, stationaryMap, differenceMap,
  ]

  private static let differenceMap = FigureKind(
    name: "difference-map", summary: "the exponent S of one sweep less that of another, named after it",
    options: WordOptions.names.union(PaperOptions.mapOptions), showsPlane: true, sweeps: 2...2
  ) { request in
    guard let other = request.others.first else {
      throw Failure(.usage, "difference-map shows two sweeps; name both")
    }
    try request.refuseOtherPlane(other)
    let map = try request.phaseMap().lessExponents(of: other.phaseMap())
    guard !map.points.isEmpty else {
      throw Failure(.noInput, "\(request.sweep.name) and \(other.sweep.name) have no point in common")
    }
    var figure = request.mapFigure(
      map, heading: "Exponents: \(request.sweep.name) less \(other.sweep.name)")
    figure.quantity = .difference(from: request.paper.names.last ?? other.sweep.name)
    return figure
  }

  static let phaseMap = map(
    "phase-map", "the exponent S for m → ∞, with the boundary between the trends", "Phase diagram"
  ) { _ in .exponent }

  private static let slopeMap = map(
    "slope-map", "the slope of the logarithm against log m over the widths at hand", "Slopes"
  ) { _ in .slope }

  private static let trendMap = map(
    "trend-map", "the trends alone, in flat colours", "Trends"
  ) { _ in .trend }

  private static let residualMap = map(
    "residual-map", "the exponent less the one expected in theory, where there is one", "Exponent less theory"
  ) { request in
    guard request.context.theory != nil else {
      throw Failure(
        .noInput,
        "there is no theory of \(request.context.orderParameter) for \(request.sweep.name), so nothing to "
          + "compare with")
    }
    return .residual
  }

  private static let crossoverMap = map(
    "crossover-map", "the width beyond which the limit m → ∞ holds, where it was computed",
    "Crossover widths"
  ) { _ in .crossover }

  private static let orientationMap = map(
    "orientation-map", "how many orientations the neurons have after training, where these were recorded",
    "Orientations after training"
  ) { .orientations(try OrientationCounts(of: $0)) }

  private static let stationaryMap = map(
    "stationary-map", "the share of runs that came to rest above the target", "Stationary runs"
  ) { _ in .stationary }

  /// A map under a heading.
  private static func map(
    _ name: String, _ summary: String, _ heading: String,
    _ quantity: @escaping @Sendable (FigureRequest) throws -> MapQuantity
  ) -> FigureKind {
    FigureKind(
      name: name, summary: summary,
      options: WordOptions.names.union(PaperOptions.mapOptions).union(["--at"]), showsPlane: true,
      sweeps: name == "orientation-map" ? 1...1 : 1...PhaseMapFigure.maxPanels
    ) { request in
      let all = [request] + request.others
      let title = "\(heading): \(all.map(\.sweep.name).joined(separator: ", "))"
      var figure = request.mapFigure(try request.slicedMap(), heading: title)
      figure.quantity = try quantity(request)
      guard all.count > 1 else { return figure }
      let labels = request.paper.names
      let names = all.indices.map { labels.indices.contains($0) ? labels[$0] : all[$0].sweep.name }
      figure.name = names[0]
      figure.others = try zip(names, all).dropFirst().map { name, other in
        try request.refuseOtherPlane(other)
        return PhaseMapFigure.NamedMap(name: name, map: try other.slicedMap())
      }
      return figure
    }
  }
}

extension FigureRequest {
  /// The fit, of the slice alone that was asked for.
  fileprivate func slicedMap() throws -> PhaseMap {
    var map = try phaseMap()
    let slice = panels.settings.setting
    guard !slice.isEmpty else { return map }
    let finder = PointFinder(sweep, context, among: map.points.map(\.setting))
    let points = Set(try finder.points(at: [], slice))
    map.points = map.points.filter { points.contains($0.setting) }
    let slices = Set(map.slices)
    map.boundary = map.boundary.filter { slices.contains($0.slice) }
    return map
  }

  /// A map with everything that options say.
  fileprivate func mapFigure(_ map: PhaseMap, heading: String) -> PhaseMapFigure {
    var figure = PhaseMapFigure(
      map: map, context: context.figures, title: title ?? heading, provenance: provenance, theme: theme)
    figure.words = words.words
    figure.limit = paper.range
    figure.showsTheory = !paper.noTheory
    figure.width = paper.pageWidth
    if paper.noLandmarks { figure.landmarks = [] }
    return figure
  }

  /// - Throws: ``Failure`` if another sweep has another plane or order parameter.
  fileprivate func refuseOtherPlane(_ other: FigureRequest) throws {
    guard other.context.plane == context.plane, other.context.orderParameter == context.orderParameter
    else {
      throw Failure(
        .usage,
        "\(sweep.name) and \(other.sweep.name) have different planes or order parameters; choose those of both "
          + "with --plane and --quantity")
    }
  }
}

extension OrientationCounts {
  /// What was recorded of a sweep, at the width at which it was recorded of most points; of several
  /// such, the largest.
  ///
  /// - Throws: ``Failure`` if nothing was recorded.
  init(of request: FigureRequest) throws {
    let (store, sweep) = (request.store, request.sweep)
    let sources = [Trajectory.name, NeuronSnapshot.nameOfEach]
    var recorded: [Double: [Setting: [Run]]] = [:]
    try store.forEachKnownRun(of: sweep) { _, run, state in
      // A run that has not come to rest yet has more orientations than it will have; one with a
      // number of epochs is to end there.
      guard case .finished(let outcome, _, let names) = state, outcome != .diverged,
        outcome != .budgetExhausted || sweep.budget.epochs != nil,
        sources.contains(where: names.contains)
      else { return }
      recorded[run.width, default: [:]][run.setting, default: []].append(run)
    }
    let best = recorded.max { ($0.value.count, $0.key) < ($1.value.count, $1.key) }
    guard let (width, runs) = best else {
      throw Failure(
        .noInput,
        "no run of \(sweep.name) recorded its trajectory or its neurons, in which orientations are counted; "
          + "add `record: [trajectory]` to the grid and run it again (runs are repeated for it, results stay)"
      )
    }
    var mean: [Setting: Double] = [:]
    for (setting, runs) in runs {
      let counts = try runs.compactMap { run -> Double? in
        let arrays = try store.recordedArrays(of: run.identity(of: sweep.problem.digest))
        return arrays.trajectory?.values(of: "orientations")?.last
          ?? sweep.problem.samples.flatMap { arrays.neurons?.orientationsAfter($0) }.map { Double($0) }
      }
      // None at all is a network of dead neurons only.
      if !counts.isEmpty { mean[setting] = max(1, counts.reduce(0, +) / Double(counts.count)) }
    }
    self.init(width: width, mean: mean)
  }
}
