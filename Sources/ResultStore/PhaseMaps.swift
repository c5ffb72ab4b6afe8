import Foundation
import GRDB
import LimitFit
import Model

extension ResultStore {
  /// Keeps the fit of a sweep in place of its earlier one; writes nothing if it is the same.
  ///
  /// The sweep must have been registered (``register(_:)``).
  ///
  /// - Returns: whether anything was written.
  @discardableResult
  public func save(_ map: PhaseMap, of sweep: Sweep) throws(StoreError) -> Bool {
    var fit = FitRow()
    fit.sweep = sweep.name
    fit.problem = sweep.problem.digest.contentID
    fit.method = PhaseMap.fitMethod
    fit.orderParameter = map.orderParameter
    try wrapping {
      fit.axes = try canonicalAxes(of: sweep)
      fit.plane = try canonicalJSON(map.plane)
    }
    return try writing { db in
      var names = WrittenNames()
      var points: [PhaseMapRow] = []
      for point in map.points {
        points.append(
          PhaseMapRow(
            sweep: sweep.name, problem: fit.problem,
            setting: try names.id(of: point.setting, in: db, path: path),
            orderParameter: map.orderParameter, fit: point))
      }
      try names.addNames(in: db)
      let vertices = map.rows(sweep: sweep.name)
      fit.rows = try checksum(points, vertices)
      fit.changes =
        try Int.fetchOne(db, sql: "SELECT changes FROM problem WHERE id = ?", arguments: [fit.problem]) ?? 0
      // One that cannot be read gives way.
      let known = (try? storedFit(db, of: sweep))?.map
      try insert(
        [fit], in: db, FitRow.table, "ON CONFLICT (sweep) DO UPDATE SET \(FitRow.table.updates)")
      if known == map { return false }
      try db.execute(sql: "DELETE FROM phase_map WHERE sweep = ?", arguments: [sweep.name])
      try db.execute(sql: "DELETE FROM boundary WHERE sweep = ?", arguments: [sweep.name])
      try insert(points, in: db, PhaseMapRow.table)
      try insert(vertices, in: db, BoundaryRow.table)
      return true
    }
  }

  /// The latest fit of a sweep; nil if there is none of its present problem.
  ///
  /// - Throws: ``StoreError/damaged(path:cause:)`` if it is not what was stored.
  public func phaseMap(of sweep: Sweep) throws(StoreError) -> PhaseMap? {
    try wrapping {
      try queue.read { db in
        guard let found = try storedFit(db, of: sweep) else { return nil }
        guard found.isIntact else {
          throw StoreError.damaged(
            path: path,
            cause: "the fit of \(sweep.name) is not what was stored; "
              + "`gammaplane fit` makes it again from the runs")
        }
        return found.map
      }
    }
  }

  /// The latest fit of a sweep if it is of this quantity in this plane, and nothing that it was
  /// made from has changed since: neither the runs, nor the axes, nor the method. nil if it has to
  /// be made again, also because it is damaged.
  public func currentPhaseMap(
    of sweep: Sweep, orderParameter: String, plane: Plane
  ) throws(StoreError) -> PhaseMap? {
    try wrapping {
      let axes = try canonicalAxes(of: sweep)
      return try queue.read { db in
        guard let found = try? storedFit(db, of: sweep), found.isIntact else { return nil }
        let changes = try Int.fetchOne(
          db, sql: "SELECT changes FROM problem WHERE id = ?", arguments: [found.fit.problem])
        guard found.fit.changes == changes, found.fit.axes == axes, found.fit.method == PhaseMap.fitMethod,
          found.map.orderParameter == orderParameter, found.map.plane == plane
        else { return nil }
        return found.map
      }
    }
  }

  private func insert<Row>(
    _ rows: [Row], in db: Database, _ table: Table<Row>, _ clause: String = ""
  ) throws {
    let statement = try db.cachedStatement(sql: "\(table.insert) \(clause)")
    for row in rows {
      try table.bind(row, to: statement)
      try statement.run(in: db)
    }
  }

