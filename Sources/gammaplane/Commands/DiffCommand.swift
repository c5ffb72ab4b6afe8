import ArgumentParser
import Model
import Networks
import Orchestration
import ResultStore

/// `gammaplane diff`.
struct DiffCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "diff",
    abstract: "Compare two sweeps: definition, results and exponents.",
    discussion: """
      Results are compared for runs with the same parameters, width and seed, exponents for points that \
      both sweeps have. Sweeps of another program version or tolerance, or of another network, may differ \
      in every result; the fits tell whether that matters. Only reads, and may be used while sweeps run.

      \(ExitStatus.help)
      """)

  @Argument(help: "A grid file, or the name of a sweep that has results.", completion: .gridOrSweep)
  var first: String

  @Argument(help: "The other one.", completion: .gridOrSweep)
  var second: String

  @Flag(help: "One JSON value instead of text.")
  var json = false

  @OptionGroup var lens: LensOptions
  @OptionGroup var results: ResultsOption

  mutating func run() async throws {
    let (a, context) = try side(first)
    let (b, _) = try side(second)
    guard a.map.orderParameter == b.map.orderParameter else {
      throw Failure(
        .usage,
        "\(first) is about \(a.map.orderParameter), \(second) about \(b.map.orderParameter); name a quantity that "
          + "both have with --quantity")
    }
    let symbols = Dictionary(
      context.description.parameters.map { ($0.name, $0.symbol) }, uniquingKeysWith: { $1 })
    let comparison = try SweepComparison(a, b, symbols: symbols)
    if json { try Console.print(json: comparison) } else { Console.print(comparison.text) }
  }

  private func side(_ argument: String) throws -> (SweepComparison.Side, SweepContext) {
    let reference = try SweepReference(argument, in: results.place)
    let store = try ResultStore.read(at: reference.folder.database)
    let sweep = try reference.grid ?? store.sweep(named: reference.folder.name)
    let context = try lens.context(of: sweep, in: store)
    let map = try presentFit(of: sweep, context, in: store)
    return (.init(name: argument, sweep: sweep, map: map, store: store), context)
  }
}
