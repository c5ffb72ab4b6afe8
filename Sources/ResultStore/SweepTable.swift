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
  @discardableResult
  public func register(_ sweep: Sweep) throws(StoreError) -> Registration {
    let definition = try wrapping { try canonicalJSON(sweep) }
    let problem = try wrapping { try canonicalJSON(sweep.problem) }
    let digest = sweep.problem.digest.description
    return try writing { db in
      let row = try Row.fetchOne(
        db, sql: "SELECT definition, problem, \(Self.isIntact("sweep", in: db)) FROM sweep WHERE name = ?",
        arguments: [sweep.name])
      let known = row?[0] as String?
      if known == definition, let row, row[1] == digest, row[2] as Bool? == true { return .unchanged }
      try db.execute(
        sql: "INSERT INTO problem (digest, definition) VALUES (?, ?) ON CONFLICT DO NOTHING",
        arguments: [digest, problem])
      try db.execute(
        sql: """
          INSERT INTO sweep (name, problem, definition, checksum)
          VALUES (?1, ?2, ?3, gammaplane_checksum(?1, ?2, ?3))
          ON CONFLICT (name) DO UPDATE
          SET problem = excluded.problem, definition = excluded.definition, checksum = excluded.checksum
          """,
        arguments: [sweep.name, digest, definition])
      return known == nil ? .added : .changed
    }
  }

  /// All sweeps of the database as they were last run, by name.
  public func sweeps() throws(StoreError) -> [Sweep] {
    try wrapping {
      try queue.read { db in
        try Row.fetchAll(
          db, sql: "SELECT definition, \(Self.isIntact("sweep", in: db)) FROM sweep ORDER BY name")
      }.map(definition)
    }
  }

  /// The sweep of the given name as it was last run.
  ///
  /// - Throws: ``StoreError/unknownSweep(path:name:)`` if there is none.
  public func sweep(named name: String) throws(StoreError) -> Sweep {
    try wrapping {
      let row = try queue.read { db in
        try Row.fetchOne(
          db, sql: "SELECT definition, \(Self.isIntact("sweep", in: db)) FROM sweep WHERE name = ?",
          arguments: [name])
      }
      guard let row else { throw StoreError.unknownSweep(path: path, name: name) }
      return try definition(row)
    }
  }

  private func definition(_ row: Row) throws -> Sweep {
    let text: String = row[0]
    guard row[1] as Bool? == true, let sweep = try? JSONDecoder().decode(Sweep.self, from: Data(text.utf8))
    else {
      throw StoreError.damaged(path: path, cause: "the definition of a sweep is not what was written")
    }
    return sweep
  }
}

/// JSON with sorted keys.
func canonicalJSON(_ value: some Encodable) throws -> String {
  let encoder = JSONEncoder()
  encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
  return String(decoding: try encoder.encode(value), as: UTF8.self)
}

/// What determines the runs of a sweep beside its problem, as JSON with sorted keys: the axes, or all blocks of axes.
func canonicalAxes(of sweep: Sweep) throws -> String {
  sweep.also.isEmpty ? try canonicalJSON(sweep.axes) : try canonicalJSON([sweep.axes] + sweep.also)
}
