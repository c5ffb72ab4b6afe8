import Foundation
import GRDB
import Model

/// A provenance and how many results have it.
public struct RecordedProvenance: Hashable, Sendable {
  /// The provenance.
  public var provenance: Provenance
  /// How many results have it.
  public var runs: Int
  /// When the first of them ended.
  public var first: Date
  /// When the last of them ended.
  public var last: Date

  /// A provenance of some results.
  public init(provenance: Provenance, runs: Int, first: Date, last: Date) {
    self.provenance = provenance
    self.runs = runs
    self.first = first
    self.last = last
  }
}

extension ResultStore {
  /// Where the results of a problem come from, by the time of the last.
  public func provenances(of problem: Digest) throws(StoreError) -> [RecordedProvenance] {
    try wrapping {
      try queue.read { db in
        var lookup = try ProvenanceLookup(db, path: path)
        return try Row.fetchAll(
          db,
          sql: """
            SELECT provenance, runs, first_at, last_at FROM origin WHERE problem = ? AND runs > 0
            ORDER BY last_at, first_at, provenance
            """,
          arguments: [problem.contentID]
        ).map { row in
          guard let first = Timestamp.date(row[2]), let last = Timestamp.date(row[3]) else {
            throw Unreadable()
          }
          return RecordedProvenance(
            provenance: try lookup[row[0]].value, runs: row[1], first: first, last: last)
        }
      }
    }
  }

  /// The command lines of the workers that computed the results of a problem, each once, that of the latest
  /// result last; nil stands for the program's own worker.
  public func commands(of problem: Digest) throws(StoreError) -> [[String]?] {
    try provenances(of: problem).reversed().reduce(into: []) { commands, recorded in
      let command = recorded.provenance.command
      if !commands.contains(command) { commands.insert(command, at: 0) }
    }
  }

  /// What the worker that computed the latest result of a problem said of itself; nil if there is none.
  public func description(of problem: Digest) throws(StoreError) -> FamilyDescription? {
    try provenances(of: problem).last?.provenance.description
  }
}

/// Provenances by their ids, read when they are needed.
struct ProvenanceLookup {
  private let path: String
  private let db: Database
  private let statement: Statement
  private var known: [Int64: SharedProvenance] = [:]

  init(_ db: Database, path: String) throws {
    self.path = path
    self.db = db
    statement = try db.cachedStatement(
      sql: "SELECT \(ProvenanceRow.table.allNames) FROM provenance WHERE id = ?")
  }

  /// The provenance of an id.
  ///
  /// - Throws: ``StoreError/damaged(path:cause:)`` if there is none, or it is not what was written.
  subscript(_ id: Int64) -> SharedProvenance {
    mutating get throws {
      if let provenance = known[id] { return provenance }
      let table = ProvenanceRow.table
      let row = try statement.row(in: db, [id]) { row in
        try table.isIntact(row) ? table.row(row, over: ProvenanceRow()) : nil
      }
      guard let row = row ?? nil else {
        throw StoreError.damaged(path: path, cause: "a provenance is missing, or not what was written")
      }
      let provenance = SharedProvenance(row.provenance)
      known[id] = provenance
      return provenance
    }
  }
}

extension ResultStore {
  /// So many results are looked at for their quantities.
  private static let sampledResults = 100

  /// The names of the quantities that results of a problem have, ascending; of many results, those of the
  /// first hundred. None if there are no results.
  public func quantityNames(of problem: Digest) throws(StoreError) -> [String] {
    try wrapping {
      try queue.read { db in
        let texts = try String.fetchAll(
          db, sql: "SELECT quantities FROM runs WHERE problem = ? LIMIT \(Self.sampledResults)",
          arguments: [problem.contentID])
        let names = try texts.map {
          try JSONDecoder().decode(NamedNumbers.self, from: Data($0.utf8)).names
        }
        return Set(names.joined()).sorted()
      }
    }
  }
}
