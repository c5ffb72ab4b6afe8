import Foundation
import Model
import Networks
import Orchestration
import Testing

/// `gammaplane flow`: one run in the foreground.
struct FlowCommandTests {
  private static let slow = ProcessInfo.processInfo.environment["GAMMAPLANE_SLOW_TESTS"] == "1"

  private let initial = "a,w,b\n1.0,0.5,0.2\n-0.7,-1.0,0.4\n0.3,0.8,-0.6\n0.9,-0.2,1.1\n"
  private let samples = "x,y\n-1.0,0.2\n0.5,0.6\n"

  private func object(_ output: String) throws -> [String: Any] {
    try #require(JSONSerialization.jsonObject(with: Data(output.utf8)) as? [String: Any])
  }

  @Test func jsonHasEverythingThatIsPromised() async throws {
    let ended = try await Workbench().run(
      "flow", "--gamma", "1.75", "--gamma-prime", "-0.5", "--width", "200", "--seed", "3", "--json")
    #expect(ended.status == 0)
    let object = try object(ended.output)
    #expect(object["setting"] as? [String: Double] == ["gamma": 1.75, "gamma_prime": -0.5])
    #expect(object["width"] as? Int == 200)
    #expect(object["seed"] as? Int == 3)
    #expect(object["outcome"] as? String == "converged")
    let quantities = try #require(object["quantities"] as? [String: Double])
    #expect(Set(quantities.keys) == Set(TwoLayerReLULine().description.quantities.map(\.name)))
    let rd = try #require(quantities["rd"])
    #expect(try rd > 1 && #require(quantities["sup_rd"]) >= rd)
    #expect(try abs(#require(quantities["mean_squared_residual"]) / 1e-6 - 1) < 1e-6)
    for key in ["steps", "wall_seconds", "initial_seconds"] {
      #expect((object[key] as? Double ?? -1) > 0, "\(key)")
    }
    let trajectory = try #require(object["trajectory"] as? [[String: Double]])
    #expect(trajectory.first?["time"] == 0 && trajectory.last?["time"] == quantities["time"])
    #expect(trajectory.last?["rd"] == rd)
  }

  @Test func filesAndTargetAreUsed() async throws {
    let bench = try Workbench()
    try bench.file("initial.csv", initial)
    try bench.file("samples.csv", samples)
    let ended = try await bench.run(
      "flow", "--gamma", "0.5", "--gamma-prime", "0", "--samples", "samples.csv", "--initial", "initial.csv",
      "--target", "1e-3", "--json")
    #expect(ended.status == 0)
    let object = try object(ended.output)
    #expect(object["width"] as? Int == 4)
    let quantities = try #require(object["quantities"] as? [String: Double])
    #expect(try abs(#require(quantities["mean_squared_residual"]) / 1e-3 - 1) < 1e-6)
  }

  /// Written by `numpy.savez_compressed`: a = [1.5, −2, 0.5], w = [[1, 2], [−1, 0.5], [0.25, −3]].
  private let archive =
    "UEsDBC0AAAAIAAAAIQAgegRj//////////8FABQAYS5ucHkBABAAmAAAAAAAAABQAAAAAAAAAJvsF+obEMnIUMZQrZ6SWpxc"
    + "pG6loG6TZqGuo6Cell9UUpSYF59flJIKEndLzClOBYoXZyQWpAL5GsY6mjoKtQoUAC4GMPhhD6EZDkCoB/YAUEsDBC0AAAAI"
    + "AAAAIQAw1jNu//////////8FABQAdy5ucHkBABAAsAAAAAAAAABbAAAAAAAAAJvsF+obEMnIUMZQrZ6SWpxcpG6loG6TZqGu"
    + "o6Cell9UUpSYF59flJIKEndLzClOBYoXZyQWpAL5GsY6CkaaOgq1CmQDLgYw+GAPoRkcoPz9EPoBVPwClOY4AABQSwECLQMt"
    + "AAAACAAAACEAIHoEY1AAAACYAAAABQAAAAAAAAAAAAAAgAEAAAAAYS5ucHlQSwECLQMtAAAACAAAACEAMNYzblsAAACwAAAA"
    + "BQAAAAAAAAAAAAAAgAGHAAAAdy5ucHlQSwUGAAAAAAIAAgBmAAAAGQEAAAAA"

  @Test func initialValuesOfNumPyAreThoseOfATable() async throws {
    let bench = try Workbench()
    try bench.file("initial.csv", "a,w,b\n1.5,1,2\n-2,-1,0.5\n0.5,0.25,-3\n")
    try #require(Data(base64Encoded: archive)).write(to: URL(fileURLWithPath: bench.path("initial.npz")))
    func quantities(_ file: String) async throws -> [String: Double] {
      let ended = try await bench.run(
        "flow", "--gamma", "1", "--gamma-prime", "0", "--activation", "relu", "--initial", file, "--json")
      #expect(ended.status == 0, "\(ended.errors)")
      return try #require(object(ended.output)["quantities"] as? [String: Double])
    }
    #expect(try await quantities("initial.npz") == quantities("initial.csv"))
    _ = try bench.file("other.npz", "a,w,b")
    let ended = try await bench.run(
      "flow", "--gamma", "1", "--gamma-prime", "0", "--initial", "other.npz")
    #expect(ended.status != 0 && ended.errors.contains("it is no .npz file; write one with numpy.savez"))
  }

