import ArgumentParser
import Networks
import Orchestration
import Planning
import Platform

/// `gammaplane plan`.
struct PlanCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "plan",
    abstract: "Show the planned runs and their estimated cost (dry run).",
    discussion: """
      Counts the runs of every width that are done, failed or to do, and estimates what they cost. What \
      shards have recorded counts as well. Changes nothing and needs no worker.

      \(ExitStatus.help)
      """)

  @Argument(help: "A grid file.", completion: .file(extensions: ["yaml", "yml"]))
  var grid: String

  @OptionGroup var machine: MachineOptions
  @OptionGroup var results: ResultsOption

  @Flag(help: "One JSON value instead of text.")
  var json = false

  @Flag(help: "Confirm a sweep of more than 10 million runs.")
  var yes = false

  mutating func run() async throws {
    let families = NetworkFamilies.builtIn
    let log = TerminalDisplay()
    let sweep = try loadGrid(grid, families: families, allowHuge: yes)
    let folder = SweepFolder(results: results.place, sweep: sweep)
    if let warning = folder.namesakeWarning { log.note(warning) }
    let memory = machine.request.memory(sweep.limits)
    let plan = try Plan(sweep: sweep, families: families, memory: memory, recordedAnywhereIn: folder, log)
    let report = PlanReport(
      plan, of: sweep, families: families, workers: machine.request.workerCount, memory: memory)
    if json {
      try Console.print(json: report)
      return
    }
    Console.print(report.text)
    if let worker = sweep.worker {
      if let store = try folder.store(mayBeMissing: true),
        let change = try WorkerChange.failure(sweep, recordedIn: store)
      {
        throw change
      }
      Console.note("runs are computed by: \(worker.arguments.map(shellQuoted).joined(separator: " "))")
    }
  }
}
