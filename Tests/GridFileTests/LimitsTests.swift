import Model
import Testing

@testable import GridFile

/// The keys that decide when runs end, what they may use, and where their results go.
struct LimitsTests {
  private func sweep(_ rest: String) throws(GridError) -> Sweep { try DemoGrid(rest: rest).sweep() }

  @Test func everyKeyArrives() throws {
    let sweep = try sweep(
      """
      stop: { mean_squared_residual: 1e-8, steps: 1e7, wall_seconds: 0.5, time: 1e6 }
      tolerance: 1e-4
      database: shared_2
      limits:
        { attempts: 1, memory: 4GiB, run_memory: 1GiB, heartbeat_timeout: 1.5, shutdown_grace_period: 3600,
          initial_failures: 5, hello_timeout: 600 }
      """)
    #expect(sweep.problem.target == 1e-8 && sweep.problem.tolerance == 1e-4)
    #expect(sweep.budget == Budget(steps: 10_000_000, wallSeconds: 0.5, time: 1e6))
    #expect(sweep.database == "shared_2")
    #expect(
      sweep.limits
        == Limits(
          attempts: 1, initialFailures: 5, memory: 4 << 30, runMemory: 1 << 30, helloTimeout: 600,
          heartbeatTimeout: 1.5, shutdownGracePeriod: 3600))
  }

  @Test func whatIsLeftOutIsTheDefault() throws {
    let sweep = try sweep("")
    #expect(sweep.worker == nil && sweep.database == nil && sweep.slurm == nil && sweep.record.isEmpty)
    #expect(sweep.limits == Limits() && sweep.budget == .default)
    #expect(sweep.problem.target == Problem.defaultTarget)
    #expect(sweep.problem.tolerance == Problem.defaultTolerance)
  }

  @Test func noneOfThemIsPartOfTheIdentity() throws {
    let plain = try sweep("").problem.digest
    let others =
      "worker: [w]\ndatabase: d\nlimits: { run_memory: 1GB, heartbeat_timeout: 5 }\nstop: { steps: 5 }"
    #expect(try sweep(others).problem.digest == plain)
    #expect(try sweep("stop: { mean_squared_residual: 1e-5 }").problem.digest != plain)
    #expect(try sweep("tolerance: 1e-4").problem.digest != plain)
  }

  @Test func wholeErrors() {
    #expect(
      DemoGrid(rest: "database: ../elsewhere").error == """
        grid.yaml:9:11: error: database must be 1 to 100 letters (a-z, A-Z), digits, '-', '_' or '.', beginning \
        with a letter, digit or '_', found ../elsewhere
        database: ../elsewhere
                  ^
        hint: the database becomes a folder in results/, for example: database: shared
        """)
    #expect(
      DemoGrid(rest: "limits: { memory: 1GB, run_memory: 2GB }").error == """
        grid.yaml:9:36: error: limits.run_memory is more than limits.memory, so that no run could begin
        limits: { memory: 1GB, run_memory: 2GB }
                                           ^
        hint: lower run_memory, or raise memory
        """)
  }

  @Test(arguments: [
    ("database: [a]", "9:11", "database must be 1 to 100 letters"),
    ("database: .hidden", "9:11", "database must be 1 to 100 letters"),
    (
      "limits: { heartbeat_timeout: 0.5 }", "9:30",
      "limits.heartbeat_timeout must be a number of seconds, at least 1, found 0.5"
    ),
    (
      "limits: { heartbeat_timeout: .inf }", "9:30",
      "limits.heartbeat_timeout must be a number of seconds, at least 1, found .inf"
    ),
    (
      "limits: { shutdown_grace_period: 0 }", "9:34",
      "limits.shutdown_grace_period must be a number of seconds from 1 to 3600, found 0"
    ),
    (
      "limits: { shutdown_grace_period: 3601 }", "9:34",
      "limits.shutdown_grace_period must be a number of seconds from 1 to 3600, found 3601"
    ),
    ("limits: { run_memory: much }", "9:23", "limits.run_memory must be a number of bytes"),
    ("run_memory: 1GB", "9:1", "unknown key \"run_memory\" in the grid"),
    (
      "stop: { mean_squared_residual: 0 }", "9:32",
      "stop.mean_squared_residual must be a number above 0, found 0"
    ),
    (
      "stop: { steps: 1.5 }", "9:16",
      "stop.steps must be a whole number from 1 to 9007199254740991, found 1.5"
    ),
    ("stop: { wall_seconds: -1 }", "9:23", "stop.wall_seconds must be a number of seconds above 0, found -1"),
    ("stop: { time: 0 }", "9:15", "stop.time must be a number above 0, found 0"),
    ("tolerance: 0.2", "9:12", "tolerance must be a number above 0, at most 0.1, found 0.2"),
    ("limits: { attempts: 0 }", "9:21", "limits.attempts must be a whole number from 1 to 1000, found 0"),
    (
      "limits: { memory: 4 gigs }", "9:19",
      "limits.memory must be a number of bytes, at least 1, with or without a unit, found 4 gigs"
    ),
    (
      "limits: 4", "9:9",
      "limits must be a mapping with the keys attempts, initial_failures, memory, run_memory"
    ),
  ])
  func everyKeyIsChecked(rest: String, place: String, message: String) {
    let error = DemoGrid(rest: rest).error
    #expect(error.hasPrefix("grid.yaml:\(place): error: \(message)"), "\(error)")
  }

  /// Keys of an earlier draft of the format lead to their names of today.
  @Test(arguments: [
    ("also: []", "include"), ("keep: []", "record"), ("limits: { silence: 5 }", "heartbeat_timeout"),
    ("limits: { grace: 5 }", "shutdown_grace_period"),
  ])
  func formerKeysAreUnknown(rest: String, name: String) {
    let error = DemoGrid(rest: rest).error
    #expect(error.contains("error: unknown key") && error.contains("\" is called \"\(name)\""), "\(error)")
  }
}
