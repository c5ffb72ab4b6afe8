import Figures
import LimitFit
import Model

/// Pictures of the whole plane, from the stored fit.
extension FigureKind {
  static let phaseMaps = [phaseMap]

  static let phaseMap = FigureKind(
    name: "phase-map", summary: "the exponent S of RD over the plane, with the boundary between the regimes"
  ) { request in
    PhaseMapFigure(
      map: try request.phaseMap(), title: request.title ?? "Phase diagram: \(request.sweep.name)",
      provenance: request.provenance, theme: request.theme)
  }
}

extension FigureRequest {
  /// The stored fit.
  ///
  /// - Throws: ``CommandFailure`` if there is none, or if the sweep has no points.
  func phaseMap() throws -> PhaseMap {
    guard let map = try store.phaseMap(of: sweep) else {
      throw CommandFailure(
        .noInput, "there is no fit of \(sweep.name) yet; make one with \(results.command("fit", sweep.name))")
    }
    return map
  }
}
