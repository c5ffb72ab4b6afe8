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
        let name = run.description
        if let row = try Row.fetchOne(
          db, sql: "SELECT points FROM trajectory WHERE run = ?", arguments: [name])
        {
          record.trajectory = try readable(Trajectory(bytes: Array(row[0] as Data)), run)
        }
        if let row = try Row.fetchOne(
          db, sql: "SELECT data, form FROM neurons WHERE run = ?", arguments: [name])
        {
          let bytes = Array(row[0] as Data)
          let neurons =
            row[1] as String == NeuronSnapshot.nameOfEach
            ? NeuronSnapshot(bytesOfEach: bytes) : NeuronSnapshot(bytesOfHistograms: bytes)
          record.neurons = try readable(neurons, run)
        }
        if let row = try Row.fetchOne(
          db, sql: "SELECT points FROM learned_function WHERE run = ?", arguments: [name])
        {
          record.function = try readable(FunctionSnapshot(bytes: Array(row[0] as Data)), run)
        }
        return record
      }
    }
  }

  private func readable<Part>(_ part: Part?, _ run: RunIdentity) throws -> Part {
    guard let part else {
      throw StoreError.damaged(path: path, cause: "what was kept of run \(run) has another shape")
    }
    return part
  }
}

extension Database {
  fileprivate static var flowRecordTables: [String] { ["trajectory", "neurons", "learned_function"] }

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
        row[0] == result.outcome.rawValue, result.outcome == .budget || row[1] == result.steps
      else { return }
      let asked = keep.union(Observables(stored: row[2]))
      try db.execute(
        sql: "UPDATE runs SET keep = ? WHERE run = ?", arguments: [asked.names.joined(separator: " "), name])
    }
    if let trajectory = kept.trajectory {
      try db.cachedStatement(sql: "INSERT OR REPLACE INTO trajectory (run, points) VALUES (?, ?)")
        .execute(arguments: [name, Data(trajectory.bytes)])
    }
    if let neurons = kept.neurons {
      let form = if case .each = neurons { NeuronSnapshot.nameOfEach } else { "histograms" }
      try db.cachedStatement(sql: "INSERT OR REPLACE INTO neurons (run, form, data) VALUES (?, ?, ?)")
        .execute(arguments: [name, form, Data(neurons.bytes)])
    }
    if let function = kept.function {
      try db.cachedStatement(sql: "INSERT OR REPLACE INTO learned_function (run, points) VALUES (?, ?)")
        .execute(arguments: [name, Data(function.bytes)])
    }
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
