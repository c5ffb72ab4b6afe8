import Foundation
import GRDB
import Model

extension ResultStore {
  /// What was kept of a run beside its result; empty if nothing was, or if there is no such run.
  public func flowRecord(of run: RunIdentity) throws(StoreError) -> FlowRecord {
    try wrapping {
      try queue.read { db in
        guard try db.tableExists("trajectory") else { return FlowRecord() }
        var record = FlowRecord()
        if let row = try kept("trajectory", of: run, in: db) {
          record.trajectory = try readable(Trajectory(bytes: Array(row["points"] as Data)), run)
        }
        if let row = try kept("neurons", of: run, in: db) {
          let bytes = Array(row["data"] as Data)
          let neurons =
            row["form"] as String == NeuronSnapshot.nameOfEach
            ? NeuronSnapshot(bytesOfEach: bytes) : NeuronSnapshot(bytesOfHistograms: bytes)
          record.neurons = try readable(neurons, run)
        }
        if let row = try kept("learned_function", of: run, in: db) {
          record.function = try readable(FunctionSnapshot(bytes: Array(row["points"] as Data)), run)
        }
        return record
      }
    }
  }

  /// The row of a run in one of the tables, whose checksum is right; nil if there is none.
  private func kept(_ table: String, of run: RunIdentity, in db: Database) throws -> Row? {
    let row = try Row.fetchOne(
      db,
      sql: "SELECT *, \(try Self.isIntact(table, in: db)) AS is_intact FROM \(table) WHERE run = ?",
      arguments: [run.description])
    if let row, row["is_intact"] as Bool? != true {
      throw StoreError.damaged(path: path, cause: "what was kept of run \(run) is not what was written")
    }
    return row
  }

  /// An expression that says whether the checksum of a row is right; older schemas have none.
  static func isIntact(_ table: String, in db: Database) throws -> String {
    try db.columns(in: table).contains { $0.name == "checksum" }
      ? "checksum = gammaplane_checksum(\(Schema.checkedColumns(table)))" : "TRUE"
  }

  private func readable<Part>(_ part: Part?, _ run: RunIdentity) throws -> Part {
    guard let part else {
      throw StoreError.damaged(path: path, cause: "what was kept of run \(run) has another shape")
    }
    return part
  }
}

extension Database {
  static var flowRecordTables: [String] { ["trajectory", "neurons", "learned_function"] }

  /// Whether anything was kept of any run.
  func holdsFlowRecords() throws -> Bool {
    let any = Self.flowRecordTables.map { "EXISTS (SELECT 1 FROM \($0))" }.joined(separator: " OR ")
    return try Bool.fetchOne(self, sql: "SELECT \(any)") ?? false
  }
}

extension RunRecord {
  /// Writes what was kept, after the result. Beside an older result only if the new one ended alike.
  ///
  /// - Parameters:
  ///   - isNew: whether the result in the database is this one, put there just now.
  ///   - replaces: whether anything may have been kept of an earlier result.
  func keep(in db: Database, isNew: Bool, replaces: Bool) throws {
    let name = identity.description
    if isNew && replaces {
      // What was kept of a run that got less far.
      for table in Database.flowRecordTables {
        try db.cachedStatement(sql: "DELETE FROM \(table) WHERE run = ?").execute(arguments: [name])
      }
    } else if !isNew, !keep.isEmpty {
      guard
        let row = try Row.fetchOne(
          db, sql: "SELECT outcome, steps, keep FROM runs WHERE run = ?", arguments: [name]),
        row[0] == result.outcome.rawValue, row[1] == result.steps
      else { return }
      let asked = keep.union(Observables(stored: row[2]))
      try db.execute(
        sql: """
          UPDATE runs SET keep = ?1, checksum = gammaplane_checksum(\(Self.columnsBeforeKeep), ?1) WHERE run = ?2
          """,
        arguments: [asked.names.joined(separator: " "), name])
    }
    if let trajectory = kept.trajectory {
      try db.cachedStatement(sql: Self.insert(into: "trajectory"))
        .execute(arguments: [name, Data(trajectory.bytes)])
    }
    if let neurons = kept.neurons {
      let form = if case .each = neurons { NeuronSnapshot.nameOfEach } else { "histograms" }
      try db.cachedStatement(sql: Self.insert(into: "neurons"))
        .execute(arguments: [name, form, Data(neurons.bytes)])
    }
    if let function = kept.function {
      try db.cachedStatement(sql: Self.insert(into: "learned_function"))
        .execute(arguments: [name, Data(function.bytes)])
    }
  }
}

extension RunRecord {
  private static let columnsBeforeKeep = (Schema.checked["runs"] ?? []).dropLast().joined(separator: ", ")

  /// The statement that puts what was kept in its table, with its checksum.
  private static func insert(into table: String) -> String {
    let columns = Schema.checked[table] ?? []
    let values = columns.indices.map { "?\($0 + 1)" }.joined(separator: ", ")
    return """
      INSERT OR REPLACE INTO \(table) (\(columns.joined(separator: ", ")), checksum)
      VALUES (\(values), gammaplane_checksum(\(values)))
      """
  }
}

extension NeuronSnapshot {
  /// The column `form` of the table `neurons` where every neuron is kept.
  fileprivate static var nameOfEach: String { "each" }
}

extension Observables {
  /// The column `keep` of the table `runs`.
  init(stored text: String) { self.init(names: text.split(separator: " ")) }
}
