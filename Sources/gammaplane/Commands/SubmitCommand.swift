import ArgumentParser
import Orchestration

/// `gammaplane submit`.
struct SubmitCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "submit", abstract: "Submit a sweep to a cluster scheduler.",
    subcommands: [SubmitSlurmCommand.self])

  /// What may have been meant by arguments that are wrong; nil if nothing is to be said.
  static func hint(about arguments: [String]) -> String? {
    guard arguments.first == configuration.commandName, arguments.count > 1, arguments[1] != "slurm"
    else { return nil }
    return "The name of the scheduler comes first: `gammaplane submit slurm GRID`."
  }
}

/// `gammaplane submit slurm`.
struct SubmitSlurmCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "slurm",
    abstract: "Submit what is left of a sweep as a Slurm job array.",
    usage: "gammaplane submit slurm <grid> [<options>] [-- <options of sbatch>]",
    discussion: """
      Divides the runs to do into shards of equal cost, writes the batch scripts into \
      RESULTS/NAME/shards/sN, and submits an array, a task a shard, and a job that merges what the \
      tasks leave, however these end. The same command again submits only runs that are not done and \
      belong to no task. Options may also stand in the grid, under slurm.

      \(ExitStatus.help)
      """)

  @Argument(help: "A grid file.", completion: .file(extensions: ["yaml", "yml"]))
  var grid: String

  @OptionGroup var slurm: SlurmOptions

  @Flag(help: "Print the script and the shards, and submit nothing.")
  var dryRun = false

  @Flag(help: "Also retry failed runs.")
  var retryFailed = false

  @OptionGroup var workerChange: WorkerChangeOption

  @OptionGroup var results: ResultsOption

  @Flag(help: "Confirm a sweep of more than 10 million runs.")
  var yes = false

  mutating func run() async throws {
    var request = RunRequest(grid: grid, results: results.place, allowHuge: yes)
    request.retries = retryFailed ? .all : .none
    request.acceptsWorkerChange = workerChange.isAccepted
    try Submitter(request, asking: slurm.request, TerminalDisplay()).submit(dryRun: dryRun)
  }
}
