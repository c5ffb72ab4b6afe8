import ArgumentParser
import Cluster
import GridFile
import Model

/// What to ask of Slurm; what is left out is the grid's to say, or the cluster's.
struct SlurmOptions: ParsableArguments {
  @Option(help: "How many tasks, and so shards (default: such that each takes about an hour; 1000 at most).")
  var tasks: Int?

  @Option(help: "The partition.")
  var partition: String?

  @Option(help: "The time limit of a task, as sbatch writes it: 90, 04:00:00, 1-12.")
  var time: String?

  @Option(
    name: .customLong("mem"),
    help: """
      The memory of a task: 8GiB, or as sbatch writes it, 8G or 8192 (MiB) (default: what its runs are \
      expected to need).
      """)
  var memory: String?

  @Option(help: "The cores of a task (default: 1).")
  var cpusPerTask: Int?

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

  /// What is asked for.
  var request: SlurmRequest {
    SlurmRequest(
      tasks: tasks, partition: partition, time: time, memory: memory.flatMap(SlurmRequest.bytes),
      cpusPerTask: cpusPerTask, options: options)
  }
}
