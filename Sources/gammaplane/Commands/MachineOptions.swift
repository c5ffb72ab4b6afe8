import ArgumentParser
import GridFile
import Orchestration

/// What a sweep may use of the machine; options of the commands that start workers or estimate
/// costs.
struct MachineOptions: ParsableArguments {
  @Option(
    name: .customLong("workers"), parsing: .unconditional,
    help: ArgumentHelp(
      "How many runs are computed at the same time (default: the cores this process may use).",
      valueName: "n"))
  var workers: Int?

  @Option(
    name: .customLong("memory"),
    help: ArgumentHelp(
      """
      How much memory all workers together may use, such as 8GiB (default: what the grid, the control \
      group, the batch system and the machine allow, whichever is least).
      """, valueName: "size"))
  var memory: String?

  func validate() throws {
    if let workers, workers < 1 { throw ValidationError("--workers must be at least 1, not \(workers).") }
    if let workers, workers > 4096 {
      throw ValidationError("--workers must be at most 4096, not \(workers).")
    }
    if let memory, byteCount(of: memory) == nil {
      throw ValidationError("--memory must be a size such as 500MB or 8GiB, not “\(memory)”.")
    }
  }

  /// What was asked for.
  var request: ResourceRequest {
    ResourceRequest(workers: workers, memory: memory.flatMap(byteCount(of:)))
  }
}

/// How worker processes run; options of the commands that start them.
struct ProcessesOptions: ParsableArguments {
  @Option(
    name: .customLong("nice"),
    help: ArgumentHelp(
      "The niceness (nice(1)) of this process and all workers, from 0 to 19.",
      valueName: "n"))
  var niceness: Int?

  @Flag(help: "Keep every worker to one core of its own, as far as there are enough.")
  var pin = false

  func validate() throws {
    if let niceness, !(0...19).contains(niceness) {
      throw ValidationError("--nice must be from 0 to 19, not \(niceness).")
    }
  }

  /// What was asked for.
  var request: ProcessRequest { ProcessRequest(niceness: niceness, isPinned: pin) }
}

/// Where results are kept; an option of every command.
struct ResultsOption: ParsableArguments {
  @Option(
    name: .customLong("results"), help: "The folder below which every sweep has a folder of its own.",
    completion: .directory)
  var folder = ResultsFolder.defaultPath

  func validate() throws {
    if folder.isEmpty {
      throw ValidationError("--results is empty; name a folder, or leave it out for the folder results.")
    }
  }

  /// The folder.
  var place: ResultsFolder { ResultsFolder(path: folder) }

  /// A command for the user to type, with the option repeated if it was given.
  func command(_ words: String...) -> String { place.command(words) }
}
