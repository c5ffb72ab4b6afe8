import ArgumentParser
import Orchestration

/// `gammaplane run`.
struct RunCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run",
    abstract: "Run a sweep, or what is left of it, and draw its phase map.",
    discussion: """
      Starts worker processes, records every result in RESULTS/NAME/gammaplane.sqlite, fits the \
      exponents and draws RESULTS/NAME/phase-map.svg. The same command resumes a sweep that was \
      interrupted, and does nothing, quickly, when all is done. Results of shards are merged first. \
      The first SIGINT, SIGTERM, SIGUSR1 or SIGHUP starts no more runs, checkpoints or finishes those \
      under way, and ends within limits.shutdown_grace_period (10 s); a second one ends it at once. No \
      recorded result is ever lost. --sample runs a few runs of all widths first, to see whether costs and \
      results make sense.

      \(ExitStatus.help)
      """)

  @Argument(
    help: "A grid file; with --shard also the folder of a submission.",
    completion: .file(extensions: ["yaml", "yml"]))
  var grid: String

  @OptionGroup var running: RunOptions
  @OptionGroup var sharding: ShardOptions

  @Option(
    help: ArgumentHelp(
      """
      Run only so many runs, chosen at random and the same each time; then print what they cost, how they \
      ended, and what the whole sweep would take.
      """, valueName: "n"))
  var sample: Int?

  @Flag(help: "Retry the runs that failed in earlier sessions.")
  var retryFailed = false

  @Flag(help: "Confirm a sweep of more than 10 million runs.")
  var yes = false

  func validate() throws {
    if let sample, sample < 1 { throw ValidationError("--sample must be at least 1, not \(sample).") }
    guard sharding.shard != nil else { return }
    if sample != nil { throw ValidationError("--sample is for the whole sweep; leave out --shard.") }
    if running.onEnd.command != nil {
      throw ValidationError("--on-end is for the whole sweep; sbatch has --mail-type for its tasks.")
    }
  }

  mutating func run() async throws {
    var request = running.request(grid)
    request.retries = retryFailed ? .all : .none
    request.allowHuge = yes
    request.sample = sample
    let interruption = running.begin()
    if let shard = sharding.shard {
      try await ShardRun(
        shard, request, scratch: sharding.scratch, requeues: sharding.requeue, TerminalDisplay()
      ).run(interruption)
      return
    }
    try refuseSubmission(grid)
    try await running.onEnd.run(after: request) {
      let outcome = try await running.runner(request).run(interruption)
      if let sample = outcome.sample { Console.print(sample.text(workers: request.resources.workerCount)) }
      try outcome.report()
    }
  }
}
