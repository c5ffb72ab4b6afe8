import Figures
import LimitFit
import Model
import ResultStore

/// Pictures of the whole plane, from the stored fit.
extension FigureKind {
  static let phaseMaps = [phaseMap, slopeMap, verdictMap, residualMap, orientationMap, stalledMap]

  static let phaseMap = map(
    "phase-map", "the exponent S of RD for m → ∞, with the boundary between the regimes", "Phase diagram"
  ) { _ in .exponent }

  private static let slopeMap = map(
    "slope-map", "the slope of log RD against log m over the widths at hand", "Slopes"
  ) { _ in .slope }

  private static let verdictMap = map("verdict-map", "the regimes alone, in flat colours", "Regimes") { _ in
    .trend
  }

  private static let residualMap = map(
    "residual-map", "the exponent less the one expected in theory", "Exponent less theory"
  ) { _ in .residual }

  private static let orientationMap = map(
    "orientation-map", "how many orientations the neurons have after training (needs keep: in the grid)",
    "Orientations after training"
  ) { .orientations(try OrientationCounts(of: $0)) }

  private static let stalledMap = map(
    "stalled-map", "the share of runs that came to rest above the target", "Stalled runs"
  ) { _ in .stationary }

  /// A map of a quantity under a heading.
  private static func map(
    _ name: String, _ summary: String, _ heading: String,
    _ quantity: @escaping @Sendable (FigureRequest) throws -> MapQuantity
  ) -> FigureKind {
    FigureKind(name: name, summary: summary, options: WordOptions.names) { request in
      var figure = PhaseMapFigure(
        map: try request.phaseMap(), title: request.title ?? "\(heading): \(request.sweep.name)",
        provenance: request.provenance, theme: request.theme)
      figure.quantity = try quantity(request)
      figure.words = request.words.words
      return figure
    }
  }
}

extension FigureRequest {
  /// The stored fit.
  ///
  /// - Throws: ``Failure`` if there is none.
  func phaseMap() throws -> PhaseMap { try storedFit(of: sweep, in: store, results: results).map }
}

extension OrientationCounts {
  /// What was kept of a sweep, at the width at which it was kept of most points; of several such, the largest.
  ///
  /// - Throws: ``Failure`` if nothing was kept.
  init(of request: FigureRequest) throws {
    let (store, sweep) = (request.store, request.sweep)
    var kept: [Int: [Setting: [Run]]] = [:]
    try store.forEachKnownRun(of: sweep) { _, run, state in
      // A run that has not come to rest yet has more orientations than it will have.
      guard case .finished(let outcome, _, let observables) = state, outcome != .budgetExhausted,
        !observables.isDisjoint(with: [.trajectory, .neurons])
      else { return }
      kept[run.width, default: [:]][run.point, default: []].append(run)
    }
    guard let (width, runs) = kept.max(by: { ($0.value.count, $0.key) < ($1.value.count, $1.key) }) else {
      throw Failure(
        .noInput,
        "no run of \(sweep.name) kept its trajectory or its neurons, in which orientations are counted; add "
          + "`keep: [trajectory]` to its grid and run it again: results stay as they are")
    }
    var mean: [Setting: Double] = [:]
    for (point, runs) in runs {
      let counts = try runs.compactMap { run -> Int? in
        let record = try store.flowRecord(of: run.identity(of: sweep.problem.digest))
        return record.trajectory?.points.last?.orientations
          ?? record.neurons?.orientationsAfter(sweep.problem.samples)
      }
      // None at all is a network of dead neurons only.
      if !counts.isEmpty { mean[point] = max(1, Double(counts.reduce(0, +)) / Double(counts.count)) }
    }
    self.init(width: width, mean: mean)
  }
}
