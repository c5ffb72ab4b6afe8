import Foundation
import Model
import Platform
import Scheduling

/// The worker program of a sweep: the one named in the environment, else the one that its grid
/// names, else the one beside this executable.
package func locateWorker(of sweep: Sweep) throws -> WorkerCommand {
  let isOverridden = ProcessInfo.processInfo.environment[workerVariable]?.isEmpty == false
  guard !isOverridden, let program = sweep.worker, let name = program.arguments.first else {
    return try locateWorker()
  }
  let path = name.contains("/") && !name.hasPrefix("/") ? program.folder + "/" + name : name
  let obstacle = accessError(path, X_OK) ?? (isFolder(path) ? SystemError(EISDIR) : nil)
  if path.contains("/"), let obstacle {
    throw Failure(
      .unavailable,
      "the worker program \(path) that the grid names cannot be executed (\(obstacle)); check "
        + "its path, which is relative to the folder of the grid, and its permissions")
  }
  guard isFolder(program.folder) else {
    throw Failure(
      .unavailable, "the folder \(program.folder), in which the worker of the grid is to run, is not there")
  }
  return WorkerCommand(
    path: path, arguments: Array(program.arguments.dropFirst()), folder: program.folder)
}

/// The environment variable that names a worker program.
private let workerVariable = "GAMMAPLANE_WORKER"

/// The worker program where a grid names none.
package func locateWorker(environment: [String: String] = ProcessInfo.processInfo.environment) throws
  -> WorkerCommand
{
  if let path = environment[workerVariable], !path.isEmpty {
    guard !isFolder(path) else {
      throw Failure(
        .unavailable,
        "the worker program \(path) (from the environment variable \(workerVariable)) is a folder; name a program in "
          + "it, or unset the variable")
    }
    if let obstacle = accessError(path, X_OK) {
      throw Failure(
        .unavailable,
        "the worker program \(path) (from the environment variable \(workerVariable)) cannot be executed "
          + "(\(obstacle)); correct or unset the variable")
    }
    return WorkerCommand(path: path)
  }
  let path = URL(fileURLWithPath: ownProgram().path).deletingLastPathComponent()
    .appendingPathComponent("gammaplane-worker").path
  if let obstacle = accessError(path, X_OK) {
    throw Failure(
      .unavailable,
      "the worker program \(path) cannot be executed (\(obstacle)); build "
        + "it with `swift build --product gammaplane-worker`, or name it in the environment variable "
        + workerVariable)
  }
  return WorkerCommand(path: path)
}

extension WorkerCommand {
  /// The command with its arguments, as one would type it in its folder.
  package var words: String { ([path] + arguments).map(shellQuoted).joined(separator: " ") }

  /// What to type to see how it begins when it is given nothing to do.
  package var trial: String {
    let start = words + " < /dev/null"
    return folder.map { "(cd \(shellQuoted($0)) && \(start))" } ?? start
  }
}

/// This program, with arguments.
package func ownProgram(_ arguments: String...) -> WorkerCommand {
  let path =
    (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe"))
    ?? Bundle.main.executablePath ?? CommandLine.arguments[0]
  return WorkerCommand(path: path, arguments: arguments)
}
