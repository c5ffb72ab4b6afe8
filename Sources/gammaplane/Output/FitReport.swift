import Foundation
import LimitFit
import Model
import Orchestration

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
  var orderParameter: String
  /// The names of the parameters that span the plane.
  var plane: [String]
  var points: Int
  var trends: [String: Int]
  /// Points whose exponent is computed, and those whose exponent is extrapolated.
  var computed: Int, extrapolated: Int
  /// Points without an exponent.
  var unfitted: Int
  /// Agreement with the theory; absent without one, like what follows.
  var theory: Comparison?
  var boundary: BoundaryDistance?
  var regions: [Region]?

  /// How the trends compare with a theory.
  struct Comparison: Encodable {
    var name: String
    var bands: [Agreement.Band]
    var far: Agreement.Counts
  }

  enum CodingKeys: String, CodingKey {
    case sweep, method, plane, points, trends, computed, extrapolated, unfitted, theory, boundary, regions
    case orderParameter = "order_parameter"
  }

  init(_ sweep: Sweep, _ map: PhaseMap, _ theory: (any Theory)?) {
    self.sweep = sweep.name
    method = PhaseMap.fitMethod
    orderParameter = map.orderParameter
    plane = map.plane.names
    points = map.points.count
    let counts = Dictionary(grouping: map.points, by: \.trend).mapValues(\.count)
    trends = Dictionary(uniqueKeysWithValues: Trend.allCases.map { ($0.rawValue, counts[$0] ?? 0) })
    computed = map.points.count { $0.exponentSource == .computed }
    extrapolated = map.points.count { $0.exponentSource == .extrapolated }
    unfitted = map.points.count { $0.exponent == nil }
    guard let theory else { return }
    let agreement = Agreement(map, theory)
    self.theory = Comparison(name: theory.name, bands: agreement.bands, far: agreement.far)
    boundary = BoundaryDistance(map, theory)
    let byRegion = Dictionary(grouping: map.points.filter { $0.exponent != nil }) {
      theory.region(at: $0.setting) ?? ""
    }
    regions = byRegion.sorted { $0.key < $1.key }.map { Region($0.key, $0.value) }
  }
}

extension FitReport.Region {
  /// The exponents of some points.
  init(_ name: String, _ fits: [PointFit]) {
    self.init(region: name, points: fits.count)
    covered = fits.count { fit in
      guard let low = fit.exponent?.low, let high = fit.exponent?.high, let expected = fit.expectedExponent
      else { return false }
      return low <= expected && expected <= high
    }
    let residuals = fits.compactMap(\.residual)
    guard !residuals.isEmpty else { return }
    residualRMS = (residuals.reduce(0) { $0 + $1 * $1 } / Double(residuals.count)).squareRoot()
    let sizes = residuals.map(abs).sorted()
    residualMedian = (sizes[(sizes.count - 1) / 2] + sizes[sizes.count / 2]) / 2
  }
}

extension Agreement {
  /// One line for people.
  func summary(_ theory: any Theory) -> String {
    guard far.points > 0 else {
      return "no point is far enough from the boundary of \(theory.name) to compare"
    }
    let decided = far.points - far.undecided
    guard decided > 0 else {
      return "all \(Formatting.count(far.undecided, "point")) at distance ≥ \(distance) from the "
        + "boundary of \(theory.name) are undecided"
    }
    var text =
      "\(far.agreeing) of \(Formatting.count(decided, "decided point")) at distance ≥ \(distance) from "
      + "the boundary of \(theory.name) agree with it"
    if far.undecided > 0 { text += ", \(far.undecided) undecided" }
    if far.wrong > 0 { text += ", \(far.wrong) wrong" }
    return text
  }
}

extension BoundaryDistance {
  /// One line for people.
  ///
  /// - Parameter band: what the band is due to.
  func summary(_ theory: any Theory, band: String) -> String {
    func text(_ number: Double) -> String { String(format: "%.3f", number) }
    return "\(text(rms)) RMS and \(text(maximum)) at most from that of \(theory.name)"
      + (pointsOnTheory > 0
        ? "; nearer than the grid resolves, as \(Formatting.count(pointsOnTheory, "point")) of it "
          + (pointsOnTheory == 1 ? "lies" : "lie") + " on that line" : "")
      + (bandWidth.map { "; 95 % band, due to \(band), \(text($0)) wide on average" } ?? "")
  }
}
