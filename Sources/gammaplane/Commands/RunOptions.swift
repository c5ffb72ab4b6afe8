import ArgumentParser
import Foundation
import Orchestration
import Platform

/// Options of the commands that run a sweep, and what these commands do alike.
struct RunOptions: ParsableArguments {
  @OptionGroup var machine: MachineOptions
  @OptionGroup var processes: ProcessesOptions
  @OptionGroup var results: ResultsOption

  @OptionGroup var workerChange: WorkerChangeOption
  @OptionGroup var onEnd: OnEndOption

  /// The request for a grid.
  func request(_ grid: String) -> RunRequest {
    RunRequest(
      grid: grid, results: results.place, resources: machine.request, processes: processes.request,
      acceptsWorkerChange: workerChange.isAccepted)
  }

  /// Prepares the process for a run.
  func begin() -> Interruption {
    // Before there are many threads, and again before workers are started: one that was just being
    // made slips through.
    processes.request.apply()
    let interruption = Interruption(TerminalDisplay())
    SignalWatch.start { interruption.signalled($0) }
    return interruption
  }

  /// The runner of a request, in a terminal.
  func runner(_ request: RunRequest) -> SweepRunner {
    SweepRunner(request, display: TerminalDisplay(), draw: drawPhaseMap)
  }
}

/// Whether a worker of one's own may have another command line than before.
struct WorkerChangeOption: ParsableArguments {
  @Flag(
    name: .customLong("accept-worker-change"),
    help: """
      Accept results of a worker of your own beside those that another command line of it has made; \
      only where both compute the same.
      """)
  var isAccepted = false
}

/// Refuses the folder of a submission where a grid is meant.
func refuseSubmission(_ path: String) throws {
  guard isFolder(path),
    let shards = try? ShardSet(path: URL(fileURLWithPath: path).path).readManifest().shards.count
  else { return }
  throw Failure(
    .usage, "\(path) is a submission of \(Formatting.count(shards, "shard")); name one: --shard 1/\(shards)")
}
