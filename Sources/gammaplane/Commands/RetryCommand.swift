import ArgumentParser
import Orchestration

/// `gammaplane retry`.
struct RetryCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "retry",
    abstract: "Retry failed runs, then resume the sweep.",
    discussion: """
      Forgets the failures of a sweep, or those of one reason, prints how many there were, and then \
      does what `gammaplane run` does.

      \(ExitStatus.help)
      """)

  @Argument(help: "A grid file.", completion: .file(extensions: ["yaml", "yml"]))
  var grid: String

  @Option(
    help:
      "Only runs that failed for this reason: attempts, refused, memory, or a part of what `status` shows.")
  var reason: String?

  @OptionGroup var running: RunOptions

  @Flag(help: "Confirm a sweep of more than 10 million runs.")
  var yes = false

  func validate() throws {
    if reason == "" { throw ValidationError("--reason is empty; leave it out for all reasons.") }
  }

  mutating func run() async throws {
    var request = running.request(grid)
    request.retries = reason.map { .reason($0) } ?? .all
    request.allowHuge = yes
    let interruption = running.begin()
    try await running.onEnd.run(after: request) {
      try await running.runner(request).run(interruption).report()
    }
  }
}
