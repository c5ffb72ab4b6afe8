import Failpoints
import GRDB
import Model

/// The tables, the version of their form, and the number by which the file is known as
/// gammaplane's.
///
/// `docs/database.md` explains them to people who query the file.
final class Schema: Sendable {
  /// What brings a database from one version to the next.
  struct Migration: Sendable {
    /// Its name, which the database remembers.
    let name: String
    /// Changes the tables, in a transaction.
    let apply: @Sendable (Database) throws -> Void
  }

  /// "gmpl" in ASCII, at offset 68 of the file: `file(1)` and other tools can tell the database
  /// from others.
  static let applicationID: Int32 = 0x676d_706c

  /// What this program reads and writes.
  static let current = Schema([Migration(name: "1", apply: create)])

  /// The migrations since the first version. One that was ever released is never changed.
  let migrations: [Migration]
  /// The version that the migrations lead to: how many they are.
  var version: Int32 { Int32(migrations.count) }
  /// The definitions of all tables and triggers.
  private let expected: Result<Set<String>, any Error>

  /// A schema that migrations lead to.
  init(_ migrations: [Migration]) {
    self.migrations = migrations
    expected = Result {
      var configuration = Configuration()
      configuration.prepareDatabase { $0.add(function: Checksum.function) }
      let queue = try DatabaseQueue(configuration: configuration)
      try Self.migrate(queue, migrations)
      return try queue.read(Self.definitions)
    }
  }

  /// Brings a database to the current version: each migration is a transaction, in which the
  /// version changes, too.
  func migrate(_ queue: DatabaseQueue) throws { try Self.migrate(queue, migrations) }

  private static func migrate(_ queue: DatabaseQueue, _ migrations: [Migration]) throws {
    var migrator = DatabaseMigrator()
    for (index, migration) in migrations.enumerated() {
      migrator.registerMigration(migration.name) { db in
        // They hang on the tables, and are made for those of the last version.
        try Views.drop(in: db)
        try migration.apply(db)
        if index + 1 == migrations.count { try Views.make(in: db) }
        try db.execute(sql: "PRAGMA application_id = \(applicationID)")
        try db.execute(sql: "PRAGMA user_version = \(index + 1)")
        Failpoint.duringMigration.pass()
      }
    }
    try migrator.migrate(queue)
  }

  /// Whether all tables and triggers are there as this version makes them. Additions do no
  /// harm.
  func isWhole(_ db: Database) throws -> Bool {
    try expected.get().isSubset(of: Self.definitions(db))
  }

  /// Views are left out: they follow from what is recorded, and nothing is read through them.
  private static func definitions(_ db: Database) throws -> Set<String> {
    Set(
      try String.fetchAll(
        db, sql: "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL AND type <> 'view'"
      ).map(withoutComments))
  }

  private static func withoutComments(_ sql: String) -> String {
    sql.split(separator: "\n").map { line in
      let code = line.firstRange(of: "--").map { line[..<$0.lowerBound] } ?? line
      return code.split(separator: " ").joined(separator: " ")
    }.joined(separator: " ")
  }

  /// The names of the tables whose rows have a checksum, and for each a condition for a row to be
  /// what was written.
  static let checkedTables: [(name: String, isIntact: String)] = [
    (ProblemRow.table.name, ProblemRow.table.isIntact),
    (SettingRow.table.name, SettingRow.table.isIntact),
    (SweepRow.table.name, SweepRow.table.isIntact),
    (ProvenanceRow.table.name, ProvenanceRow.table.isIntact),
    (RunRow.table.name, RunRow.table.isIntact),
    (FailureRow.table.name, FailureRow.table.isIntact),
    (ArrayRow.table.name, ArrayRow.table.isIntact),
    (FitRow.table.name, FitRow.table.isIntact),
  ]

  /// Makes the tables of the first version, which are those of today. A second migration needs the
  /// text of these statements here, as the lists of columns change with it.
  private static func create(_ db: Database) throws {
    let tables = [
      ProblemRow.table.definition, SettingRow.table.definition, SweepRow.table.definition,
      ProvenanceRow.table.definition, RunRow.table.definition, FailureRow.table.definition,
      ArrayRow.table.definition, PhaseMapRow.table.definition, BoundaryRow.table.definition,
      FitRow.table.definition,
    ]
    for table in tables { try db.execute(sql: table) }
    try db.execute(sql: Tallies.definition)
    try db.execute(sql: Origins.definition)
    try db.execute(sql: Views.vocabulary)
  }
}
