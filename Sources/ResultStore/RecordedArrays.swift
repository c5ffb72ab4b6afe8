import Foundation
import GRDB
import Model

extension ResultStore {
  /// What was recorded of a run beside its result; empty if nothing was, or if there is no such
  /// run.
  public func recordedArrays(of run: RunIdentity) throws(StoreError) -> RecordedArrays {
    try wrapping {
      try queue.read { db in
        let table = ArrayRow.table
        let statement = try db.cachedStatement(
          sql: "SELECT \(table.allNames) FROM array WHERE run = ? ORDER BY name")
        statement.setUncheckedArguments([run.description])
        var arrays: RecordedArrays = [:]
        try statement.forEachRow(in: db) { stored in
          let row = try table.row(stored, over: ArrayRow())
          guard table.isIntact(stored), let array = try? NumericArray(npy: row.data) else {
            throw StoreError.damaged(
              path: path, cause: "an array of run \(run) is not what was written".onOneLine)
          }
          arrays[row.name] = array
        }
        return arrays
      }
    }
  }
}

extension Database {
  /// Whether there are arrays of any run.
  func hasArrays() throws -> Bool {
    try Bool.fetchOne(self, sql: "SELECT EXISTS (SELECT 1 FROM array)") ?? false
  }

  /// Changes what was asked to be recorded of a run.
  func setRecord(_ names: RecordNames, of run: String) throws {
    try execute(
      sql: "UPDATE runs SET record = ? WHERE run = ?", arguments: [names.text, run])
    try renewChecksum(of: run)
  }

  /// Makes the checksum of a run's row that of its values.
  func renewChecksum(of run: String) throws {
    try execute(
      sql: "UPDATE runs SET \(RunRow.table.renewedChecksum) WHERE run = ?", arguments: [run])
  }
}

extension RunRecord {
  /// Writes the arrays, after the result. Beside an older result only if the new one ended alike.
  ///
  /// - Parameters:
  ///   - isNew: whether the result in the database is this one, put there just now.
  ///   - replaces: whether there may be arrays of an earlier result.
  func writeArrays(in db: Database, isNew: Bool, replaces: Bool) throws {
    if isNew && replaces {
      // Those of a run that got less far.
      try db.cachedStatement(sql: "DELETE FROM array WHERE run = ?")
        .execute(arguments: [identity.description])
    } else if !isNew {
      guard !record.isEmpty,
        let row = try Row.fetchOne(
          db, sql: "SELECT outcome, steps, record FROM runs WHERE run = ?",
          arguments: [identity.description]),
        row[0] == result.outcome.rawValue, row[1] == result.steps
      else { return }
      let names = try JSONDecoder().decode(RecordNames.self, from: Data((row[2] as String).utf8))
      try db.setRecord(record.union(names), of: identity.description)
    }
    guard !arrays.isEmpty else { return }
    let insert = try db.cachedStatement(
      sql: "\(ArrayRow.table.insert) ON CONFLICT (run, name) DO UPDATE SET \(ArrayRow.table.updates)")
    for (name, array) in arrays {
      let row = ArrayRow(run: identity.description, name: name, data: Data(array.npy))
      try ArrayRow.table.bind(row, to: insert)
      try insert.run(in: db)
    }
  }
}
