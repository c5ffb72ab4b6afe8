import Foundation
import Model
import ResultStore

/// A column of the exported runs.
struct RunColumn: Sendable {
  /// As in the header.
  var name: String
  /// What a run has there.
  var value: @Sendable (RecordedRun) -> StoredValue

  private init(_ name: String, _ value: @escaping @Sendable (RecordedRun) -> StoredValue) {
    self.name = name
    self.value = value
  }

  /// A column of texts of the provenance.
  private static func provenance(
    _ name: String, _ text: @escaping @Sendable (Provenance) -> String?
  ) -> RunColumn {
    RunColumn(name) { $0.record?.provenance.flatMap(text).map { .text($0) } ?? .null }
  }

  /// All columns, those of the parameters and the quantities in the order given.
  static func all(parameters: [String], quantities: [String]) -> [RunColumn] {
    let head =
      [RunColumn("run") { .text($0.identity.description) }]
      + parameters.map { name in RunColumn(name) { $0.run.setting[name].map { .number($0) } ?? .null } }
      + [
        RunColumn("width") { width($0.run.width) }, RunColumn("seed") { .unsigned($0.run.seed) },
        RunColumn("state") { .text($0.state) },
      ]
    let measured = quantities.map { name in
      RunColumn(name) { $0.record?.result.quantities[name].map { .number($0) } ?? .null }
    }
    return head + measured + rest
  }

  /// A whole width without a fraction.
  private static func width(_ value: Double) -> StoredValue {
    Int64(exactly: value).map { .integer($0) } ?? .number(value)
  }

  private static let rest = [
    RunColumn("steps") { $0.record.map { .integer(Int64($0.result.steps)) } ?? .null },
    RunColumn("wall_seconds") { $0.record.map { .number($0.result.wallSeconds) } ?? .null },
    RunColumn("initial_seconds") { $0.record.map { .number($0.result.initialSeconds) } ?? .null },
    RunColumn("budget_steps") { $0.record.map { .integer(Int64($0.budget.steps)) } ?? .null },
    RunColumn("budget_wall_seconds") { $0.record.map { .number($0.budget.wallSeconds) } ?? .null },
    RunColumn("budget_time") { $0.record?.budget.time.map { .number($0) } ?? .null },
    RunColumn("attempts") { $0.attempts.map { .integer(Int64($0)) } ?? .null },
    RunColumn("cause") { $0.failure.map { .text($0.cause) } ?? .null },
    RunColumn("reason") { $0.reason.map { .text($0) } ?? .null },
    RunColumn("detail") { $0.failure.map { .text($0.detail) } ?? .null },
    RunColumn("record") { $0.record.map { .text($0.record.names.joined(separator: " ")) } ?? .null },
    provenance("program") { $0.program },
    provenance("commit") { $0.commit },
    provenance("worker") { $0.worker },
    provenance("command") { $0.command?.joined(separator: " ") },
    provenance("host") { $0.host },
    RunColumn("finished_at") { $0.record.map { .text($0.finishedAt.formatted(.iso8601)) } ?? .null },
  ]
}
