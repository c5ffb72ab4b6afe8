import ArgumentParser
import ResultStore

/// `gammaplane retry`.
struct RetryCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "retry",
    abstract: "Try runs again that were set aside, and whatever else is to do.",
    usage: "gammaplane retry [--reason <reason>] <grid> [<options of run>]",
    discussion: """
      Forgets the failures of a sweep, or those of one reason, says how many there were, and then does what \
      `gammaplane run` does, with the same options.
      """)

  @Option(
    help: ArgumentHelp(
      "Only runs that failed for this reason: attempts, refused, memory, or a part of what `status` says."))
  var reason: String?

  @Argument(
    parsing: .allUnrecognized,
    help: ArgumentHelp("A grid file, and options of `gammaplane run`.", valueName: "grid"))
  var rest: [String] = []

  func validate() throws {
    if reason == "" { throw ValidationError("--reason is empty; leave it out for all reasons.") }
  }

  /// The options of `run`, of which errors are ours.
  private func parsed() throws -> RunCommand {
    do {
      return try RunCommand.parse(rest)
    } catch {
      guard RunCommand.exitCode(for: error) != .success else { throw error }
      throw CommandFailure(
        .usage,
        RunCommand.message(for: error) + "\nUsage: \(Self.configuration.usage ?? "")\n"
          + "  See 'gammaplane retry --help' and 'gammaplane run --help' for more information.")
    }
  }

  mutating func run() async throws {
    let command = try parsed()
    if command.sharding.shard != nil {
      throw CommandFailure(
        .usage,
        "retry is about the whole sweep; for its shards, say `gammaplane run --shard I/N --retry-failed GRID` or `gammaplane submit "
          + "slurm --retry-failed GRID`")
    }
    let sweep = try loadGrid(command.grid, allowHuge: command.yes)
    let folder = SweepFolder(results: command.results.folder, sweep: sweep)
    try command.refuseWhatTasksAreAt(sweep, folder)
    if !folder.hasDatabase, !ShardSet.all(in: folder).flatMap(\.tasks).isEmpty {
      throw CommandFailure(
        .noInput,
        "what is known of \(sweep.name) is in shards; \(command.results.command("merge", command.grid)) brings it together"
      )
    }
    // Not to make a database where there is none.
    try ResultStore.read(at: folder.database, checked: false).close()
    let store = try ResultStore.open(at: folder.database)
    // Before, or failures that are in shards would be back at once.
    _ = try command.takeIn(folder, into: store)
    let forgotten = try store.forgetFailures(of: sweep.problem.digest, reason: reason)
    let left = try store.failureGroups(of: sweep)
    try store.close()
    let why = reason.map { " (\($0))" } ?? ""
    Console.note("\(sweep.name): \(Formatting.count(forgotten, "failed run"))\(why) to be tried again")
    if forgotten == 0, !left.isEmpty {
      let reasons = Set(left.map(\.example.cause)).sorted().joined(separator: ", ")
      Console.note("failed for other reasons: \(reasons)")
    }
    try await command.run(takingIn: false)
  }
}