  @Test func withoutJSONATableIsPrinted() async throws {
    let ended = try await Workbench().run("flow", "--gamma", "1", "--gamma-prime", "0", "--width", "100")
    #expect(ended.status == 0)
    let lines = ended.output.split(separator: "\n")
    let head = try #require(lines.first)
    for column in TwoLayerReLULine().description.columns(of: Trajectory.name) {
      #expect(head.contains(column.symbol), "\(column.name)")
    }
    let rows = lines.dropFirst().prefix { !$0.hasPrefix("converged") }
    #expect(rows.count > 4)
    #expect(rows.allSatisfy { $0.count == head.count }, "columns are aligned")
    let times = rows.compactMap { $0.split(separator: " ").first.flatMap { Double($0) } }
    #expect(
      times.first == 0 && zip(times, times.dropFirst()).dropLast().allSatisfy { $1 >= 2 * $0 && $1 > $0 })
    #expect(lines.dropLast(2).last == "converged: mean squared residual at the target")
    #expect(lines.dropLast().last?.hasPrefix("sup_rd ") == true, "the order parameter first")
  }

  @Test func aWidthThatDoesNotFitTheFileIsRefused() async throws {
    let bench = try Workbench()
    try bench.file("initial.csv", initial)
    let ended = try await bench.run(
      "flow", "--gamma", "1", "--gamma-prime", "0", "--width", "5", "--initial", "initial.csv")
    #expect(ended.status == 64)
    #expect(
      ended.errors.contains("--width is 5, but initial.csv holds 4 neurons; leave --width out"))
  }

  @Test func aWrongFileIsNamedWithItsLine() async throws {
    let bench = try Workbench()
    try bench.file("initial.csv", "a,w,b\n1,2\n")
    let ended = try await bench.run("flow", "--gamma", "1", "--gamma-prime", "0", "--initial", "initial.csv")
    #expect(ended.status == 65)
    #expect(
      ended.errors.contains(
        "the initial values initial.csv cannot be used: line 2: expected 3 finite numbers, as many as the header has columns, found “1,2”"
      ))
  }

  /// A run that is interrupted, or uses up its budget, and is resumed ends as one that was not.
  @Test func aRunIsResumedFromItsCheckpoint() async throws {
    let bench = try Workbench()
    let options = ["flow", "--gamma", "1.75", "--gamma-prime", "0", "--width", "500", "--json"]
    func result(_ output: String) throws -> [String: Any] {
      try object(output).filter { !["wall_seconds", "initial_seconds"].contains($0.key) }
    }
    let whole = try await bench.start(options).end()
    let parts = options + ["--checkpoint", "run.checkpoint"]
    let first = try await bench.start(parts + ["--steps", "20"]).end()
    #expect(try object(first.output)["outcome"] as? String == "budget_exhausted")
    #expect(FileManager.default.fileExists(atPath: bench.path("run.checkpoint")))
    let other = try await bench.start(parts.map { $0 == "1.75" ? "1.5" : $0 }).end()
    #expect(other.status == 66 && other.errors.contains("belongs to another run"), "\(other.errors)")
    let second = try await bench.start(parts).end()
    #expect(second.status == 0, "\(second.errors)")
    #expect(try NSDictionary(dictionary: result(second.output)).isEqual(to: result(whole.output)))
    #expect(!FileManager.default.fileExists(atPath: bench.path("run.checkpoint")), "the run is over")
  }

  @Test func anInterruptSuspendsARunWithACheckpoint() async throws {
    let bench = try Workbench()
    let flow = try bench.start([
      "flow", "--gamma", "2.5", "--gamma-prime", "0", "--width", "1e6", "--checkpoint", "run.checkpoint",
    ])
    #expect(try await comesTrue { try !flow.printed().isEmpty })
    flow.send(SIGINT)
    let ended = try await flow.end()
    // It may have been at its end.
    guard ended.status != 0 else { return }
    #expect(ended.status == 75, "\(ended)")
    #expect(
      ended.errors.hasPrefix("interrupted; finishing the step\ngammaplane: error: interrupted; run the "))
    #expect(FileManager.default.fileExists(atPath: bench.path("run.checkpoint")))
  }

  @Test func aSnapshotHoldsAllThatIsRecorded() async throws {
    let bench = try Workbench()
    func snapshot(width: String) async throws -> [String: Any] {
      let ended = try await bench.run(
        "flow", "--gamma", "1.75", "--gamma-prime", "0", "--width", width, "--snapshot", "s.json")
      #expect(ended.status == 0, "\(ended.errors)")
      return try object(String(contentsOfFile: bench.path("s.json"), encoding: .utf8))
    }
    let narrow = try await snapshot(width: "300")
    #expect(Set(narrow.keys) == ["trajectory", "neurons", "function"])
    let neurons = try #require(narrow["neurons"] as? [String: [Double]])
    #expect(neurons.count == 4 && neurons.values.allSatisfy { $0.count == 300 })
    #expect((narrow["function"] as? [String: [Double]])?["x"]?.count == 201)
    let wide = try await snapshot(width: "10001")
    let histograms = try #require(wide["neurons_histograms"] as? [[[[Double]]]])
    #expect(histograms.count == 2 && histograms[1].count == 2 && histograms[1][1][1].count == 360)
    #expect(histograms[0].reduce(0) { $0 + $1[0].reduce(0, +) } == 10_001)
    let missing = try await bench.run(
      "flow", "--gamma", "1", "--gamma-prime", "0", "--width", "50", "--snapshot", "no/folder/s.json")
    #expect(missing.status == 73 && missing.output.isEmpty, "\(missing.errors)")
  }

  @Test func keysOfTheNetworkAreUsed() async throws {
    let ended = try await Workbench().run(
      "flow", "--gamma", "0.5", "--gamma-prime", "0", "--width", "20", "--network", "antisymmetric=true",
      "--json", "--snapshot", "s.json")
    #expect(ended.status == 0, "\(ended.errors)")
    let plain = try await Workbench().run(
      "flow", "--gamma", "0.5", "--gamma-prime", "0", "--width", "20", "--json")
    let (first, second) = (try object(ended.output), try object(plain.output))
    #expect(first["quantities"] as? [String: Double] != second["quantities"] as? [String: Double])
  }

  /// A run at rest is made again: its table begins anew, and the reason says so.
  @Test func aRunAtRestIsRepeated() async throws {
    let ended = try await Workbench().run("flow", "--gamma", "1.75", "--gamma-prime", "0", "--width", "4")
    #expect(ended.status == 0, "\(ended.errors)")
    let lines = ended.output.split(separator: "\n")
    let again = try #require(lines.firstIndex { $0 == "at rest; the same again at a finer tolerance" })
    func numbers(_ line: Substring) -> [Double] { line.split(separator: " ").compactMap { Double($0) } }
    let (before, after) = (numbers(lines[again - 1]), numbers(lines[again + 1]))
    // Time begins anew, steps go on.
    #expect((after.first ?? .nan) < (before.first ?? .nan) && (after.last ?? .nan) >= (before.last ?? .nan))
    let reason = try #require(lines.first { $0.hasPrefix("stationary: at rest: ") })
    #expect(reason.hasSuffix("; same at tolerance 1e-3"), "\(reason)")
  }

  /// Said before the run begins, and with an exit code of the list.
  @Test(arguments: [("-v", "1e8"), ("-d", "1e8"), (nil, "1e9")])
  func whatDoesNotFitIntoTheMemoryIsRefused(limit: String?, width: String) async throws {
    if limit == nil, (Machine().memory?.value ?? .max) > 40 << 30 { return }
    let bench = try Workbench()
    let words = "flow --gamma 1.75 --gamma-prime 0 --width \(width)"
    let script = (limit.map { "ulimit \($0) 3000000; " } ?? "") + "exec \(Executables.gammaplane) \(words)"
    let ended = try await RunningCommand("/bin/bash", ["-c", script], in: bench).end()
    #expect(ended.status == 64 && !ended.wasSignalled, "\(ended)")
    #expect(
      ended.errors.contains("of memory, and") && ended.errors.contains("may be used"), "\(ended.errors)")
    #expect(ended.output.isEmpty)
  }

  /// An allocation that fails when the run is under way ends it with words and a code of the list.
  @Test(.enabled(if: slow)) func aFailedAllocationEndsARunWithWords() async throws {
    let bench = try Workbench()
    let words = "flow --gamma 1.75 --gamma-prime 0 --width 2e6 --threads 1"
    // The first row of the table is the start; from then on the process gets no more memory.
    let script = """
      command -v prlimit > /dev/null || exit 77
      \(Executables.gammaplane) \(words) > out & run=$!
      until [ -s out ] || ! kill -0 $run; do sleep 0.02; done
      prlimit --pid $run --data=1
      wait $run
      """
    let ended = try await RunningCommand("/bin/bash", ["-c", script], in: bench).end()
    if ended.status == 77 { return }
    #expect(ended.status == 69 && !ended.wasSignalled, "\(ended)")
    #expect(
      ended.errors.contains("gammaplane: error: there is not enough memory for width 2000000, which was "),
      "\(ended.errors)")
  }
}
