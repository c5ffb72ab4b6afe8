import Foundation
import Model
import Networks
import ResultStore
import Testing

/// From `record` in a grid file through real workers into the database and back.
@Suite struct RecordTests {
  let bench: Workbench

  init() throws { bench = try Workbench() }

  private func grid(_ rest: String) throws {
    try bench.grid()
    let text = try String(contentsOfFile: bench.path("tiny.yaml"), encoding: .utf8)
    try bench.file("tiny.yaml", text + rest + "\n")
  }

  private func store() throws -> ResultStore {
    try ResultStore.read(at: bench.path("results/tiny/\(ResultStore.fileName)"))
  }

  /// The results of the sweep with everything recorded beside them, in order.
  private func recorded() throws -> [(RunRecord, RecordedArrays)] {
    let store = try store()
    return try store.records(of: store.sweep(named: "tiny")).map {
      ($0, try store.recordedArrays(of: $0.identity))
    }
  }

  @Test func theDatabaseHoldsWhatARunRecords() async throws {
    try grid("record: [trajectory, { what: [neurons, function], width: [50, 150], seed: 0 }]")
    let ended = try await bench.run("run", "tiny.yaml", "--workers", "2")
    #expect(ended.status == 0, "\(ended.errors)")
    let problem = try store().sweep(named: "tiny").problem
    let family = try #require(NetworkFamilies.builtIn.family(of: problem))
    let recorded = try recorded()
    #expect(recorded.count == 12)
    for (record, arrays) in recorded {
      let all = record.run.width != 100 && record.run.seed == 0
      let names: RecordNames = all ? ["trajectory", "neurons", "function"] : ["trajectory"]
      #expect(record.record == names)
      var flow = try family.start(record.run, of: problem, options: FlowOptions(record: names))
      let direct = flow.run(within: .default)
      #expect(arrays == direct.arrays.restricted(to: names))
      #expect(arrays.trajectory?.values(of: "rd")?.last == record.result.quantities["rd"])
      #expect((arrays.neurons != nil) == all && (arrays.function != nil) == all)
      #expect(direct.result.quantities == record.result.quantities)
    }
  }

  @Test func finishedRunsAreRepeatedForWhatIsNotRecorded() async throws {
    try bench.grid()
    #expect(try await bench.run("run", "tiny.yaml").status == 0)
    let results = try bench.results()
    let picture = FileManager.default.contents(atPath: bench.path("results/tiny/phase-map.svg"))

    try grid("record: { what: trajectory, seed: 1 }")
    let plan = try await bench.run("plan", "tiny.yaml")
    #expect(plan.output.contains("all     6       0      6"), "\(plan.output)")
    let status = try await bench.run("status", "tiny.yaml")
    #expect(
      status.output.contains("6 runs will be repeated for what `record` of the grid asks for besides"),
      "\(status.output)")
    let again = try await bench.run("run", "tiny.yaml")
    #expect(again.status == 0 && again.errors.contains("6 of 12 runs to do"), "\(again.errors)")
    #expect(try recorded().allSatisfy { ($0.1.trajectory != nil) == ($0.0.run.seed == 1) })
    var repeated = try bench.results()
    for i in repeated.indices { repeated[i].record = [] }
    #expect(repeated == results)
    #expect(FileManager.default.contents(atPath: bench.path("results/tiny/phase-map.svg")) == picture)
    let third = try await bench.run("run", "tiny.yaml", worker: "/nonexistent/worker")
    #expect(third.status == 0 && third.errors == "tiny: nothing to do, 12 runs done\n")
  }

  /// A worker that does not know `record`, and answers without arrays, is asked once.
  @Test func aWorkerThatDoesNotKnowTheKeyStillWorks() async throws {
    try grid("record: [trajectory, neurons]")
    let worker = try bench.worker(
      """
      sed -u 's/"record":\\[[^]]*\\],//' | "$WORKER"
      """)
    let ended = try await bench.run("run", "tiny.yaml", worker: worker)
    #expect(ended.status == 0, "\(ended.errors)")
    #expect(try recorded().allSatisfy { $0.1.isEmpty && $0.0.record == ["trajectory", "neurons"] })
    let second = try await bench.run("run", "tiny.yaml")
    #expect(second.status == 0 && second.errors == "tiny: nothing to do, 12 runs done\n")
  }

  @Test func simulatedTimeEndsRunsAndGrows() async throws {
    try bench.grid()
    func stop(_ time: String) throws {
      let text = try String(contentsOfFile: bench.path("tiny.yaml"), encoding: .utf8)
      try bench.file(
        "tiny.yaml", text.replacing(/wall_seconds: 600.*}/, with: "wall_seconds: 600, time: \(time) }"))
    }
    try stop("0.5")
    #expect(try await bench.run("run", "tiny.yaml").status == 0)
    let short = try bench.results()
    #expect(
      short.allSatisfy { $0.result.outcome == .budgetExhausted && $0.result.quantities["time"] == 0.5 })
    #expect(short.allSatisfy { $0.result.reason == "simulated time" && $0.budget.time == 0.5 })
    try stop("1e300")
    #expect(try await bench.run("run", "tiny.yaml").status == 0)
    #expect(try bench.results().allSatisfy { $0.result.outcome == .converged })
  }

  @Test func flowPrintsTheTrajectoryAndWritesASnapshot() async throws {
    let ended = try await bench.run(
      "flow", "--gamma", "1.75", "--gamma-prime", "0", "--width", "300", "--json", "--snapshot", "s.json")
    #expect(ended.status == 0, "\(ended.errors)")
    let report = try #require(
      JSONSerialization.jsonObject(with: Data(ended.output.utf8)) as? [String: Any])
    let trajectory = try #require(report["trajectory"] as? [[String: Any]])
    #expect(trajectory.count > 5)
    #expect(
      trajectory.first.map { Set($0.keys) } == [
        "time", "mean_squared_residual", "rd", "output_norm", "sliding", "dead", "orientations",
      ])
    let quantities = try #require(report["quantities"] as? [String: Double])
    #expect(trajectory.last?["rd"] as? Double == quantities["rd"])
    let snapshot = try #require(
      JSONSerialization.jsonObject(with: Data(contentsOf: URL(fileURLWithPath: bench.path("s.json"))))
        as? [String: [String: [Double]]])
    #expect(snapshot["neurons"]?.count == 4 && snapshot["neurons"]?["amplitude_after"]?.count == 300)
    #expect(snapshot["function"]?["x"]?.count == 201 && snapshot["function"]?.count == 3)

    let cut = try await bench.run(
      "flow", "--gamma", "1", "--gamma-prime", "0", "--width", "50", "--time", "0.25")
    #expect(cut.output.contains("budget_exhausted: simulated time"))
    #expect(cut.output.contains("sliding") && cut.output.contains("orientations"))
    let nowhere = try await bench.run(
      "flow", "--gamma", "1", "--gamma-prime", "0", "--width", "50", "--snapshot", "no/folder/s.json")
    #expect(nowhere.status == 73 && nowhere.errors.contains("no/folder/s.json could not be written"))
    let wrong = try await bench.run(
      "flow", "--gamma", "1", "--gamma-prime", "0", "--width", "50", "--time", "0")
    #expect(wrong.status == 64 && wrong.errors.contains("--time must be positive"))
  }
}
