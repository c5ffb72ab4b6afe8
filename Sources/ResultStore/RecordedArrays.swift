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

  /// Adds quantities that were asked for later, of those that a run has not.
  ///
  /// - Returns: whether there were any.
  func addQuantities(_ quantities: NamedNumbers, to run: String) throws -> Bool {
    guard let row = try Row.fetchOne(self, sql: "SELECT quantities FROM runs WHERE run = ?", arguments: [run])
    else { return false }
    let known = try JSONDecoder().decode(NamedNumbers.self, from: Data((row[0] as String).utf8))
    let missing = quantities.without(known.names)
    guard !missing.isEmpty else { return false }
    var text = NumbersText()
    let all = NamedNumbers(Array(known.pairs) + Array(missing.pairs))
    try execute(
      sql: "UPDATE runs SET quantities = ? WHERE run = ?", arguments: [text.text(all), run])
    try renewChecksum(of: run)
    return true
  }

  /// Makes the checksum of a run's row that of its values.
  func renewChecksum(of run: String) throws {
    try execute(
      sql: "UPDATE runs SET \(RunRow.table.renewedChecksum) WHERE run = ?", arguments: [run])
  }
}

extension RunRecord {
  /// Writes the arrays, after the result. Beside an older result only if the new one ended alike;
  /// then that gets the quantities, too, that it has not.
  ///
  /// - Parameters:
  ///   - isNew: whether the result in the database is this one, put there just now.
  ///   - replaces: whether there may be arrays of an earlier result.
  /// - Returns: whether an older result got more quantities.
  func writeArrays(in db: Database, isNew: Bool, replaces: Bool) throws -> Bool {
    var hasMore = false
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
      else { return false }
      let names = try JSONDecoder().decode(RecordNames.self, from: Data((row[2] as String).utf8))
      hasMore = try db.addQuantities(result.quantities, to: identity.description)
      try db.setRecord(record.union(names), of: identity.description)
    }
    guard !arrays.isEmpty else { return hasMore }
    let insert = try db.cachedStatement(
      sql: "\(ArrayRow.table.insert) ON CONFLICT (run, name) DO UPDATE SET \(ArrayRow.table.updates)")
    for (name, array) in arrays {
      let row = ArrayRow(run: identity.description, name: name, data: Data(array.npy))
      try ArrayRow.table.bind(row, to: insert)
      try insert.run(in: db)
    }
    return hasMore
  }
}
