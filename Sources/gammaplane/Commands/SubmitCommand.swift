import ArgumentParser
import Cluster
import GridFile
import Model
import Platform
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

  @Option(help: "How many tasks, and so shards (default: such that each takes about an hour; 1000 at most).")
  var tasks: Int?

  @Option(help: "The partition.")
  var partition: String?

  @Option(help: "The time limit of a task, as sbatch writes it: 90, 04:00:00, 1-12.")
  var time: String?

  @Option(
    name: .customLong("mem"),
    help:
      "The memory of a task: 8GiB, or as sbatch writes it, 8G or 8192 (MiB) (default: what its runs are expected to need)."
  )
  var memory: String?

  @Option(help: "The cores of a task (default: 1).")
  var cpusPerTask: Int?

  @Flag(help: "Print the script and the shards, and submit nothing.")
  var dryRun = false

  @Flag(help: "Also retry failed runs.")
  var retryFailed = false

  @OptionGroup var workerChange: WorkerChangeOption

  @OptionGroup var results: ResultsOption

  @Flag(help: "Confirm a sweep of more than 10 million runs.")
  var yes = false

  @Argument(
    parsing: .postTerminator,
    help: ArgumentHelp("Options of sbatch, such as --qos=low.", valueName: "options of sbatch"))
  var options: [String] = []

  func validate() throws {
    if let tasks, !(1...Shard.maxCount).contains(tasks) {
      throw ValidationError("--tasks must be from 1 to \(Shard.maxCount), not \(tasks).")
    }
    if let cpusPerTask, !(1...4096).contains(cpusPerTask) {
      throw ValidationError("--cpus-per-task must be from 1 to 4096, not \(cpusPerTask).")
    }
    if let memory, SlurmRequest.bytes(ofMemory: memory) == nil {
      throw ValidationError("--mem must be a size such as 8GiB, 8G or 8192 (MiB), not “\(memory)”.")
    }
    if let time, SlurmRequest.seconds(ofTimeLimit: time) == nil {
      throw ValidationError(
        "--time must be a time limit such as 90 (minutes), 04:00:00 or 1-12 (days and hours), not “\(time)”.")
    }
    if let partition, !SlurmRequest.isWord(partition) {
      throw ValidationError("--partition must be the name of a partition, not “\(partition)”.")
    }
    for option in options {
      if let objection = SlurmRequest.objection(toOption: option) {
        throw ValidationError("“\(option)” cannot be passed on to sbatch: \(objection).")
      }
    }
  }

  mutating func run() async throws {
    var request = RunRequest(grid: grid, results: results.place, allowHuge: yes)
    request.retries = retryFailed ? .all : .none
    request.acceptsWorkerChange = workerChange.isAccepted
    let asked = SlurmRequest(
      tasks: tasks, partition: partition, time: time, memory: memory.flatMap(SlurmRequest.bytes),
      cpusPerTask: cpusPerTask, options: options)
    try Submitter(request, asking: asked, TerminalDisplay()).submit(dryRun: dryRun)
  }
}
