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
    try wrapping {
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
      let definition = String(decoding: try encoder.encode(sweep), as: UTF8.self)
      let problem = String(decoding: try encoder.encode(sweep.problem), as: UTF8.self)
      let digest = sweep.problem.digest.description
      return try queue.write { db in
        let known = try String.fetchOne(
          db, sql: "SELECT definition FROM sweep WHERE name = ?", arguments: [sweep.name])
        if known == definition { return .unchanged }
        try db.execute(
          sql: "INSERT INTO problem (digest, definition) VALUES (?, ?) ON CONFLICT DO NOTHING",
          arguments: [digest, problem])
        try db.execute(
          sql: """
            INSERT INTO sweep (name, problem, definition) VALUES (?, ?, ?)
            ON CONFLICT (name) DO UPDATE
            SET problem = excluded.problem, definition = excluded.definition
            """,
          arguments: [sweep.name, digest, definition])
        return known == nil ? .added : .changed
      }
    }
  }

  /// All sweeps of the database as they were last run, by name.
  public func sweeps() throws(StoreError) -> [Sweep] {
    try wrapping {
      try queue.read { db in
        try String.fetchAll(db, sql: "SELECT definition FROM sweep ORDER BY name")
      }.map { try JSONDecoder().decode(Sweep.self, from: Data($0.utf8)) }
    }
  }

  /// The sweep of the given name as it was last run.
  ///
  /// - Throws: ``StoreError/unknownSweep(path:name:)`` if there is none.
  public func sweep(named name: String) throws(StoreError) -> Sweep {
    try wrapping {
      let definition = try queue.read { db in
        try String.fetchOne(db, sql: "SELECT definition FROM sweep WHERE name = ?", arguments: [name])
      }
      guard let definition else { throw StoreError.unknownSweep(path: path, name: name) }
      return try JSONDecoder().decode(Sweep.self, from: Data(definition.utf8))
    }
  }
}
