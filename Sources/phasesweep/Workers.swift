import ArgumentParser
import Foundation
import Scheduling

/// How many workers there are; an option of the commands that start them or reckon with them.
struct WorkersOption: ParsableArguments {
  @Option(
    name: .customLong("workers"), parsing: .unconditional,
    help: ArgumentHelp(
      "How many runs are integrated at the same time (default: the cores this process may use).",
      valueName: "n"))
  var requested: Int?

  func validate() throws {
    if let requested, requested < 1 {
      throw ValidationError("--workers must be at least 1, not \(requested).")
    }
    if let requested, requested > 4096 {
      throw ValidationError("--workers must be at most 4096, not \(requested).")
    }
  }

  /// The number asked for, or that of the available cores.
  var count: Int { requested ?? availableCores() }
}

/// The number of cores that this process may run on: those in its affinity mask, which a batch system or
/// `taskset` may have narrowed.
func availableCores() -> Int {
  let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
  for line in status.split(separator: "\n") where line.hasPrefix("Cpus_allowed:") {
    let cores = line.dropFirst("Cpus_allowed:".count).reduce(0) {
      $0 + ($1.hexDigitValue?.nonzeroBitCount ?? 0)
    }
    if cores > 0 { return cores }
  }
  return max(1, ProcessInfo.processInfo.activeProcessorCount)
}

/// The worker program: the one named in the environment, else the one beside this executable.
func locateWorker(environment: [String: String] = ProcessInfo.processInfo.environment) throws -> WorkerCommand
{
  let variable = "PHASESWEEP_WORKER"
  if let path = environment[variable], !path.isEmpty {
    guard !isFolder(path) else {
      throw CommandFailure(
        .noWorker,
        "the worker program \(path) (from the environment variable \(variable)) is a folder; name a program in "
          + "it, or unset the variable")
    }
    guard access(path, X_OK) == 0 else {
      throw CommandFailure(
        .noWorker,
        "the worker program \(path) (from the environment variable \(variable)) cannot be executed "
          + "(\(String(cString: strerror(errno)))); correct or unset the variable")
    }
    return WorkerCommand(path: path)
  }
  let own =
    (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe"))
    ?? Bundle.main.executablePath ?? CommandLine.arguments[0]
  let path = URL(fileURLWithPath: own).deletingLastPathComponent()
    .appendingPathComponent("phasesweep-worker").path
  guard access(path, X_OK) == 0 else {
    throw CommandFailure(
      .noWorker,
      "the worker program \(path) cannot be executed (\(String(cString: strerror(errno)))); build "
        + "it with `swift build --product phasesweep-worker`, or name it in the environment variable "
        + variable)
  }
  return WorkerCommand(path: path)
}
