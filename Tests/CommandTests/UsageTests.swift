import Foundation
import Model
import ResultStore
import Testing

/// What the commands print, and their exit codes.
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
    let writer = try ResultStore.open(at: bench.path("results/tiny/gammaplane.sqlite"))
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
        ended.errors.hasPrefix("gammaplane: error: the grid cannot be used: 1 error\nwrong.yaml:8:1: error: ")
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
        == "gammaplane: error: there is no grid file “nowhere.yaml”; check the path (examples are in the folder "
        + "grids)\n")
    for command in ["status", "fit", "render"] {
      let sweep = try await bench.run(command, "nothing")
      #expect(sweep.status == 66)
      #expect(
        sweep.errors
          == "gammaplane: error: there is neither a grid file “nothing” nor a sweep of that name in results; "
          + "start a sweep with `gammaplane run GRID`\n")
      let unstarted = try await bench.run(command, "tiny.yaml")
      #expect(unstarted.status == 66)
      #expect(
        unstarted.errors
          == "gammaplane: error: results/tiny/gammaplane.sqlite holds no results yet; start the sweep with "
          + "`gammaplane run GRID`\n")
    }
    #expect(!FileManager.default.fileExists(atPath: bench.path("results")))
  }

  @Test func aMissingOrUselessWorkerIsNamed() async throws {
    let missing = try await bench.run("run", "tiny.yaml", worker: "/nonexistent/worker")
    #expect(missing.status == 69)
    #expect(
      missing.errors
        == "gammaplane: error: the worker program /nonexistent/worker (from the environment variable "
        + "GAMMAPLANE_WORKER) cannot be executed (No such file or directory); correct or unset the variable\n"
    )
    let useless = try bench.worker("echo 'cannot work' >&2; exit 3")
    let ended = try await bench.run("run", "tiny.yaml", worker: useless)
    #expect(ended.status == 69)
    #expect(ended.errors.contains("the worker cannot be used: \(useless) ended by itself: exit code 3"))
    #expect(ended.errors.hasSuffix("its standard error ends: cannot work\n"))
  }

  @Test func aFileInPlaceOfTheDatabaseIsLeftAlone() async throws {
    try FileManager.default.createDirectory(
      atPath: bench.path("results/tiny"), withIntermediateDirectories: true)
    try bench.file("results/tiny/gammaplane.sqlite", "my thesis")
    for command in ["run", "plan", "status", "fit", "render"] {
      #expect(try await bench.run(command, "tiny.yaml").status == 73)
    }
    #expect(
      try String(contentsOfFile: bench.path("results/tiny/gammaplane.sqlite"), encoding: .utf8) == "my thesis"
    )
  }

  @Test func wrongArgumentsExitWith64() async throws {
    let unknown = try await bench.run("run", "tiny.yaml", "--wokers", "2")
    #expect(unknown.status == 64)
    #expect(
      unknown.errors.hasPrefix("gammaplane: error: Unknown option '--wokers'. Did you mean '--workers'?\n"))
    let none = try await bench.run("run", "tiny.yaml", "--workers", "0")
    #expect(none.status == 64)
    #expect(none.errors.hasPrefix("gammaplane: error: --workers must be at least 1, not 0.\n"))
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
          69  what is needed is missing or does not work: a worker, a converter, Slurm
          70  a bug in gammaplane
          73  the results or an output are locked, read-only, newer or not ours
          74  the results are damaged, or the disk is full or fails
          75  interrupted; the same command resumes

        """))
  }

  @Test func theVersionIsTold() async throws {
    let version = try await bench.run("--version")
    #expect(version.status == 0 && version.output.hasPrefix(Program.version), "\(version.output)")
  }

  @Test func whatIsMisspeltIsGuessed() async throws {
    let grid = try await bench.run("plan", "tinny.yaml")
    #expect(grid.status == 66)
    #expect(
      grid.errors
        == "gammaplane: error: there is no grid file “tinny.yaml”; did you mean tiny.yaml?\n")
    let command = try await bench.run("rnu", "tiny.yaml")
    #expect(command.status == 64)
    #expect(command.errors.hasSuffix("Did you mean `gammaplane run`?\n"))
    let folder = try await bench.run("plan", ".")
    #expect(folder.status == 66)
    #expect(folder.errors == "gammaplane: error: “.” is a folder, not a grid file; name a file in it\n")
  }

  @Test func aFolderIsNoWorkerAndAnEmptyNameNoFolder() async throws {
    let worker = try await bench.run("run", "tiny.yaml", worker: bench.url.path)
    #expect(worker.status == 69)
    #expect(worker.errors.contains("is a folder; name a program in it, or unset the variable\n"))
    for command in ["run", "plan", "status", "fit", "render"] {
      let nowhere = try await bench.run(command, "tiny.yaml", "--results", "")
      #expect(nowhere.status == 64)
      #expect(nowhere.errors.hasPrefix("gammaplane: error: --results is empty; name a folder, "))
    }
    let negative = try await bench.run("plan", "tiny.yaml", "--workers", "-3")
    #expect(negative.errors.hasPrefix("gammaplane: error: --workers must be at least 1, not -3.\n"))
  }

  #if os(Linux)
    @Test(arguments: ["plan tiny.yaml", "--help", "flow --gamma 1 --gamma-prime 0 --width 50"])
    func aFullDiskBehindStandardOutputIsAnError(arguments: String) async throws {
      let shell = try RunningCommand(
        "/bin/sh", ["-c", "exec '\(Executables.gammaplane)' \(arguments) > /dev/full"], in: bench, worker: nil
      )
      let ended = try await shell.end()
      #expect(ended.status == 74)
      #expect(
        ended.errors
          == "gammaplane: error: standard output cannot be written (No space left on device); make room, or send "
          + "it elsewhere\n")
    }
  #endif

  /// Options of `flow`, and what is wrong with them.
  @Test(arguments: [
    ("--width -5", "The value '-5' is invalid for '--width <width>': the width must be a positive number"),
    ("", "give the width of the network: --width 1000, or --initial FILE.npz"),
    (
      "--width 9 --seed -3",
      "The value '-3' is invalid for '--seed <seed>': the seed must be a whole number from 0 to"
    ),
    ("--width 9 --steps -3", "--steps and --wall-seconds must be positive"),
    ("--initial F --seed 3", "--seed draws initial values; those of --initial are taken as they are"),
  ])
  func wrongOptionsOfFlow(options: String, message: String) async throws {
    let words =
      ["flow", "--gamma", "1", "--gamma-prime", "0"] + options.split(separator: " ").map(String.init)
    let ended = try await bench.start(words).end()
    #expect(ended.status == 64)
    #expect(ended.errors.hasPrefix("gammaplane: error: \(message)"))
    #expect(ended.errors.contains("gammaplane flow --help"))
  }

  /// Parameters have options of their own, and what is wrong with them is told in the words of
  /// these.
  @Test(arguments: [
    (["--gamma", "1", "--width", "9"], "there is no value of gamma_prime; give --gamma-prime NUMBER\n"),
    (["--width", "9"], "no value of gamma and gamma_prime; give --gamma NUMBER --gamma-prime NUMBER\n"),
    (
      ["--gamma", "1", "--gamma-prime", "0", "--at", "depth=2", "--width", "9"],
      "there is no parameter “depth”\n"
    ),
    (["--gamma", "1", "--at", "gama_prime=0", "--width", "9"], "did you mean gamma_prime?"),
    (
      ["--gama", "1", "--gamma-prime", "0", "--width", "9"],
      "Unknown option '--gama'. Did you mean '--gamma'?\n"
    ),
    (["--depth", "2", "--width", "9"], "Unknown option '--depth'. Did you mean '--at depth=2'?\n"),
    (["--gamma", "one", "--width", "9"], "--gamma takes a number, such as --gamma 1.5, not “one”"),
    (["--width", "9", "--gamma-prime"], "--gamma-prime takes a number, such as --gamma-prime 1.5\n"),
    (["--gamma=", "--width", "9"], "--gamma takes a number, such as --gamma 1.5, not “”"),
    (["--gamma", "17", "--gamma-prime", "0", "--width", "9"], "--gamma is 17; it must be from -16 to 16\n"),
    (
      ["--gamma", "1", "--gamma-prime", "0", "--width", "1.5"],
      "the width is 1.5; it must be a whole number from 1 to 1000000000\n"
    ),
    (
      ["--gamma", "1", "--gamma-prime", "0", "--width", "9", "--network", "depth=3"],
      "networks have no key “depth”"
    ),
    (
      ["--gamma", "1", "--gamma-prime", "0", "--width", "9", "--network", "antisymmetric=true"],
      "the width is 9; antisymmetric initial values need an even one"
    ),
  ])
  func parametersOfFlowAreNamed(options: [String], message: String) async throws {
    let ended = try await bench.start(["flow"] + options).end()
    #expect(ended.status == 64 && ended.output.isEmpty)
    #expect(
      ended.errors.hasPrefix("gammaplane: error: ") && ended.errors.contains(message), "\(ended.errors)")
  }

  /// However the parameters are written, they are the same.
  @Test func parametersAreWrittenInManyWays() async throws {
    let outputs = [
      ["--gamma", "1", "--gamma-prime", "-0.5"], ["--gamma=1", "--gamma-prime=-0.5"],
      ["--at", "gamma=1", "--at", "gamma_prime=-0.5"], ["--at=gamma_prime=\u{2212}0.5", "--gamma", "1e0"],
    ]
    for options in outputs {
      let ended = try await bench.start(["flow", "--width", "20", "--json"] + options).end()
      let value = try #require(try json(ended.output), "\(ended.errors)")
      #expect(value["setting"] as? [String: Double] == ["gamma": 1, "gamma_prime": -0.5], "\(options)")
    }
  }

  @Test func flowTakesWidthsLikeAGridAndNamesWhatItCannotUse() async throws {
    func flow(_ more: String...) async throws -> Ended {
      try await bench.start(["flow", "--gamma", "1", "--gamma-prime", "0"] + more).end()
    }
    let missing = try await flow("--width", "9", "--samples", "missing.csv")
    #expect(missing.status == 66)
    #expect(
      missing.errors == "gammaplane: error: there is no file of samples “missing.csv”; check the path\n")
    try bench.file("bad.csv", "x,z\n1,2\n")
    let bad = try await flow("--width", "9", "--samples", "bad.csv")
    #expect(bad.status == 65)
    #expect(
      bad.errors.hasPrefix("gammaplane: error: the file of samples cannot be used: 1 error\nbad.csv:1:3: "))
    // The target is met at the start: one row, not two.
    let ended = try await flow("--width", "1e2", "--target", "10")
    #expect(ended.output.split(separator: "\n").count == 5, "\(ended.output)")
  }
}
