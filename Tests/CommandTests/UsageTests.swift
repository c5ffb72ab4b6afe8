import Foundation
import Model
import ResultStore
import Testing

/// What the commands say, and the exit codes with which they say it.
@Suite struct UsageTests {
  let bench: Workbench

  init() throws {
    bench = try Workbench()
    try bench.grid()
  }

  private func json(_ text: String) throws -> [String: Any]? {
    try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any]
  }

  @Test func aPlanCountsRunsAndChangesNothing() async throws {
    let plan = try await bench.run("plan", "tiny.yaml", "--workers", "2")
    #expect(plan.status == 0)
    #expect(plan.errors.isEmpty)
    #expect(
      plan.output.hasPrefix(
        """
        tiny: 12 runs
          width  done  failed  to do  CPU time
             50     0       0      4
        """))
    #expect(!FileManager.default.fileExists(atPath: bench.path("results")))

    let value = try #require(try json(try await bench.run("plan", "tiny.yaml", "--json").output))
    #expect(value["sweep"] as? String == "tiny")
    #expect((value["runs"] as? [String: Any])?["to_do"] as? Int == 12)
    #expect((value["widths"] as? [[String: Any]])?.compactMap { $0["width"] as? Int } == [50, 100, 150])
  }

  @Test func statusIsOneJSONValueAndKnowsWhoIsWriting() async throws {
    #expect(try await bench.run("status", "--json").output == "[\n\n]\n")
    #expect(try await bench.run("run", "tiny.yaml").status == 0)
    let finished = try #require(try json(try await bench.run("status", "tiny", "--json").output))
    #expect(finished["state"] as? String == "finished")
    #expect(finished["writer"] == nil)
    #expect((finished["runs"] as? [String: Any])?["total"] as? Int == 12)
    #expect(finished["phase_map"] as? String == "results/tiny/phase-map.svg")

    // The grid has grown, and a writer (this process) is at it.
    try bench.grid(widths: [50, 100, 150, 200])
    let writer = try ResultStore.open(at: bench.path("results/tiny/phasesweep.sqlite"))
    let running = try #require(try json(try await bench.run("status", "tiny.yaml", "--json").output))
    #expect(running["state"] as? String == "running")
    #expect((running["writer"] as? [String: Any])?["pid"] as? Int == Int(getpid()))
    #expect((running["runs"] as? [String: Any])?["to_do"] as? Int == 4)

    let second = try await bench.run("run", "tiny.yaml")
    #expect(second.status == 73)
    #expect(second.errors.contains("is being written by process \(getpid()) on "))
    try writer.close()

    let list = try await bench.run("status")
    #expect(
      list.output == """
          sweep  runs  done  failed  to do  state
          tiny     12    12       0      0  finished

        """)
  }

  @Test func aWrongGridIsExplainedWhereItIsWrong() async throws {
    let text = try String(contentsOfFile: bench.path("tiny.yaml"), encoding: .utf8)
    try bench.file("wrong.yaml", text.replacingOccurrences(of: "network:", with: "netwrok:"))
    for command in ["run", "plan", "status"] {
      let ended = try await bench.run(command, "wrong.yaml")
      #expect(ended.status == 65)
      #expect(ended.output.isEmpty)
      #expect(
        ended.errors.hasPrefix("phasesweep: error: the grid cannot be used: 1 error\nwrong.yaml:7:1: error: ")
      )
      #expect(ended.errors.contains("network"))
    }
    #expect(!FileManager.default.fileExists(atPath: bench.path("results")))
  }

  @Test func whatIsMissingIsNamed() async throws {
    let grid = try await bench.run("run", "nowhere.yaml")
    #expect(grid.status == 66)
    #expect(
      grid.errors
        == "phasesweep: error: there is no grid file “nowhere.yaml”; check the path (examples are in the folder "
        + "grids)\n")
    for command in ["status", "fit", "render"] {
      let sweep = try await bench.run(command, "nothing")
      #expect(sweep.status == 66)
      #expect(
        sweep.errors
          == "phasesweep: error: there is neither a grid file “nothing” nor a sweep of that name in results; "
          + "start a sweep with `phasesweep run GRID`\n")
      let unstarted = try await bench.run(command, "tiny.yaml")
      #expect(unstarted.status == 66)
      #expect(
        unstarted.errors
          == "phasesweep: error: results/tiny/phasesweep.sqlite holds no results yet; start the sweep with "
          + "`phasesweep run GRID`\n")
    }
    #expect(!FileManager.default.fileExists(atPath: bench.path("results")))
  }

  @Test func aMissingOrUselessWorkerIsNamed() async throws {
    let missing = try await bench.run("run", "tiny.yaml", worker: "/nonexistent/worker")
    #expect(missing.status == 69)
    #expect(
      missing.errors
        == "phasesweep: error: the worker program /nonexistent/worker (from the environment variable "
        + "PHASESWEEP_WORKER) cannot be executed (No such file or directory); correct or unset the variable\n"
    )
    let useless = try bench.worker("echo 'cannot work' >&2; exit 3")
    let ended = try await bench.run("run", "tiny.yaml", worker: useless)
    #expect(ended.status == 69)
    #expect(ended.errors.contains("the workers are of no use: \(useless) ended by itself: exit code 3"))
    #expect(ended.errors.hasSuffix("its last words: cannot work\n"))
  }

  @Test func aFileInPlaceOfTheDatabaseIsLeftAlone() async throws {
    try FileManager.default.createDirectory(
      atPath: bench.path("results/tiny"), withIntermediateDirectories: true)
    try bench.file("results/tiny/phasesweep.sqlite", "my thesis")
    for command in ["run", "plan", "status", "fit", "render"] {
      #expect(try await bench.run(command, "tiny.yaml").status == 73)
    }
    #expect(
      try String(contentsOfFile: bench.path("results/tiny/phasesweep.sqlite"), encoding: .utf8) == "my thesis"
    )
  }

  @Test func wrongArgumentsExitWith64() async throws {
    let unknown = try await bench.run("run", "tiny.yaml", "--wokers", "2")
    #expect(unknown.status == 64)
    #expect(
      unknown.errors.hasPrefix("phasesweep: error: Unknown option '--wokers'. Did you mean '--workers'?\n"))
    let none = try await bench.run("run", "tiny.yaml", "--workers", "0")
    #expect(none.status == 64)
    #expect(none.errors.hasPrefix("phasesweep: error: --workers must be at least 1, not 0.\n"))
  }

  @Test(arguments: [["--help"], ["run", "--help"]])
  func helpListsTheExitCodes(arguments: [String]) async throws {
    let help = try await bench.start(arguments).end()
    #expect(help.status == 0)
    #expect(
      help.output.contains(
        """
        EXIT CODES:
          0   done
          1   the sweep has finished, but some runs failed
          64  wrong arguments
          65  the grid file is wrong
          66  there is no such grid file, sweep or fit
          69  the worker program is missing or does not work
          70  a bug in phasesweep
          73  the results are locked, not writable, newer or not ours
          74  the results are damaged, or the disk is full or fails
          75  interrupted; the same command resumes

        """))
  }

  @Test func everyCommandHasHelp() async throws {
    #expect(try await bench.run("--version").output == "\(phasesweepVersion)\n")
    for command in ["run", "plan", "status", "fit", "render", "flow"] {
      let help = try await bench.run(command, "--help")
      #expect(help.status == 0)
      #expect(help.output.hasPrefix("OVERVIEW: "))
      #expect(help.output.contains("USAGE: phasesweep \(command) "))
    }
  }
}
