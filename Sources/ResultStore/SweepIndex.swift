import GRDB
import Model

/// Settings by their ids in the database, read when they are needed.
struct SettingLookup {
  private let path: String
  private let db: Database
  private let statement: Statement
  private var text = NumbersText()
  /// Those that have been read.
  private(set) var known: [Int64: Setting]

  /// Those of a database.
  ///
  /// - Parameter known: settings that have been read before.
  init(_ db: Database, path: String, known: [Int64: Setting]) throws {
    self.path = path
    self.db = db
    self.known = known
    statement = try db.cachedStatement(sql: "SELECT \(SettingRow.table.allNames) FROM setting WHERE id = ?")
  }

  /// The setting of an id.
  ///
  /// - Throws: ``StoreError/damaged(path:cause:)`` if there is none, or it is not what was written.
  mutating func setting(_ id: Int64) throws -> Setting {
    if let setting = known[id] { return setting }
    let setting = try statement.row(in: db, [id]) { row in
      SettingRow.table.isIntact(row) ? text.numbers(row.bytes(Self.definition)) : nil
    }
    guard let setting = setting ?? nil else {
      throw StoreError.damaged(
        path: path, cause: "the parameters of a run are missing, or not what was written")
    }
    known[id] = setting
    return setting
  }

  private static let definition = SettingRow.table.index(of: "definition")
}

/// The indices of the runs of a sweep, by what the rows of the database hold.
struct SweepIndex {
  /// The digest of the sweep's problem.
  let problem: Digest
  /// The runs.
  let runs: RunSet
  /// The indices of settings in ``RunSet/settings`` by their ids; −1: it is none of the sweep's.
  private var indices: [Int64: Int] = [:]

  /// The runs of a sweep.
  init(_ sweep: Sweep) {
    problem = sweep.problem.digest
    runs = RunSet(sweep)
  }

  /// The index of a setting in ``RunSet/settings``; nil if it is none of the sweep's.
  mutating func setting(_ id: Int64, _ settings: inout SettingLookup) throws -> Int? {
    if let index = indices[id] { return index < 0 ? nil : index }
    let index = runs.settingIndex(try settings.setting(id))
    indices[id] = index ?? -1
    return index
  }

  /// The run of a row and its index; nil if it is none of the sweep's.
  mutating func run(
    _ id: Int64, width: Double, seed: UInt64, _ settings: inout SettingLookup
  ) throws -> (index: Int, run: Run)? {
    guard let setting = try setting(id, &settings),
      let index = runs.index(setting: setting, width: width, seed: seed)
    else { return nil }
    return (index, Run(runs.settings[setting], width: width, seed: seed))
  }
}
