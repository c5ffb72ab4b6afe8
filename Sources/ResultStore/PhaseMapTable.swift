import GRDB
import LimitFit
import Model

extension ResultStore {
  /// Keeps the fit of a sweep in place of its earlier one; writes nothing if it is the same.
  ///
  /// - Returns: whether anything was written.
  @discardableResult
  public func save(_ map: PhaseMap, of sweep: Sweep) throws(StoreError) -> Bool {
    let problem = sweep.problem.digest.description
    let axes = try wrapping { try canonicalAxes(of: sweep) }
    return try writing { db in
      let known = try Self.phaseMap(db, of: sweep)
      try db.execute(
        sql: """
          INSERT OR REPLACE INTO fit (sweep, problem, changes, axes, method, checksum)
          SELECT ?1, ?2, changes, ?3, ?4, ?5 FROM problem WHERE digest = ?2
          """,
        arguments: [sweep.name, problem, axes, PhaseMap.fitMethod, try map.checksum()])
      if let known, known == map { return false }
      try db.execute(sql: "DELETE FROM phase_map WHERE sweep = ?", arguments: [sweep.name])
      try db.execute(sql: "DELETE FROM boundary WHERE sweep = ?", arguments: [sweep.name])
      let insertPoint = try db.cachedStatement(sql: Self.insertPoint)
      for fit in map.points {
        try insertPoint.execute(arguments: [sweep.name, problem] + (try Self.arguments(of: fit)))
      }
      let insertVertex = try db.cachedStatement(
        sql: "INSERT INTO boundary VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)")
      for (polyline, line) in map.boundary.enumerated() {
        for (vertex, at) in line.vertices.enumerated() {
          try insertVertex.execute(
            arguments: [sweep.name, polyline, vertex] + StatementArguments(at.coordinates))
        }
      }
      return true
    }
  }

  /// The latest fit of a sweep; nil if there is none of its present problem.
  ///
  /// - Throws: ``StoreError/damaged(path:cause:)`` if it is not what was stored.
  public func phaseMap(of sweep: Sweep) throws(StoreError) -> PhaseMap? {
    try wrapping {
      try queue.read { db in
        guard let map = try Self.phaseMap(db, of: sweep) else { return nil }
        if try db.tableExists("fit"),
          let checksum = try Int64.fetchOne(
            db, sql: "SELECT checksum FROM fit WHERE sweep = ?", arguments: [sweep.name]),
          try checksum != map.checksum()
        {
          throw StoreError.damaged(
            path: path,
            cause:
              "the fit of \(sweep.name) is not what was stored; `gammaplane fit` makes it again from the runs"
          )
        }
        return map
      }
    }
  }

  /// The latest fit of a sweep if nothing that it was made from has changed since: neither the runs, nor the axes, nor
  /// the method. nil if it has to be made again, also because it is damaged.
  public func currentPhaseMap(of sweep: Sweep) throws(StoreError) -> PhaseMap? {
    try wrapping {
      let axes = try canonicalAxes(of: sweep)
      return try queue.read { db in
        guard
          let checksum = try Int64.fetchOne(
            db,
            sql: """
              SELECT checksum FROM fit JOIN problem ON problem.digest = fit.problem
              WHERE sweep = ? AND problem = ? AND fit.changes = problem.changes AND axes = ? AND method = ?
              """,
            arguments: [sweep.name, sweep.problem.digest.description, axes, PhaseMap.fitMethod]),
          let map = try Self.phaseMap(db, of: sweep), try map.checksum() == checksum
        else { return nil }
        return map
      }
    }
  }

  private static let insertPoint = """
    INSERT INTO phase_map (sweep, problem, \(PhaseMapColumn.names))
    VALUES (\(Array(repeating: "?", count: 2 + PhaseMapColumn.all.count).joined(separator: ", ")))
    """

  private static func arguments(of fit: PointFit) throws -> StatementArguments {
    StatementArguments(try PhaseMapColumn.all.map { try $0.value(fit) })
  }

  private static func phaseMap(_ db: Database, of sweep: Sweep) throws -> PhaseMap? {
    // An older file's fit has fewer columns; it is made again.
    guard try db.columns(in: "phase_map").contains(where: { $0.name == "exponent" }) else { return nil }
    let points = try Row.fetchAll(
      db,
      sql: """
        SELECT \(PhaseMapColumn.names) FROM phase_map WHERE sweep = ? AND problem = ? ORDER BY gamma, gamma_prime
        """,
      arguments: [sweep.name, sweep.problem.digest.description]
    ).map(PointFit.init(row:))
    guard !points.isEmpty else { return nil }
    let vertices = try Row.fetchAll(
      db,
      sql: """
        SELECT polyline, gamma, gamma_prime, linear_gamma, linear_gamma_prime, condensed_gamma, condensed_gamma_prime
        FROM boundary WHERE sweep = ? ORDER BY polyline, vertex
        """,
      arguments: [sweep.name])
    let lines = Dictionary(grouping: vertices) { $0[0] as Int }.sorted { $0.key < $1.key }
      .map { BoundaryLine($0.value.map(BoundaryLine.Vertex.init(row:))) }
    return PhaseMap(points: points, boundary: lines)
  }
}

extension PhaseMap {
  /// A checksum of everything in it.
  fileprivate func checksum() throws -> Int64 {
    var checksum = Checksum()
    for fit in points {
      for column in PhaseMapColumn.all { checksum.add(try column.value(fit).databaseValue) }
    }
    for line in boundary {
      checksum.add(line.vertices.count)
      for vertex in line.vertices {
        for number in vertex.coordinates { checksum.add(number) }
      }
    }
    return checksum.stored
  }
}
