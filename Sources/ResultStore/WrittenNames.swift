import GRDB
import Model

/// What a writer knows to be in the database, so that it is not looked up for every result.
struct WrittenNames: Sendable {
  private var settings: [Setting: Int64] = [:]
  private var provenances: [Provenance: Int64] = [:]
  private var names: [Views.Kind: Set<String>] = [:]
  /// Names that came since ``addNames(in:)``.
  private var newNames: [Views.Kind: Set<String>] = [:]
  private var last: (setting: (Setting, Int64)?, provenance: (SharedProvenance, Int64)?, names: [String]) =
    (nil, nil, [])

  /// The id of a setting, which is recorded if it is not there yet.
  ///
  /// - Throws: ``StoreError/damaged(path:cause:)`` if another setting has its id.
  mutating func id(of setting: Setting, in db: Database, path: String) throws -> Int64 {
    if let last = last.setting, last.0 == setting { return last.1 }
    let id = try settings[setting] ?? add(setting, in: db, path: path)
    settings[setting] = id
    last.setting = (setting, id)
    return id
  }

  private mutating func add(_ setting: Setting, in db: Database, path: String) throws -> Int64 {
    let row = SettingRow(setting)
    let insert = try db.cachedStatement(sql: SettingRow.table.insert + " ON CONFLICT DO NOTHING")
    try SettingRow.table.bind(row, to: insert)
    if try insert.run(in: db) == 0 {
      let known = try String.fetchOne(
        db, sql: "SELECT definition FROM setting WHERE id = ?", arguments: [row.id])
      guard known == row.definition else {
        throw StoreError.damaged(path: path, cause: "setting \(row.id) is not \(row.definition)")
      }
    }
    note(setting.names, .parameter)
    return row.id
  }

  /// The id of a provenance, which is recorded if it is not there yet.
  mutating func id(of provenance: SharedProvenance, in db: Database) throws -> Int64 {
    if let last = last.provenance, last.0 === provenance { return last.1 }
    let id = try provenances[provenance.value] ?? add(provenance.value, in: db)
    provenances[provenance.value] = id
    last.provenance = (provenance, id)
    return id
  }

  private func add(_ provenance: Provenance, in db: Database) throws -> Int64 {
    let row = try ProvenanceRow(provenance)
    let insert = try db.cachedStatement(sql: ProvenanceRow.table.insert + " ON CONFLICT DO NOTHING")
    try ProvenanceRow.table.bind(row, to: insert)
    try insert.run(in: db)
    return row.id
  }

  /// Takes note of names that occur.
  mutating func note(_ occurring: [String], _ kind: Views.Kind) {
    if kind == .quantity {
      guard occurring != last.names else { return }
      last.names = occurring
    }
    let new = Set(occurring).subtracting(names[kind, default: []])
    guard !new.isEmpty else { return }
    names[kind, default: []].formUnion(new)
    newNames[kind, default: []].formUnion(new)
  }

  /// Gives new names a column in the views.
  mutating func addNames(in db: Database) throws {
    guard !newNames.isEmpty else { return }
    try Views.add(newNames, in: db)
    newNames = [:]
  }
}
