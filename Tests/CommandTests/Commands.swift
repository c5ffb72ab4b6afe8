import Foundation
import Model
import ResultStore
import Testing

/// A folder with grid files and results, in which the real executables are run.
final class Workbench {
  let url: URL

  init() throws {
    url = FileManager.default.temporaryDirectory.appendingPathComponent(
      "gammaplane-commands-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(at: url) }

  func path(_ name: String) -> String { url.appendingPathComponent(name).path }

  /// Writes a grid of two points with so many widths and two seeds: runs of a few milliseconds
  /// each.
  @discardableResult
  func grid(_ name: String = "tiny", widths: [Int] = [50, 100, 150], attempts: Int = 3) throws -> String {
    let text = """
      name: \(name)
      axes:
        gamma:       [0.5, 1.75]
        gamma_prime: [0.0]
        width:       \(widths)
        seed:        { count: 2 }
      limit: off
      network: { activation: relu, bias: true, antisymmetric: false }
      samples:
        x: [-1.0, -0.3, 0.4, 1.0]
        y: [ 0.2, -0.4, 0.6, -0.1]
      stop:    { mean_squared_residual: 1e-3, steps: 100000, wall_seconds: 600 }
      limits:  { attempts: \(attempts), shutdown_grace_period: 1, heartbeat_timeout: 3600 }

      """
    return try file("\(name).yaml", text)
  }

  /// Writes a file; returns its name.
  @discardableResult
  func file(_ name: String, _ text: String) throws -> String {
    try Data(text.utf8).write(to: url.appendingPathComponent(name))
    return name
  }

  /// Writes a worker: a shell script in which `$WORKER` is the real one. Returns its path.
  func worker(_ script: String) throws -> String {
    let name = try file(
      "worker-\(UUID().uuidString).sh", "#!/bin/sh\nWORKER='\(Executables.worker)'\n\(script)\n")
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: path(name))
    return path(name)
  }

  /// A worker that makes so many runs and then waits until the gate is opened.
  func gatedWorker(runs: Int) throws -> String {
    try worker(
      """
      lines=0
      while IFS= read -r line; do
        lines=$((lines + 1))
        while [ $lines -gt \(runs + 1) ] && [ -d '\(url.path)' ] && [ ! -e '\(path("gate"))' ]; do sleep 0.05; done
        printf '%s\\n' "$line"
      done | exec "$WORKER"
      """)
  }

  /// Lets all gated workers resume.
  func openGate() throws { try file("gate", "open") }

  /// Starts `gammaplane` in the folder.
  func start(
    _ arguments: [String], worker: String? = nil, environment: [String: String] = [:]
  ) throws -> RunningCommand {
    try RunningCommand(
      Executables.gammaplane, arguments, in: self, worker: worker, environment: environment)
  }

  /// Runs `gammaplane` in the folder to its end.
  func run(_ arguments: String..., worker: String? = nil) async throws -> Ended {
    try await start(arguments, worker: worker).end()
  }

  /// The results of a sweep without measurements and provenance, which differ between repeats.
  func results(_ name: String = "tiny", in folder: String = "results") throws -> [RunRecord] {
    let store = try ResultStore.read(at: path("\(folder)/\(name)/\(ResultStore.fileName)"))
    return try store.records(of: store.sweep(named: name)).map { record in
      var result = record.result
      result.wallSeconds = 0
      result.initialSeconds = 0
      return RunRecord(
        identity: record.identity, run: record.run, problem: record.problem, result: result,
        budget: record.budget, attempts: 1, record: record.record,
        finishedAt: Date(timeIntervalSince1970: 0))
    }
  }

  /// Waits until so many runs of a sweep are recorded.
  func waitForResults(_ number: Int, of name: String = "tiny") async throws {
    let isThere = try await comesTrue {
      if let count = try? self.results(name).count { count >= number } else { false }
    }
    if !isThere { Issue.record("there are no \(number) results") }
  }
}

/// Waits until a condition holds, two minutes at most: far longer than it takes, for a machine may
/// be busy.
///
/// - Returns: whether it holds.
func comesTrue(_ isSo: () throws -> Bool) async throws -> Bool {
  let start = ContinuousClock.now
  while start.duration(to: .now) < .seconds(120) {
    if try isSo() { return true }
    try await Task.sleep(for: .milliseconds(10))
  }
  return try isSo()
}

/// How a command ended, and what it printed.
struct Ended {
  /// The exit code, or the number of the signal that ended it.
  var status: Int32
  var wasSignalled: Bool
  var output: String
  var errors: String
}

/// A command under way.
final class RunningCommand {
  let process = Process()
  private let output: URL
  private let errors: URL
  private let exit: AsyncStream<Void>

  init(
    _ executable: String, _ arguments: [String], in bench: Workbench, worker: String? = nil,
    environment additions: [String: String] = [:]
  ) throws {
    // Files, not pipes: nothing has to be read while the command runs.
    output = bench.url.appendingPathComponent("out-\(UUID().uuidString)")
    errors = bench.url.appendingPathComponent("err-\(UUID().uuidString)")
    for file in [output, errors] { try Data().write(to: file) }
    process.executableURL = URL(fileURLWithPath: executable)
    process.arguments = arguments
    process.currentDirectoryURL = bench.url
    var environment = ProcessInfo.processInfo.environment
    environment["GAMMAPLANE_WORKER"] = worker
    environment.merge(additions) { $1 }
    process.environment = environment
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = try FileHandle(forWritingTo: output)
    process.standardError = try FileHandle(forWritingTo: errors)
    let (exit, done) = AsyncStream<Void>.makeStream()
    self.exit = exit
    process.terminationHandler = { _ in done.finish() }
    try process.run()
  }

  func send(_ signal: Int32) { kill(process.processIdentifier, signal) }

  /// What it has printed so far.
  func printed() throws -> String { String(decoding: try Data(contentsOf: output), as: UTF8.self) }

  /// What it has written to standard error so far.
  /// The file that the command's standard error goes to.
  var errorFile: String { errors.path }

  func said() throws -> String { String(decoding: try Data(contentsOf: errors), as: UTF8.self) }

  func end() async throws -> Ended {
    for await _ in exit {}
    return Ended(
      status: process.terminationStatus, wasSignalled: process.terminationReason == .uncaughtSignal,
      output: try printed(),
      errors: try said())
  }
}

/// The executables under test, beside the test bundle.
enum Executables {
  static let gammaplane = path("gammaplane")
  static let worker = path("gammaplane-worker")

  private static func path(_ name: String) -> String {
    let bundle = Bundle.main.executableURL?.deletingLastPathComponent()
    let package = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    let folders = [bundle, package.appendingPathComponent(".build/debug")].compactMap { $0 }
    let candidates = folders.map { $0.appendingPathComponent(name).path }
    return candidates.first { FileManager.default.isExecutableFile(atPath: $0) } ?? name
  }
}
