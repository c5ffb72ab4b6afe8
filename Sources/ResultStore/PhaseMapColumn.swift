import Foundation
import GRDB
import LimitFit
import Model

/// A column of the table `phase_map`, apart from those that say which sweep it belongs to.
struct PhaseMapColumn: Sendable {
  /// Its name.
  let name: String
  /// Its value in the row of a fit.
  let value: @Sendable (PointFit) throws -> DatabaseValue

  private init(
    _ name: String, _ value: @escaping @Sendable (PointFit) throws -> (any DatabaseValueConvertible)?
  ) {
    self.name = name
    self.value = { try value($0)?.databaseValue ?? .null }
  }

  /// The columns in the order of the table.
  static let all: [PhaseMapColumn] = [
    .init("gamma") { $0.point.gamma },
    .init("gamma_prime") { $0.point.gammaPrime },
    .init("verdict") { $0.verdict.rawValue },
    .init("note") { $0.note },
    .init("exponent") { $0.exponent?.value },
    .init("exponent_low") { $0.exponent?.low },
    .init("exponent_high") { $0.exponent?.high },
    .init("expected_exponent") { $0.expectedExponent },
    .init("residual") { $0.residual },
    .init("model") { $0.model?.rawValue },
    .init("weight_power") { $0.power },
    .init("weight_corrected") { $0.corrected },
    .init("weight_constant") { $0.constant },
    .init("rd_limit") { $0.limit?.value },
    .init("rd_limit_low") { $0.limit?.low },
    .init("rd_limit_high") { $0.limit?.high },
    .init("slope") { $0.slope?.value },
    .init("slope_low") { $0.slope?.low },
    .init("slope_high") { $0.slope?.high },
    .init("local_slopes") { try canonicalJSON($0.localSlopes) },
    .init("drift") { $0.drift },
    .init("drift_p") { $0.driftProbability },
    .init("scatter") { $0.scatter },
    .init("scatter_decay") { $0.scatterDecay },
    .init("lack_of_fit") { $0.lackOfFit },
    .init("widths") { $0.widths },
    .init("runs_used") { $0.runsUsed },
    .init("converged") { $0.counts.converged },
    .init("stalled") { $0.counts.stalled },
    .init("budget") { $0.counts.budget },
    .init("failed") { $0.counts.failed },
    .init("pending") { $0.counts.pending },
  ]

  /// Their names, for a statement.
  static let names = all.map(\.name).joined(separator: ", ")
}

extension PointFit {
  /// The fit in a row with the columns of ``PhaseMapColumn``.
  init(row: Row) throws {
    func estimate(_ name: String) -> Estimate? {
      (row[name] as Double?).map { Estimate(value: $0, low: row[name + "_low"], high: row[name + "_high"]) }
    }
    var counts = Counts()
    counts.converged = row["converged"]
    counts.stalled = row["stalled"]
    counts.budget = row["budget"]
    counts.failed = row["failed"]
    counts.pending = row["pending"]
    self.init(
      point: PhasePoint(gamma: row["gamma"], gammaPrime: row["gamma_prime"]),
      verdict: Verdict(rawValue: row["verdict"]) ?? .undecided, note: row["note"],
      expectedExponent: row["expected_exponent"], widths: row["widths"], runsUsed: row["runs_used"],
      counts: counts)
    exponent = estimate("exponent")
    limit = estimate("rd_limit")
    slope = estimate("slope")
    power = row["weight_power"]
    corrected = row["weight_corrected"]
    constant = row["weight_constant"]
    localSlopes = try JSONDecoder().decode(
      [LocalSlope].self, from: Data((row["local_slopes"] as String).utf8))
    drift = row["drift"]
    driftProbability = row["drift_p"]
    scatter = row["scatter"]
    scatterDecay = row["scatter_decay"]
    lackOfFit = row["lack_of_fit"]
  }
}

extension BoundaryLine.Vertex {
  /// γ and γ' of the vertex, and of the edges of the band towards the linear and the condensed side.
  var coordinates: [Double?] {
    [point, towardsLinear, towardsCondensed].flatMap { [$0?.gamma, $0?.gammaPrime] }
  }

  /// The vertex in a row with a column before ``coordinates``.
  init(row: Row) {
    func point(_ column: Int) -> PhasePoint? {
      guard let gamma = row[column] as Double?, let gammaPrime = row[column + 1] as Double? else {
        return nil
      }
      return PhasePoint(gamma: gamma, gammaPrime: gammaPrime)
    }
    self.init(
      PhasePoint(gamma: row[1], gammaPrime: row[2]), towardsLinear: point(3), towardsCondensed: point(5))
  }
}
