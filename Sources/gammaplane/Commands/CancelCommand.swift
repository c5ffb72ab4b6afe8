import ArgumentParser
import Orchestration
import Platform

/// `gammaplane cancel`.
struct CancelCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "cancel",
    abstract: "Cancel the tasks of a sweep that wait or run in Slurm.",
    discussion: """
      Tasks that run checkpoint their runs and keep what they have recorded; `submit slurm` resumes \
      them. The job that merges stays, and merges what there is; with --all it is cancelled as well.

      \(ExitStatus.help)
      """)

  @Argument(help: "A grid file, or the name of a sweep.", completion: .gridOrSweep)
  var grid: String

  @OptionGroup var results: ResultsOption

  @Flag(help: "Also the job that merges.")
  var all = false

  mutating func run() async throws {
    try Canceller(grid, results: results.place, all: all, TerminalDisplay()).cancel()
  }
}
