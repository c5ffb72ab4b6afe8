import ArgumentParser
import Orchestration

/// `gammaplane merge`.
struct MergeCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "merge",
    abstract: "Merge shard results into the sweep's database.",
    discussion: """
      Merges what tasks of Slurm and `run --shard` have recorded so far, also while they run, and \
      draws the phase map; the same again changes nothing. Shards that are damaged are named and \
      skipped. Where two results of one run contradict each other, both are shown, what is recorded \
      stays, and the exit code is 74.

      \(ExitStatus.help)
      """)

  @Argument(
    help: "A grid file, the name of a sweep, or the folder of a submission.",
    completion: .gridOrSweep)
  var grid: String

  @OptionGroup var results: ResultsOption

  @Flag(
    help: """
      In a job of Slurm, for the folder of a submission: where tasks have not ended yet, submit the \
      job again, to run when they have; tasks that Slurm has lost are submitted again.
      """)
  var follow = false

  @Flag(help: "Confirm a sweep of more than 10 million runs.")
  var yes = false

  mutating func run() async throws {
    let merger = SweepMerger(
      grid, results: results.place, follow: follow, allowHuge: yes, TerminalDisplay(), draw: drawPhaseMap)
    try await merger.merge().report()
  }
}
