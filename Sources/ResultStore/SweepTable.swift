import Foundation
import GRDB
import Model

/// What ``ResultStore/register(_:)`` found.
public enum Registration: Hashable, Sendable {
  /// The sweep is new in this database.
  case added
  /// Its definition differs from that of the last run.
  case changed
  /// Its definition is that of the last run; nothing was written.
  case unchanged
}

extension ResultStore {
  /// Makes `sweep` the definition known under its name. Results of an earlier definition are kept.
  ///
  /// - Throws: ``StoreError/damaged(path:cause:)`` if another problem has the id of the sweep's.
  @discardableResult
  public func register(_ sweep: Sweep) throws(StoreError) -> Registration {
    let problem = try wrapping { try ProblemRow(sweep.problem) }
    let definition = try wrapping { try canonicalJSON(sweep) }
    let row = SweepRow(name: sweep.name, problem: problem.id, definition: definition)
    return try writing { db in
      let table = SweepRow.table
      let select = try db.cachedStatement(sql: "SELECT \(table.allNames) FROM sweep WHERE name = ?")
      let known = try select.row(in: db, [sweep.name]) { stored in
        (row: try table.row(stored, over: SweepRow()), isIntact: table.isIntact(stored))
      }
      if let known, known.row == row, known.isIntact { return .unchanged }
      let insertProblem = try db.cachedStatement(sql: "\(ProblemRow.table.insert) ON CONFLICT DO NOTHING")
      try ProblemRow.table.bind(problem, to: insertProblem)
      if try insertProblem.run(in: db) == 0 {
        let digest = try String.fetchOne(
          db, sql: "SELECT digest FROM problem WHERE id = ?", arguments: [problem.id])
        guard digest == problem.digest else {
          throw StoreError.damaged(path: path, cause: "problem \(problem.id) is not \(problem.digest)")
        }
      }
      let insert = try db.cachedStatement(
        sql: "\(table.insert) ON CONFLICT (name) DO UPDATE SET \(table.updates)")
      try table.bind(row, to: insert)
      try insert.run(in: db)
      try Views.add([.parameter: Set(sweep.blocks.flatMap(\.names))], in: db)
      return known == nil ? .added : .changed
    }
  }

  /// All sweeps of the database as they were last run, by name.
  public func sweeps() throws(StoreError) -> [Sweep] {
    try wrapping {
      try queue.read { db in
        let statement = try db.cachedStatement(
          sql: "SELECT \(SweepRow.table.allNames) FROM sweep ORDER BY name")
        var sweeps: [Sweep] = []
        try statement.forEachRow(in: db) { sweeps.append(try sweep($0)) }
        return sweeps
      }
    }
  }

  /// The sweep of the given name as it was last run.
  ///
  /// - Throws: ``StoreError/unknownSweep(path:name:)`` if there is none.
  public func sweep(named name: String) throws(StoreError) -> Sweep {
    try wrapping {
      try queue.read { db in
        let statement = try db.cachedStatement(
          sql: "SELECT \(SweepRow.table.allNames) FROM sweep WHERE name = ?")
        guard let sweep = try statement.row(in: db, [name], sweep) else {
          throw StoreError.unknownSweep(path: path, name: name)
        }
        return sweep
      }
    }
  }

  private func sweep(_ stored: StoredRow) throws -> Sweep {
    let row = try SweepRow.table.row(stored, over: SweepRow())
    guard SweepRow.table.isIntact(stored),
      let sweep = try? JSONDecoder().decode(Sweep.self, from: Data(row.definition.utf8))
    else {
      throw StoreError.damaged(path: path, cause: "the definition of a sweep is not what was written")
    }
    return sweep
  }
}

/// What determines the runs of a sweep beside its problem, as JSON with sorted keys: the axes, or
/// all blocks of axes.
func canonicalAxes(of sweep: Sweep) throws -> String {
  sweep.runBlocks.count == 1 ? try canonicalJSON(sweep.axes) : try canonicalJSON(sweep.runBlocks)
}
