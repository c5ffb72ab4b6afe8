import ArgumentParser
import Foundation
import Orchestration

/// A command to run once when a sweep has ended, however it did.
struct OnEndOption: ParsableArguments {
  @Option(
    name: .customLong("on-end"),
    help: ArgumentHelp(
      """
      Run this with sh at the end, whether the sweep is complete, was interrupted or failed; the variables \
      GAMMAPLANE_SWEEP, GAMMAPLANE_STATE, GAMMAPLANE_EXIT_CODE, GAMMAPLANE_TOTAL, GAMMAPLANE_DONE, \
      GAMMAPLANE_FAILED, GAMMAPLANE_TO_DO and GAMMAPLANE_DATABASE tell how it ended.
      """, valueName: "command"))
  var command: String?

  func validate() throws {
    if command?.isEmpty == true {
      throw ValidationError("--on-end is empty; name a command, or leave it out.")
    }
  }

  /// Runs a sweep, then the command.
  ///
  /// - Throws: what the sweep throws. A command that fails is noted, and changes nothing.
  func run(after request: RunRequest, _ sweep: () async throws -> Void) async throws {
    guard let command else { return try await sweep() }
    do {
      try await sweep()
    } catch {
      end(request, with: Failure(error)?.status ?? .software, command)
      throw error
    }
    end(request, with: .done, command)
  }

  private func end(_ request: RunRequest, with status: ExitStatus, _ command: String) {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/bin/sh")
    process.arguments = ["-c", command]
    process.environment = ProcessInfo.processInfo.environment
      .merging(Self.variables(request, status)) { $1 }
    process.standardInput = FileHandle.nullDevice
    do {
      try process.run()
      process.waitUntilExit()
    } catch {
      Console.note("warning: the command of --on-end cannot be started (\(error.localizedDescription))")
      return
    }
    let code = process.terminationStatus
    if code != 0 { Console.note("warning: the command of --on-end ended with code \(code)") }
  }

  /// How a sweep ended. What is not known, as of a grid that cannot be read, is left out.
  private static func variables(_ request: RunRequest, _ status: ExitStatus) -> [String: String] {
    var values = ["EXIT_CODE": "\(status.rawValue)"]
    if let reference = try? SweepReference(request.grid, in: request.results) {
      values["SWEEP"] = reference.folder.name
      values["DATABASE"] = reference.folder.database
      if let report = try? SweepStatus(reference) {
        values["STATE"] = report.state.rawValue
        values["TOTAL"] = "\(report.runs.total)"
        values["DONE"] = "\(report.runs.done)"
        values["FAILED"] = "\(report.runs.failed)"
        values["TO_DO"] = "\(report.runs.toDo)"
      }
    }
    return Dictionary(uniqueKeysWithValues: values.map { ("GAMMAPLANE_" + $0.key, $0.value) })
  }
}
