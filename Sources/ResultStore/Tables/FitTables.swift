import Foundation
import GRDB
import LimitFit
import Model

/// A row of the table `fit`.
struct FitRow: Sendable {
  var sweep = ""
  var problem: Int64 = 0
  var changes = 0
  var axes = ""
  var method = ""
  var orderParameter = ""
  var plane = ""
  var rows: Int64 = 0

  static let table = Table<FitRow>(
    "fit", "what the fit of every sweep was made from", key: ["sweep"],
    [
      Column("sweep", \.sweep, constraint: "REFERENCES sweep (name)"),
      Column("problem", \.problem, constraint: "REFERENCES problem (id)"),
      Column("changes", \.changes, "problem.changes at that time"),
      Column("axes", \.axes, "of the sweep at that time, as JSON"),
      Column("method", \.method, "of the fit"),
      Column("order_parameter", \.orderParameter, "the quantity that was fitted"),
      Column("plane", \.plane, "the parameters that span the map, as JSON"),
      Column("rows", \.rows, "a checksum of all its rows in phase_map and boundary"),
    ])
}

/// A row of the table `phase_map`.
struct PhaseMapRow: Sendable {
  var sweep = ""
  var problem: Int64 = 0
  var setting: Int64 = 0
  var orderParameter = ""
  var fit = PointFit(setting: .none, trend: .undecided, note: "")

  static let table = Table<PhaseMapRow>(
    "phase_map", "the latest fit of every sweep, a row for each setting", key: ["sweep", "setting"],
    isChecked: false,
    [
      Column("sweep", \.sweep, constraint: "REFERENCES sweep (name)"),
      Column("problem", \.problem, constraint: "REFERENCES problem (id)"),
      Column("setting", \.setting, constraint: "REFERENCES setting (id)"),
    ] + fitted)

  /// The columns that the fit fills.
  static let fitted: [Column<PhaseMapRow>] =
    [
      Column("order_parameter", \.orderParameter, "the quantity q that was fitted"),
      Column(
        "trend", "of q as the width grows",
        constraint: "CHECK (trend IN (\(Trend.allCases.map { "'\($0.rawValue)'" }.joined(separator: ", "))))",
        get: { $0.fit.trend.rawValue },
        set: { row, text in
          guard let trend = Trend(rawValue: text) else { throw Unreadable() }
          row.fit.trend = trend
        }),
      Column("note", \.fit.note, "why, where that needs saying"),
    ] + estimate("exponent", \.fit.exponent, "S = lim d log q / d log width") + [
      Column(
        "exponent_source", "computed: at the limit itself; extrapolated: from the widths that were run",
        get: { $0.fit.exponentSource?.rawValue },
        set: { row, text in
          row.fit.exponentSource = try text.map {
            guard let source = ExponentSource(rawValue: $0) else { throw Unreadable() }
            return source
          }
        }),
      Column("expected_exponent", \.fit.expectedExponent, "in theory; null where there is none"),
      Column(derived: "residual", "exponent less expected_exponent") { $0.fit.residual },
      Column(derived: "model", "the most probable one") { $0.fit.model?.rawValue },
      Column("weight_power", \.fit.power, "the probabilities of the models"),
      Column("weight_corrected", \.fit.corrected),
      Column("weight_constant", \.fit.constant),
    ] + estimate("limit", column: "limit_value", \.fit.limit, "of q, where it may be finite")
    + [
      Column("crossover_width", \.fit.crossoverWidth, "the slope is near the exponent beyond this width"),
      Column("instability", \.fit.instability, "log10 of what fluctuations change at growing width"),
    ]
    + estimate("extrapolated", \.fit.extrapolated, "the exponent as models of the widths have it")
    + estimate("slope", \.fit.slope, "of a straight line over all widths") + [
      Column(
        "local_slopes", "JSON: from, to, slope, low, high of neighbouring widths",
        get: { try canonicalJSON($0.fit.localSlopes) },
        set: {
          $0.fit.localSlopes = try JSONDecoder().decode([LocalSlope].self, from: Data($1.utf8))
        }),
      Column("drift", \.fit.drift, "change of the local slope in a decade of widths"),
      Column("drift_p", \.fit.driftProbability, "its p value"),
      Column("dispersion", \.fit.dispersion, "of log q between seeds at the smallest width"),
      Column("dispersion_decay", \.fit.dispersionDecay, "it falls as width to minus this"),
      Column("lack_of_fit", \.fit.lackOfFit, "standard deviation of what no model explains"),
      Column("widths", \.fit.widths, "distinct widths with a value"),
      Column("runs_used", \.fit.runsUsed, "in the fit"),
      Column("converged", \.fit.counts.converged, "runs of the setting by state"),
      Column("stationary", \.fit.counts.stationary),
      Column("budget_exhausted", \.fit.counts.budgetExhausted),
      Column("diverged", \.fit.counts.diverged),
      Column("failed", \.fit.counts.failed),
      Column("pending", \.fit.counts.pending),
    ]

  /// A number and the ends of its interval.
  private static func estimate(
    _ name: String, column: String? = nil,
    _ path: any WritableKeyPath<PhaseMapRow, PointFit.Estimate?> & Sendable, _ comment: String
  ) -> [Column<PhaseMapRow>] {
    [
      Column(
        column ?? name, comment, get: { $0[keyPath: path]?.value },
        set: { (row, value: Double?) in
          row[keyPath: path] = value.map { PointFit.Estimate(value: $0, low: nil, high: nil) }
        }),
      Column(
        name + "_low", "its 95 % interval", get: { $0[keyPath: path]?.low },
        set: { $0[keyPath: path]?.low = $1 }),
      Column(name + "_high", get: { $0[keyPath: path]?.high }, set: { $0[keyPath: path]?.high = $1 }),
    ]
  }
}

/// A row of the table `boundary`.
struct BoundaryRow: Sendable {
  var sweep = ""
  var slice = ""
  var polyline = 0
  var index = 0
  var vertex = BoundaryLine.Vertex(PlanePoint(x: 0, y: 0))

  static let table = Table<BoundaryRow>(
    "boundary", "the contours exponent = 0 of the latest fits", key: ["sweep", "polyline", "vertex"],
    isChecked: false,
    [
      Column("sweep", \.sweep, constraint: "REFERENCES sweep (name)"),
      Column("slice", \.slice, "the parameters beside the plane's, as JSON"),
      Column("polyline", \.polyline, "counts from 0"),
      Column("vertex", \.index, "counts from 0 in the polyline"),
      Column("x", \.vertex.point.x, "in the parameters that span the plane"),
      Column("y", \.vertex.point.y),
    ] + edge("vanishing", \.vertex.towardsVanishing, "the edge of the 95 % band where q vanishes")
      + edge("growing", \.vertex.towardsGrowing, "and where it grows"))

  private static func edge(
    _ name: String, _ path: any WritableKeyPath<BoundaryRow, PlanePoint?> & Sendable, _ comment: String
  ) -> [Column<BoundaryRow>] {
    [
      Column(
        name + "_x", comment, get: { $0[keyPath: path]?.x },
        set: { (row, x: Double?) in row[keyPath: path] = x.map { PlanePoint(x: $0, y: 0) } }),
      Column(
        name + "_y", get: { $0[keyPath: path]?.y },
        set: { (row, y: Double?) in if let y { row[keyPath: path]?.y = y } }),
    ]
  }
}
