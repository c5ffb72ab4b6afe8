import ArgumentParser
import Foundation
import Grid
import LimitFit
import Model
import Platform
import ResultStore

/// `gammaplane refine`.
struct RefineCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "refine",
    abstract: "Add points, seeds and widths to a sweep until its boundary is known well enough.",
    discussion: """
      Runs the grid, then halves the edges between neighbouring points where the exponent changes its sign, until no edge \
      across the boundary is longer than twice the distance; and then adds seeds or widths where a verdict is open away from \
      the boundary and these are expected to decide it. What is added is written as blocks of `also` into the refined grid, an ordinary grid file that \
      shares the results of the first: `gammaplane run` on it resumes as ever, and so does this command.
      """)

  @Argument(help: "A grid file.", completion: .file(extensions: ["yaml", "yml"]))
  var grid: String

  @Option(help: "How far from its true place the boundary may be drawn, in the plane of γ and γ'.")
  var distance = 0.02

  @Option(
    name: [.customShort("o"), .long],
    help: "The refined grid (default: GRID-refined.yaml beside the grid).",
    completion: .file(extensions: ["yaml", "yml"]))
  var output: String?

  @Option(help: "No width beyond this is added (default: half a decade above the largest of the grid).")
  var largestWidth: Int?

  @Option(help: "No more seeds than this are used at a point (default: four times those of the grid).")
  var mostSeeds: Int?

  @Flag(help: "Say what would be added next, and run nothing.")
  var dryRun = false

  @OptionGroup var machine: MachineOptions
  @OptionGroup var processes: ProcessesOptions
  @OptionGroup var results: ResultsOption

  func validate() throws {
    guard distance > 0, distance.isFinite else {
      throw ValidationError("--distance must be a number above 0, found \(distance).")
    }
    if let largestWidth, largestWidth < 1 { throw ValidationError("--largest-width must be at least 1.") }
    if let mostSeeds, mostSeeds < 1 { throw ValidationError("--most-seeds must be at least 1.") }
  }

  /// Where the refined grid is.
  private var target: String {
    if let output { return output }
    let stem =
      grid.hasSuffix(".yaml")
      ? String(grid.dropLast(5)) : grid.hasSuffix(".yml") ? String(grid.dropLast(4)) : grid
    return stem.hasSuffix("-refined") ? grid : stem + "-refined.yaml"
  }

  mutating func run() async throws {
    let base = try loadGrid(grid, allowHuge: false)
    var sweep = base
    // What was added by an earlier call; everything else is as the grid says now.
    if target != grid, isFile(target) {
      let earlier = try loadGrid(target, allowHuge: false)
      guard earlier.problem == base.problem, earlier.axes == base.axes else {
        throw CommandFailure(
          .cannotOpen,
          "\(target) is not a refinement of \(grid): axes or problem differ; move it away, or give another --output"
        )
      }
      sweep.also += earlier.also.filter { !base.also.contains($0) }
    }
    sweep.database = base.database ?? base.name
    if dryRun {
      try sayWhatIsNext(sweep)
      return
    }
    var isNew = !isFile(target)
    sweep = try write(sweep.also, refining: base)
    let interruption = Interruption()
    SignalWatch.start { interruption.signalled($0) }
    while true {
      let outcome: RunCommand.Outcome
      do {
        outcome = try await round().carryOut(interruption)
      } catch {
        // Refused, or it cannot be: nothing has been added yet that anybody would miss. What was interrupted goes on from the file.
        if isNew, (error as? CommandFailure)?.status != .interrupted { unlink(target) }
        throw error
      }
      isNew = false
      if let failure = outcome.failure { throw failure }
      try checkFitted(outcome.map)
      let refinement = try lacking(sweep)
      if refinement.additions.isEmpty {
        try finish(outcome, refinement)
        return
      }
      Console.note("\(sweep.name): \(summary(refinement, of: sweep))")
      sweep = try write(sweep.also + refinement.additions.map { Self.block($0, sweep.axes) }, refining: base)
    }
  }

  /// Without any exponent there is nothing to go by.
  private func checkFitted(_ map: PhaseMap) throws {
    guard map.points.allSatisfy({ $0.exponent == nil }) else { return }
    let few = map.points.count { $0.widths < Verdict.minimumWidths }
    throw CommandFailure(
      .someRunsFailed,
      "no point has an exponent yet, \(few) of \(map.points.count) for want of \(Verdict.minimumWidths) widths with a result; give the "
        + "grid more widths or a larger budget, and run the same command again")
  }

  /// `run` of the refined grid.
  private func round() -> RunCommand {
    var command = RunCommand()
    command.grid = target
    command.machine = machine
    command.processes = processes
    command.results = results
    command.retryFailed = false
    command.yes = false
    return command
  }

  private func finish(_ outcome: RunCommand.Outcome, _ refinement: Refinement) throws {
    Console.note(
      outcome.map.boundary.isEmpty
        ? "the exponent changes its sign nowhere: there is no boundary to refine" : known(refinement))
    if refinement.longestEdge > 2 * distance * (1 + 1e-6) {
      Console.note("nothing that could be added would bring it nearer to --distance \(distance)")
    }
    if refinement.undecided > 0 {
      let verdicts = Formatting.count(refinement.undecided, "undecided verdict")
      Console.note(
        "\(verdicts) farther from it than --distance: not expected to be decided by what --largest-width and "
          + "--most-seeds allow")
    }
    if let band = BoundaryDistance(outcome.map)?.bandWidth {
      Console.note("seeds alone move it by a 95 % band that is \(Self.short(band)) wide on the average")
    }
    Console.print("grid:      \(target)")
    round().summarise(outcome.map, folder: outcome.folder)
  }

  private static func short(_ number: Double) -> String { String(format: "%.3g", number) }

  /// How near the boundary is known.
  private func known(_ refinement: Refinement) -> String {
    "the sign changes between points at most \(Self.short(refinement.longestEdge)) apart, so that the boundary is "
      + "\(Self.short(refinement.longestEdge / 2)) or less from their middles"
  }

  /// What a sweep lacks, from everything that is recorded of it.
  private func lacking(_ sweep: Sweep) throws -> Refinement {
    let store = try ResultStore.read(at: SweepFolder(results: results.folder, sweep: sweep).database)
    defer { try? store.close() }
    let costs = CostModel(samples: sweep.problem.samples.count)
    return Refinement(
      observations: try store.observations(of: sweep), axes: sweep.axes,
      goal: Refinement.Goal(
        distance: distance,
        largestWidth: largestWidth ?? Self.halfADecade(beyond: sweep.axes.width.last ?? 1),
        mostSeeds: mostSeeds ?? 4 * sweep.axes.seed.count,
        evenWidths: sweep.problem.network.antisymmetric)
    ) { costs.cost(at: $0, width: $1) }
  }

  /// A little more than √10 times a width, so that rounding does not matter. Runs a decade wider would cost more
  /// than all points together.
  private static func halfADecade(beyond width: Int) -> Int {
    width / 5 * 16 + width % 5 * 16 / 5
  }

  private func sayWhatIsNext(_ sweep: Sweep) throws {
    let folder = SweepFolder(results: results.folder, sweep: sweep)
    guard folder.hasDatabase else {
      throw CommandFailure(
        .noInput,
        "nothing is recorded of \(sweep.name) yet, from which to see what it lacks; first "
          + results.command("run", grid))
    }
    let refinement = try lacking(sweep)
    Console.print("\(sweep.name): \(summary(refinement, of: sweep))")
    guard !refinement.additions.isEmpty else { return }
    let costs = CostModel(samples: sweep.problem.samples.count)
    Console.print(
      Formatting.table(
        [["γ", "γ'", "widths", "seeds", "CPU time"]]
          + refinement.additions.map { addition in
            [
              "\(addition.point.gamma)", "\(addition.point.gammaPrime)",
              addition.widths.map { $0.map(String.init).joined(separator: " ") } ?? "all",
              addition.seeds.map { $0.map(String.init).joined(separator: " ") } ?? "all",
              Formatting.duration(costs.cost(of: RunSet([Self.block(addition, sweep.axes)]))),
            ]
          }, left: [2, 3]))
  }

  /// What is added, and what it costs.
  private func summary(_ refinement: Refinement, of sweep: Sweep) -> String {
    guard !refinement.additions.isEmpty else { return "nothing to add; " + known(refinement) }
    let costs = CostModel(samples: sweep.problem.samples.count)
    let blocks = refinement.additions.map { Self.block($0, sweep.axes) }
    let seconds = blocks.reduce(0) { $0 + costs.cost(of: RunSet([$1])) }
    let points = refinement.additions.count { $0.widths == nil }
    let others = refinement.additions.count - points
    return known(refinement) + "; to add: "
      + "\(Formatting.count(points, "point"))"
      + (others > 0 ? ", seeds or widths at \(Formatting.count(others, "point"))" : "")
      + ", \(Formatting.duration(seconds)) of CPU time"
  }

  private static func block(_ addition: Refinement.Addition, _ axes: Axes) -> Axes {
    Axes(
      gamma: [addition.point.gamma], gammaPrime: [addition.point.gammaPrime],
      width: addition.widths ?? axes.width, seed: addition.seeds ?? axes.seed)
  }

  /// Writes the refined grid with these blocks, once it is known to say what is meant.
  private func write(_ also: [Axes], refining base: Sweep) throws -> Sweep {
    let text = try String(contentsOf: URL(fileURLWithPath: grid), encoding: .utf8)
    var meant = base
    meant.name = base.name.hasSuffix("-refined") ? base.name : base.name + "-refined"
    meant.database = base.database ?? base.name
    let refined = RefinedGrid.text(
      refining: text, name: meant.name, database: base.database ?? base.name, also: also, axes: base.axes)
    let folder = target.lastIndex(of: "/").map { String(target[..<$0]) } ?? "."
    let read = refined.flatMap { text in
      try? GridFile(text: text, file: target, baseDirectory: folder.isEmpty ? "/" : folder).sweep
    }
    guard let refined, let read, Set(RunSet(read)) == Set(RunSet([base.axes] + also)) else {
      throw CommandFailure(.badGrid, cannotWrite)
    }
    // But for what was added, and for the folder in which a worker runs, which is that of its grid.
    var rest = read
    rest.also = base.also
    rest.worker = base.worker
    guard rest == meant, read.worker?.arguments == base.worker?.arguments else {
      throw CommandFailure(.badGrid, cannotWrite)
    }
    let file = try OutputFile(path: target)
    try file.write(Array(refined.utf8))
    try file.close()
    return read
  }

  private var cannotWrite: String {
    "\(grid) cannot be extended to \(target); write it with `name`, `database` and `also` at the beginning of lines of their own, and "
      + "leave the refined grid in its folder if it names files"
  }
}
