import Foundation
import GRDB
import Model
import Testing

@testable import ResultStore

/// What people see who query the database.
@Suite struct ViewTests {
  let folder: TemporaryFolder
  let store: ResultStore
  let sweep: Sweep

  init() throws {
    folder = try TemporaryFolder()
    store = try ResultStore.open(at: folder.database)
    sweep = try Fixture.sweep()
    try store.register(sweep)
  }

  private func columns(_ view: String) throws -> [String] {
    try store.queue.read { try $0.columns(in: view).map(\.name) }
  }

  private func run(_ setting: Setting, _ quantities: NamedNumbers) -> RunRecord {
    var result = Fixture.result()
    result.quantities = quantities
    return Fixture.record(Run(setting, width: 10, seed: 1), of: sweep, result)
  }

  @Test func resultsHaveAColumnForEachName() throws {
    // Parameters are known when a sweep is registered, quantities when there are results.
    #expect(try columns("results").prefix(5) == ["run", "gamma", "gamma_prime", "width", "seed"])
    let runs = Array(sweep.axes.runs)
    try store.record(runs.map { Fixture.record($0, of: sweep) })
    #expect(
      try columns("results").prefix(11) == [
        "run", "gamma", "gamma_prime", "width", "seed", "outcome", "mean_squared_residual", "rd", "sup_rd",
        "time", "steps",
      ])
    let rows = try store.queue.read { db in
      try Row.fetchAll(
        db,
        sql:
          "SELECT gamma, gamma_prime, width, sup_rd, host FROM results ORDER BY gamma, gamma_prime, width, seed DESC"
      )
    }
    #expect(rows.count == runs.count)
    for (row, run) in zip(rows, runs) {
      #expect(Fixture.setting(row[0], row[1]) == run.setting)
      let numbers: [Double] = [row[2], row[3]]
      #expect(numbers == [run.width, 0.1875])
      #expect(row[4] == "node7")
    }
  }

  @Test func newNamesGetAColumn() throws {
    try store.record([run(["gamma": 1, "gamma_prime": 2], ["rd": 1])])
    #expect(try !columns("results").contains("loss"))
    try store.record([run(["gamma": 1, "depth": 3], ["loss": 4])])
    #expect(try columns("results").prefix(4) == ["run", "depth", "gamma", "gamma_prime"])
    #expect(try columns("phase_points").prefix(5) == ["sweep", "depth", "gamma", "gamma_prime", "trend"])
    let rows = try store.queue.read {
      try Row.fetchAll($0, sql: "SELECT depth, gamma_prime, rd, loss FROM results ORDER BY rd")
    }
    #expect(rows[0] == ["depth": 3, "gamma_prime": nil, "rd": nil, "loss": 4])
    #expect(rows[1] == ["depth": nil, "gamma_prime": 2, "rd": 1, "loss": nil])
  }

  /// Whatever a worker calls its quantities: no query of a view may fail.
  @Test func namesMayBeAnything() throws {
    let names = [
      "Steps", "RUN", "gamma", "order", "a b", "it's", "select", "50%", "a\"b", "back\\slash", "é",
    ]
    try store.record([
      run(["gamma": 1, "gamma_prime": 2, "outcome": 3], NamedNumbers(names.map { (name: $0, value: 1) }))
    ])
    let columns = try columns("results")
    #expect(columns.contains("quantity_Steps") && columns.contains("parameter_outcome"))
    #expect(columns.contains("quantity_gamma") && columns.contains("it's"))
    #expect(Set(columns.map { $0.lowercased() }).count == columns.count)
    let row = try #require(try store.queue.read { try Row.fetchOne($0, sql: "SELECT * FROM results") })
    let values: [Double] = ["it's", "quantity_gamma", "parameter_outcome"].map { row[$0] }
    #expect(values == [1, 1, 3])
  }

  @Test func tooManyNamesAreLeftOut() throws {
    for batch in 0..<3 {
      let names = (0..<400).map { (name: "q\(batch)_\($0)", value: 1.0) }
      try store.record([
        run(["gamma": Double(batch)], NamedNumbers(names))
      ])
    }
    #expect(try columns("results").count < Views.maxNames + 30)
    #expect(try store.queue.read { try Row.fetchAll($0, sql: "SELECT * FROM results").count } == 3)
  }

  /// Two sweeps of one database have a point each.
  @Test func pointsBelongToASweep() throws {
    let refined = try Fixture.sweep(name: "refined")
    try store.register(refined)
    for sweep in [sweep, refined] { try store.save(Fixture.phaseMap(of: sweep), of: sweep) }
    let counts = try store.queue.read { db in
      try ["", " WHERE sweep = 'refined'"].map {
        try Int.fetchOne(db, sql: "SELECT count(*) FROM phase_points" + $0)
      }
    }
    #expect(counts == [8, 4])
  }

  /// The table that is exported is what the view shows.
  @Test func theMapAsATableIsThatOfTheView() throws {
    let map = Fixture.phaseMap(of: sweep)
    try store.save(map, of: sweep)
    var exported: [[StoredValue]] = []
    try map.forEachRow { exported.append($0) }
    let names = map.columns
    #expect(names.prefix(4) == ["gamma", "gamma_prime", "order_parameter", "trend"])
    let rows = try store.queue.read { db in
      try Row.fetchAll(
        db, sql: "SELECT \(names.joined(separator: ", ")) FROM phase_points ORDER BY gamma, gamma_prime")
    }
    #expect(exported == rows.map { $0.databaseValues.map { StoredValue($0) } })
  }
}
