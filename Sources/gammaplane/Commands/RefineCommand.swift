import ArgumentParser
import Orchestration

/// `gammaplane refine`.
struct RefineCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "refine",
    abstract: "Add points, seeds and widths to a sweep until its boundary is known well enough.",
    discussion: """
      Runs the grid, then halves the edges between neighbouring points where the exponent changes its \
      sign, until no edge across the boundary is longer than twice the distance; then adds seeds or \
      widths where a trend is open away from the boundary and these are expected to decide it. What is \
      added is written as blocks of `include` into the refined grid, an ordinary grid file that shares \
      the results of the first: `gammaplane run` resumes it, and so does this command.

      \(ExitStatus.help)
      """)

  @Argument(help: "A grid file.", completion: .file(extensions: ["yaml", "yml"]))
  var grid: String

  @Option(help: "How far from its true place the boundary may be drawn, in the plane.")
  var distance = 0.02

  @Option(
    name: [.customShort("o"), .long],
    help: "The refined grid (default: GRID-refined.yaml beside the grid).",
    completion: .file(extensions: ["yaml", "yml"]))
  var output: String?

  @Option(help: "No width beyond this is added (default: half a decade above the largest of the grid).")
  var maxWidth: Double?

  @Option(help: "No more seeds than this are used at a point (default: four times those of the grid).")
  var maxSeeds: Int?

  @Flag(help: "Print what would be added next, and run nothing.")
  var dryRun = false

  @OptionGroup var running: RunOptions

  func validate() throws {
    guard distance > 0, distance.isFinite else {
      throw ValidationError("--distance must be a number above 0, found \(distance).")
    }
    if let maxWidth, !(maxWidth >= 1) { throw ValidationError("--max-width must be at least 1.") }
    if let maxSeeds, maxSeeds < 1 { throw ValidationError("--max-seeds must be at least 1.") }
  }

  mutating func run() async throws {
    let request = running.request(grid)
    let refiner = SweepRefiner(
      request, to: .init(distance: distance, maxWidth: maxWidth, maxSeeds: maxSeeds),
      output: output, display: TerminalDisplay(), draw: drawPhaseMap)
    if dryRun {
      Console.print(try refiner.preview())
      return
    }
    let interruption = running.begin()
    try await running.onEnd.run(after: request) {
      let outcome = try await refiner.refine(interruption)
      Console.print("grid:      \(outcome.grid)")
      try outcome.run.report()
    }
  }
}