  /// The fit of a sweep, with what it was made from, and whether it is what was stored; nil if
  /// there is none of its present problem.
  private func storedFit(
    _ db: Database, of sweep: Sweep
  ) throws -> (fit: FitRow, map: PhaseMap, isIntact: Bool)? {
    let table = FitRow.table
    let select = try db.cachedStatement(sql: "SELECT \(table.allNames) FROM fit WHERE sweep = ?")
    let row = try select.row(in: db, [sweep.name]) { row in
      (fit: try table.row(row, over: FitRow()), isIntact: table.isIntact(row))
    }
    guard let (fit, isIntact) = row, fit.problem == sweep.problem.digest.contentID else { return nil }
    let points = try rows(in: db, PhaseMapRow.table, of: sweep, PhaseMapRow())
    let vertices = try rows(in: db, BoundaryRow.table, of: sweep, BoundaryRow())
    let plane = try JSONDecoder().decode(Plane.self, from: Data(fit.plane.utf8))
    var settings = try SettingLookup(db, path: path, known: settings.withLock { $0 })
    var fits: [PointFit] = []
    for row in points {
      var fit = row.fit
      fit.setting = try settings.setting(row.setting)
      fits.append(fit)
    }
    remember(settings)
    fits.sort { $0.setting < $1.setting }
    let map = PhaseMap(
      orderParameter: fit.orderParameter, plane: plane, points: fits,
      boundary: try BoundaryRow.lines(vertices))
    return (fit, map, try isIntact && fit.rows == checksum(points, vertices))
  }

  private func rows<Row>(
    in db: Database, _ table: Table<Row>, of sweep: Sweep, _ blank: Row
  ) throws -> [Row] {
    let statement = try db.cachedStatement(
      sql: "SELECT \(table.allNames) FROM \(table.name) WHERE sweep = ?")
    statement.setUncheckedArguments([sweep.name])
    var rows: [Row] = []
    try statement.forEachRow(in: db) { rows.append(try table.row($0, over: blank)) }
    return rows
  }
}

/// A checksum of the rows of a fit, whatever their order.
private func checksum(_ points: [PhaseMapRow], _ vertices: [BoundaryRow]) throws -> Int64 {
  var checksum = Checksum()
  for row in points.sorted(by: { $0.setting < $1.setting }) {
    try PhaseMapRow.table.add(row, to: &checksum)
  }
  for row in vertices.sorted(by: { ($0.polyline, $0.index) < ($1.polyline, $1.index) }) {
    try BoundaryRow.table.add(row, to: &checksum)
  }
  return checksum.stored
}

extension PhaseMap {
  /// The rows of the boundary.
  fileprivate func rows(sweep: String) -> [BoundaryRow] {
    var text = NumbersText()
    return boundary.enumerated().flatMap { polyline, line in
      let slice = text.text(line.slice)
      return line.vertices.enumerated().map { index, vertex in
        BoundaryRow(sweep: sweep, slice: slice, polyline: polyline, index: index, vertex: vertex)
      }
    }
  }

  /// The names of the parameters of its points, ascending.
  private var parameters: [String] { Set(points.flatMap(\.setting.names)).sorted() }

  /// The names of the columns of the map as a table: the parameters, then those of the table
  /// `phase_map` that the fit fills, in its order.
  public var columns: [String] { parameters + PhaseMapRow.fitted.map(\.name) }

  /// The map as a table, row by row, with the values of ``columns``.
  ///
  /// - Throws: what the encoding of local slopes throws.
  public func forEachRow(_ body: ([StoredValue]) throws -> Void) throws {
    let parameters = parameters
    for fit in points {
      let row = PhaseMapRow(orderParameter: orderParameter, fit: fit)
      try body(
        parameters.map { fit.setting[$0].map { .number($0) } ?? .null }
          + PhaseMapRow.fitted.map { StoredValue(try $0.value(row)) })
    }
  }
}

extension BoundaryRow {
  /// The lines of rows.
  fileprivate static func lines(_ rows: [BoundaryRow]) throws -> [BoundaryLine] {
    var text = NumbersText()
    return try Dictionary(grouping: rows, by: \.polyline).sorted { $0.key < $1.key }.map { _, rows in
      var slice = rows[0].slice
      guard let slice = slice.withUTF8({ text.numbers(UnsafeRawBufferPointer($0)) }) else {
        throw Unreadable()
      }
      return BoundaryLine(rows.sorted { $0.index < $1.index }.map(\.vertex), slice: slice)
    }
  }
}
