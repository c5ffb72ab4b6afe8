import GRDB
import LimitFit
import Model

extension ResultStore {
  /// Keeps the fit of a sweep in place of its earlier one; writes nothing if it is the same.
  ///
  /// - Returns: whether anything was written.
  @discardableResult
  public func save(_ map: PhaseMap, of sweep: Sweep) throws(StoreError) -> Bool {
    try wrapping {
      let problem = sweep.problem.digest.description
      return try queue.write { db in
        if let known = try Self.phaseMap(db, of: sweep), known == map { return false }
        try db.execute(sql: "DELETE FROM phase_map WHERE sweep = ?", arguments: [sweep.name])
        try db.execute(sql: "DELETE FROM boundary WHERE sweep = ?", arguments: [sweep.name])
        let insertPoint = try db.cachedStatement(sql: Self.insertPoint)
        for fit in map.points {
          try insertPoint.execute(arguments: [sweep.name, problem] + Self.arguments(of: fit))
        }
        let insertVertex = try db.cachedStatement(
          sql: "INSERT INTO boundary (sweep, polyline, vertex, gamma, gamma_prime) VALUES (?, ?, ?, ?, ?)")
        for (polyline, vertices) in map.boundary.enumerated() {
          for (vertex, point) in vertices.enumerated() {
            try insertVertex.execute(
              arguments: [sweep.name, polyline, vertex, point.gamma, point.gammaPrime])
          }
        }
        return true
      }
    }
  }

  /// The latest fit of a sweep; nil if there is none of its present problem.
  public func phaseMap(of sweep: Sweep) throws(StoreError) -> PhaseMap? {
    try wrapping { try queue.read { try Self.phaseMap($0, of: sweep) } }
  }

  private static let insertPoint = """
    INSERT INTO phase_map (sweep, problem, gamma, gamma_prime, slope, slope_low, slope_high, verdict, note,
      expected_slope, widths, runs_used, converged, stalled, budget, failed, pending)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
    """

  private static func arguments(of fit: PointFit) -> StatementArguments {
    [
      fit.point.gamma, fit.point.gammaPrime, fit.slope, fit.slopeLow, fit.slopeHigh, fit.verdict.rawValue,
      fit.note, fit.expectedSlope, fit.widths, fit.runsUsed, fit.counts.converged, fit.counts.stalled,
      fit.counts.budget, fit.counts.failed, fit.counts.pending,
    ]
  }

  private static func phaseMap(_ db: Database, of sweep: Sweep) throws -> PhaseMap? {
    let points = try Row.fetchAll(
      db,
      sql: """
        SELECT gamma, gamma_prime, slope, slope_low, slope_high, verdict, note, expected_slope, widths,
          runs_used, converged, stalled, budget, failed, pending
        FROM phase_map WHERE sweep = ? AND problem = ? ORDER BY gamma, gamma_prime
        """,
      arguments: [sweep.name, sweep.problem.digest.description]
    ).map { row in
      var counts = PointFit.Counts()
      counts.converged = row[10]
      counts.stalled = row[11]
      counts.budget = row[12]
      counts.failed = row[13]
      counts.pending = row[14]
      return PointFit(
        point: PhasePoint(gamma: row[0], gammaPrime: row[1]), slope: row[2], slopeLow: row[3],
        slopeHigh: row[4], verdict: Verdict(rawValue: row[5]) ?? .undecided, note: row[6],
        expectedSlope: row[7], widths: row[8], runsUsed: row[9], counts: counts)
    }
    guard !points.isEmpty else { return nil }
    var boundary: [[PhasePoint]] = []
    let vertices = try Row.fetchAll(
      db,
      sql: """
        SELECT vertex, gamma, gamma_prime FROM boundary WHERE sweep = ? ORDER BY polyline, vertex
        """,
      arguments: [sweep.name])
    for row in vertices {
      let point = PhasePoint(gamma: row[1], gammaPrime: row[2])
      if row[0] as Int == 0 || boundary.isEmpty {
        boundary.append([point])
      } else {
        boundary[boundary.count - 1].append(point)
      }
    }
    return PhaseMap(points: points, boundary: boundary)
  }
}
