import Foundation
import GRDB
import Model

extension Digest {
  /// The first 63 bits: a key that SQLite compares and keeps as one number.
  var contentID: Int64 {
    Int64(bytes.prefix(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) } >> 1)
  }
}

/// A row of the table `problem`.
struct ProblemRow: Sendable {
  var id: Int64 = 0
  var digest = ""
  var definition = ""

  static let table = Table<ProblemRow>(
    "problem", "what all runs with the same problem have in common", key: ["id"],
    // A fit is current while this is what it was then.
    unchecked: ["changes INTEGER NOT NULL DEFAULT 0"], hasRowID: true,
    [
      Column("id", \.id, "the first 63 bits of the digest"),
      Column("digest", \.digest, "SHA-256 of everything that determines results"),
      Column("definition", \.definition, "JSON"),
    ])

  init() {}

  /// The row of a problem.
  init(_ problem: Problem) throws {
    (id, digest) = (problem.digest.contentID, problem.digest.description)
    definition = try canonicalJSON(problem)
  }
}

/// A row of the table `setting`.
struct SettingRow: Sendable {
  var id: Int64 = 0
  var definition = ""

  static let table = Table<SettingRow>(
    "setting", "parameters of runs", key: ["id"], hasRowID: true,
    [
      Column("id", \.id, "a hash of the definition"),
      Column("definition", \.definition, "JSON, names ascending"),
    ])

  init() {}

  /// The row of a setting.
  init(_ setting: Setting) {
    var hash = SHA256()
    hash.update(UInt64(setting.count))
    for (name, value) in setting.pairs {
      hash.update(name)
      hash.update(value)
    }
    id = hash.finalize().contentID
    var text = NumbersText()
    definition = text.text(setting)
  }
}

/// A row of the table `sweep`.
struct SweepRow: Hashable, Sendable {
  var name = ""
  var problem: Int64 = 0
  var definition = ""

  static let table = Table<SweepRow>(
    "sweep", "the sweeps whose results are kept here, as they were last run", key: ["name"],
    [
      Column("name", \.name, "as in the grid file"),
      Column("problem", \.problem, constraint: "REFERENCES problem (id)"),
      Column("definition", \.definition, "all of the grid file, as JSON"),
    ])
}

/// A row of the table `provenance`.
struct ProvenanceRow: Sendable {
  var id: Int64 = 0
  var provenance = Provenance(
    program: "", commit: nil, worker: "", description: FamilyDescription(title: "", methods: []), host: "")

  static let table = Table<ProvenanceRow>(
    "provenance", "who computed results", key: ["id"], hasRowID: true,
    [
      Column("id", \.id, "a hash of the rest"),
      Column("program", \.provenance.program, "name and version of what recorded the results"),
      Column("git_commit", \.provenance.commit, "what it was built from; null: not known"),
      Column("worker", \.provenance.worker, "name and version"),
      Column("methods", "a JSON list", get: { try canonicalJSON($0.provenance.description.methods) }) {
        (_, _: String) in
      },
      Column(
        "hello", "what the worker said of itself, as JSON",
        get: { try canonicalJSON($0.provenance.description) },
        set: {
          $0.provenance.description = try JSONDecoder().decode(FamilyDescription.self, from: Data($1.utf8))
        }),
      Column(
        "command", "a JSON list; null: the program's own worker",
        get: { try $0.provenance.command.map { try canonicalJSON($0) } },
        set: { (row, text: String?) in
          row.provenance.command = try text.map {
            try JSONDecoder().decode([String].self, from: Data($0.utf8))
          }
        }),
      Column("host", \.provenance.host),
    ])

  init() {}

  /// The row of a provenance.
  init(_ provenance: Provenance) throws {
    self.provenance = provenance
    var hash = SHA256()
    hash.update(try canonicalJSON(provenance))
    id = hash.finalize().contentID
  }
}

/// A row of the table `array`.
struct ArrayRow: Sendable {
  var run = ""
  var name = ""
  var data = Data()

  static let table = Table<ArrayRow>(
    "array", "what was recorded of runs beside their results", key: ["run", "name"], hasRowID: true,
    [
      Column("run", \.run, constraint: "REFERENCES runs (run)"),
      Column("name", \.name, "such as trajectory"),
      Column("data", \.data, "an .npy file"),
    ])
}

/// JSON with sorted keys: one text for equal values.
func canonicalJSON(_ value: some Encodable) throws -> String {
  let encoder = JSONEncoder()
  encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
  return String(decoding: try encoder.encode(value), as: UTF8.self)
}
