import Foundation
import LimitFit
import Model

/// What `fit --json` says of a phase map as a whole.
struct FitReport: Encodable {
  /// The exponents of a region of the plane beside those expected.
  struct Region: Encodable {
    /// Its name.
    var region: String
    /// Points with an exponent.
    var points = 0
    /// Those of them whose interval includes the expected exponent.
    var covered = 0
    /// Root mean square of exponent less expected exponent; nil without points.
    var residualRMS: Double?
    /// The median of the same, without sign.
    var residualMedian: Double?

    enum CodingKeys: String, CodingKey {
      case region, points, covered
      case residualRMS = "residual_rms"
      case residualMedian = "residual_median"
    }
  }

  var sweep: String
  var method: String
  var points: Int
  var verdicts: [String: Int]
  /// Points without an exponent.
  var unfitted: Int
  var theory: Agreement
  var boundary: BoundaryDistance?
  var regions: [Region]

  init(_ sweep: Sweep, _ map: PhaseMap) {
    self.sweep = sweep.name
    method = PhaseMap.fitMethod
    points = map.points.count
    let counts = Dictionary(grouping: map.points, by: \.trend).mapValues(\.count)
    verdicts = Dictionary(uniqueKeysWithValues: Trend.allCases.map { ($0.rawValue, counts[$0] ?? 0) })
    unfitted = map.points.count { $0.exponent == nil }
    theory = Agreement(map)
    boundary = BoundaryDistance(map)
    regions = ExponentRegion.allCases.map { region in
      let fits = map.points.filter { $0.point.exponentRegion == region && $0.exponent != nil }
      let residuals = fits.compactMap(\.residual)
      var report = Region(region: region.rawValue, points: fits.count)
      report.covered = fits.count { fit in
        guard let low = fit.exponent?.low, let high = fit.exponent?.high else { return false }
        return low <= fit.expectedExponent && fit.expectedExponent <= high
      }
      if !residuals.isEmpty {
        report.residualRMS = (residuals.reduce(0) { $0 + $1 * $1 } / Double(residuals.count)).squareRoot()
        let sizes = residuals.map(abs).sorted()
        report.residualMedian = (sizes[(sizes.count - 1) / 2] + sizes[sizes.count / 2]) / 2
      }
      return report
    }
  }
}

extension Agreement {
  /// One line for people.
  var summary: String {
    guard far.points > 0 else { return "no point is far enough from the theoretical line to compare" }
    var text =
      "\(far.agreeing) of \(Formatting.count(far.points, "point")) at distance ≥ \(Self.distance) from the theoretical "
      + "line agree with the theorem (\(Formatting.percent(far.agreeing, of: far.points)))"
    if far.undecided > 0 { text += ", \(far.undecided) undecided" }
    if far.wrong > 0 { text += ", \(far.wrong) wrong" }
    return text
  }
}

extension BoundaryDistance {
  /// One line for people.
  var summary: String {
    func text(_ number: Double) -> String { String(format: "%.3f", number) }
    return "\(text(rms)) RMS and \(text(maximum)) at most from the theoretical line"
  }
}
