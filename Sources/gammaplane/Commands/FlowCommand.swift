import ArgumentParser
import Model
import Networks
import Orchestration

/// `gammaplane flow`: one run in the foreground.
struct FlowCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "flow",
    abstract: "Integrate one run in the foreground.",
    usage: "gammaplane flow --<parameter> <value> ... --width <width> [<options>]",
    discussion: """
      Prints the course of the run whenever its time has doubled, then how it ended. Nothing is \
      stored. The samples are the four of grids/quickstart.yaml unless a file is given. Two-layer ReLU \
      network: gammaplane flow --gamma 1.75 --gamma-prime 0 --width 1000

      \(ExitStatus.help)
      """)

  @OptionGroup var problem: ProblemOptions

  @Option(
    parsing: .unconditional,
    help: "The width m, such as 1000 or 1e3; with --initial it defaults to that of the file.",
    transform: { text in
      guard let number = Double(text), number > 0, number.isFinite else {
        throw ValidationError("the width must be a positive number")
      }
      return number
    })
  var width: Double?

  @Option(
    parsing: .unconditional, help: "The seed of the initial values (default: 0).",
    transform: { text in
      guard let seed = UInt64(text) else {
        throw ValidationError("the seed must be a whole number from 0 to \(UInt64.max)")
      }
      return seed
    })
  var seed: UInt64?

  @Option(
    help: ArgumentHelp(
      """
      Initial values: an .npz file with the arrays a (m) and w (m rows of input weights, the bias last), or a \
      CSV file with the columns a, w and b (a, w1, w2, … and b). They are normalised: standard deviation 1.
      """,
      valueName: "file"),
    completion: .file(extensions: ["npz", "csv"]))
  var initial: String?

  @OptionGroup var spending: BudgetOptions

  @Option(
    help: ArgumentHelp(
      """
      Measure this of the neurons at the end and along the way, such as clusters or "clusters(0.9, 0.99)"; \
      may be repeated.
      """, valueName: "name"))
  var measure: [String] = []

  @Option(
    help: ArgumentHelp(
      "Write all that can be recorded of the run to this file, such as neurons before and after.",
      valueName: "file.json"),
    completion: .file(extensions: ["json"]))
  var snapshot: String?

  @Option(
    help: ArgumentHelp(
      """
      Resume from this file if it is there; write it when the run is interrupted or its budget is used \
      up, and remove it when the run is over.
      """, valueName: "file"),
    completion: .file())
  var checkpoint: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "How many cores to use; the result does not depend on it (default: all from width 1e6 on, else one).",
      valueName: "n"))
  var threads: Int?

  @Flag(help: "One JSON value instead of text.")
  var json = false

  func validate() throws {
    guard width != nil || initial != nil else {
      throw ValidationError("give the width of the network: --width 1000, or --initial FILE.npz")
    }
    guard seed == nil || initial == nil else {
      throw ValidationError("--seed draws initial values; those of --initial are taken as they are")
    }
    if let checkpoint, checkpoint == snapshot {
      throw ValidationError("--checkpoint and --snapshot must name different files")
    }
    if let threads, !(1...4096).contains(threads) {
      throw ValidationError("--threads must lie between 1 and 4096, not \(threads).")
    }
  }

  func run() throws {
    let flow = try FlowRequest(
      options: problem, width: width, seed: seed, initial: initial, budget: spending.budget,
      threads: threads, snapshot: snapshot, checkpoint: checkpoint, measured: measure
    ).flow()
    var table = FlowTable(flow.family.description, measured: flow.measured, isShown: !json)
    let ending = try flow.run { table.add($0) }
    if json {
      try Console.print(json: FlowReport(run: flow.run, ending: ending, problem: flow.problem))
    } else {
      table.close(ending)
    }
    if let snapshot { try SnapshotFile(ending.arrays).write(to: snapshot) }
    // Last: as long as something may fail, the run must not be lost.
    flow.removeCheckpoint(after: ending)
  }
}
