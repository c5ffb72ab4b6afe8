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
  /// Where the results of a problem come from, by the time of the last. Reads all rows, which takes
  /// about a second for a million.
  public func provenances(of problem: Digest) throws(StoreError) -> [RecordedProvenance] {
    try wrapping {
      try queue.read { db in
        var lookup = try ProvenanceLookup(db, path: path)
        var times = Timestamps()
        return try Row.fetchAll(
          db,
          sql: """
            SELECT provenance, count(*), min(finished_at), max(finished_at) FROM runs
            WHERE problem = ? AND provenance IS NOT NULL GROUP BY provenance ORDER BY 4, 3, 1
            """,
          arguments: [problem.contentID]
        ).map { row in
          guard let first = times.date(row[2]), let last = times.date(row[3]) else {
            throw Unreadable()
          }
          return RecordedProvenance(
            provenance: try lookup[row[0]].value, runs: row[1], first: first, last: last)
        }
      }
    }
  }

  /// The command lines of the workers that computed results of a problem, each once, that of the
  /// latest result last; nil stands for the program's own worker.
  public func commands(of problem: Digest) throws(StoreError) -> [[String]?] {
    try origins(of: problem).reversed().reduce(into: []) { commands, provenance in
      if !commands.contains(provenance.command) { commands.insert(provenance.command, at: 0) }
    }
  }

  /// Records that a command line may compute results of a problem beside those that have; without
  /// any result, nothing.
  public func accept(command: [String], of problem: Digest) throws(StoreError) {
    try writing { db in
      var lookup = try ProvenanceLookup(db, path: path)
      let latest = try Int64.fetchOne(
        db,
        sql: "SELECT provenance FROM origin WHERE problem = ? ORDER BY last_at DESC, provenance DESC LIMIT 1",
        arguments: [problem.contentID])
      guard var provenance = try latest.map({ try lookup[$0].value }) else { return }
      provenance.command = command
      let row = try ProvenanceRow(provenance)
      let insert = try db.cachedStatement(sql: ProvenanceRow.table.insert + " ON CONFLICT DO NOTHING")
      try ProvenanceRow.table.bind(row, to: insert)
      try insert.run(in: db)
      var times = Timestamps()
      var origins = Origins()
      origins.add(problem: problem.contentID, provenance: row.id, at: times.text(Date()))
      try origins.write(in: db)
    }
  }

  /// What the worker that computed the latest result of a problem said of itself; nil if that is
  /// not known.
  public func description(of problem: Digest) throws(StoreError) -> FamilyDescription? {
    try origins(of: problem).last?.description
  }

  /// Where results of a problem have come from, by the time of the last.
  private func origins(of problem: Digest) throws(StoreError) -> [Provenance] {
    try wrapping {
      try queue.read { db in
        var lookup = try ProvenanceLookup(db, path: path)
        return try Int64.fetchAll(
          db, sql: "SELECT provenance FROM origin WHERE problem = ? ORDER BY last_at, provenance",
          arguments: [problem.contentID]
        ).map { try lookup[$0].value }
      }
    }
  }
}

/// Where results have come from, as the table `origin` keeps it: to be looked up without reading
/// all rows.
struct Origins {
  /// The statement that makes the table.
  static let definition = """
    CREATE TABLE origin ( -- which provenances results of a problem have had
      problem    INTEGER NOT NULL REFERENCES problem (id),
      provenance INTEGER NOT NULL REFERENCES provenance (id),
      last_at    TEXT NOT NULL, -- when the latest of them ended
      PRIMARY KEY (problem, provenance)
    ) WITHOUT ROWID;
    """

  private struct Key: Hashable {
    var problem, provenance: Int64
  }

  private var last: [Key: String] = [:]

  /// Adds a result.
  mutating func add(_ row: RunRow) {
    guard let provenance = row.provenance else { return }
    add(problem: row.problem, provenance: provenance, at: row.finishedAt)
  }

  /// Adds a result that ended at a time.
  mutating func add(problem: Int64, provenance: Int64, at time: String) {
    let key = Key(problem: problem, provenance: provenance)
    if time > last[key, default: ""] { last[key] = time }
  }

  /// Writes what was added.
  func write(in db: Database) throws {
    for (key, time) in last {
      try db.cachedStatement(
        sql: """
          INSERT INTO origin SELECT ?1, ?2, ?3 WHERE EXISTS (SELECT 1 FROM provenance WHERE id = ?2)
            AND EXISTS (SELECT 1 FROM problem WHERE id = ?1)
          ON CONFLICT DO UPDATE SET last_at = max(last_at, excluded.last_at)
          """
      ).execute(arguments: [key.problem, key.provenance, time])
    }
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
  /// So many results are read for the names of their quantities.
  private static let sampledResults = 100

  /// The names of the quantities that results of a problem have, ascending; of many results, those
  /// of the first hundred. None if there are no results.
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
