import Foundation
import GridFile
import LimitFit
import Model
import Networks
import Planning
import Platform
import ResultStore

/// Adds points, seeds and widths to a sweep until its boundary is known well enough.
package struct SweepRefiner {
  /// What is wanted.
  package struct Goal: Hashable, Sendable {
    /// How far from its true place the boundary may be drawn, in the plane; positive.
    package var distance: Double
    /// No width beyond this is added; nil: half a decade above the largest of the grid.
    package var maxWidth: Double?
    /// No more seeds than this are used at a point; nil: four times those of the grid.
    package var maxSeeds: Int?

    /// A goal.
    package init(distance: Double, maxWidth: Double? = nil, maxSeeds: Int? = nil) {
      self.distance = distance
      self.maxWidth = maxWidth
      self.maxSeeds = maxSeeds
    }
  }

  /// What came of it.
  package struct Outcome {
    /// The refined grid.
    package var grid: String
    /// The last round.
    package var run: SweepRunner.Outcome
  }

  private let request: RunRequest
  private let goal: Goal
  /// The refined grid.
  package let target: String
  private let display: any SweepDisplay
  private let draw: SweepRunner.Draw

  /// A refiner.
  ///
  /// - Parameters:
  ///   - request: the grid to refine, and how to run it.
  ///   - output: the refined grid; nil: one beside the grid.
  package init(
    _ request: RunRequest, to goal: Goal, output: String?, display: any SweepDisplay,
    draw: @escaping SweepRunner.Draw
  ) {
    self.request = request
    self.goal = goal
    self.display = display
    self.draw = draw
    target = output ?? Self.refinedName(of: request.grid)
  }

  private static func refinedName(of grid: String) -> String {
    let ending = [".yaml", ".yml"].first { grid.hasSuffix($0) } ?? ""
    let stem = String(grid.dropLast(ending.count))
    return stem.hasSuffix("-refined") ? grid : stem + "-refined.yaml"
  }

  // MARK: Rounds

  /// Runs and refines until nothing is to be added.
  ///
  /// - Throws: ``Failure``, also if it is interrupted; what was added stays in the refined grid.
  package func refine(_ interruption: Interruption) async throws -> Outcome {
    let (base, extended) = try grids()
    var isNew = !isFile(target)
    var sweep = try write(extended.include, refining: base)
    while true {
      let outcome: SweepRunner.Outcome
      do {
        var round = request
        round.grid = target
        round.retries = .none
        outcome = try await SweepRunner(round, display: display, draw: draw).run(interruption)
      } catch {
        // Refused, or not possible: nothing has been added yet that would be missed. What was
        // interrupted is resumed from the file.
        if isNew, (error as? Failure)?.status != .interrupted { unlink(target) }
        throw error
      }
      isNew = false
      try checkFitted(outcome.map)
      let refinement = try missing(from: sweep, outcome.context)
      if refinement.additions.isEmpty {
        conclude(outcome, refinement)
        return Outcome(grid: target, run: outcome)
      }
      display.note("\(sweep.name): \(summary(refinement, of: sweep))")
      sweep = try write(
        sweep.include + refinement.additions.map { Self.block($0, sweep.axes) }, refining: base)
    }
  }

  /// The grid, and the same with what an earlier call has added.
  private func grids() throws -> (base: Sweep, extended: Sweep) {
    let base = try loadGrid(request.grid, families: request.families, allowHuge: false)
    var sweep = base
    // What was added by an earlier call; everything else is as in the grid now.
    if target != request.grid, isFile(target) {
      let earlier = try loadGrid(target, families: request.families, allowHuge: false)
      guard earlier.problem == base.problem, earlier.axes == base.axes else {
        throw Failure(
          .cannotOpen,
          "\(target) is not a refinement of \(request.grid): axes or problem differ; move it away, or give "
            + "another --output")
      }
      sweep.include += earlier.include.filter { !base.include.contains($0) }
    }
    sweep.database = base.database ?? base.name
    return (base, sweep)
  }

  /// Without any exponent there is nothing to refine by.
  private func checkFitted(_ map: PhaseMap) throws {
    guard map.points.allSatisfy({ $0.exponent == nil }) else { return }
    let few = map.points.count { $0.widths < TrendRule.minWidths }
    throw Failure(
      .someRunsFailed,
      "no point has an exponent yet, \(few) of \(map.points.count) because fewer than \(TrendRule.minWidths) "
        + "widths have a result; give the grid more widths or a larger budget, and run the same command again"
    )
  }

  /// What a sweep lacks, from everything that is recorded of it.
  private func missing(from sweep: Sweep, _ context: SweepContext) throws -> Refinement {
    let store = try ResultStore.read(at: SweepFolder(results: request.results, sweep: sweep).database)
    defer { try? store.close() }
    let costs = RunEstimates(sweep, families: request.families)
    return Refinement(
      observations: try store.observations(of: sweep, quantity: context.orderParameter),
      plane: context.plane, axes: sweep.axes,
      goal: Refinement.Goal(
        distance: goal.distance,
        // A little more than √10 times a width, so that rounding does not matter. Runs a decade
        // wider would cost more than all points together.
        maxWidth: goal.maxWidth ?? 3.2 * (sweep.axes.width.last ?? 1),
        maxSeeds: goal.maxSeeds ?? 4 * sweep.axes.seed.count,
        widthUnit: context.family?.widthUnit(of: sweep.problem) ?? 1)
    ) { costs.estimate(Run($0, width: $1, seed: 0)).seconds }
  }

  private func conclude(_ outcome: SweepRunner.Outcome, _ refinement: Refinement) {
    display.note(
      refinement.longestEdge == 0
        ? "the exponent changes its sign nowhere: there is no boundary to refine" : known(refinement))
    if refinement.longestEdge > 2 * goal.distance * (1 + 1e-6) {
      display.note("nothing that could be added would bring it nearer to --distance \(goal.distance)")
    }
    // What points resolve is not how near the line is: exponents of finite widths may be off.
    if let theory = outcome.context.theory, let distance = BoundaryDistance(outcome.map, theory),
      distance.rms > goal.distance
    {
      display.note(
        "the boundary lies \(Self.short(distance.rms)) RMS from that of \(theory.name), farther than --distance "
          + "\(goal.distance): more points would not bring it nearer, wider networks may")
    }
    if refinement.undecided > 0 {
      let trends = Formatting.count(refinement.undecided, "undecided trend")
      display.note(
        "\(trends) farther from it than --distance: not expected to be decided by what --max-width and "
          + "--max-seeds allow")
    }
  }

  // MARK: What is next

  /// What would be added next; runs nothing.
  ///
  /// - Returns: a text for people.
  package func preview() throws -> String {
    let sweep = try grids().extended
    let folder = SweepFolder(results: request.results, sweep: sweep)
    guard folder.hasDatabase else {
      throw Failure(
        .noInput,
        "nothing is recorded of \(sweep.name) yet, from which to see what it lacks; first "
          + request.results.command("run", request.grid))
    }
    let store = try ResultStore.read(at: folder.database)
    let context = try SweepContext(sweep, families: request.families, store: store)
    try store.close()
    let refinement = try missing(from: sweep, context)
    let head = "\(sweep.name): \(summary(refinement, of: sweep))"
    guard !refinement.additions.isEmpty else { return head }
    let costs = RunEstimates(sweep, families: request.families)
    let names = refinement.additions[0].setting.names
    let rows = refinement.additions.map { addition in
      addition.setting.values.map(formattedNumber) + [
        addition.widths.map { ($0.isEmpty ? [.infinity] : $0).map(formattedNumber).joined(separator: " ") }
          ?? "all",
        addition.seeds.map { $0.map(String.init).joined(separator: " ") } ?? "all",
        Formatting.duration(costs.seconds(of: Self.runs(addition, of: sweep))),
      ]
    }
    return head + "\n"
      + Formatting.table(
        [names + ["widths", "seeds", "CPU time"]] + rows, left: [names.count, names.count + 1])
  }

  /// How near the boundary is known.
  private func known(_ refinement: Refinement) -> String {
    "the sign changes between points at most \(Self.short(refinement.longestEdge)) apart, so that the boundary "
      + "is \(Self.short(refinement.longestEdge / 2)) or less from their middles (asked for: "
      + "\(Self.short(goal.distance))), as far as exponents are right"
  }

  private static func short(_ number: Double) -> String { String(format: "%.3g", number) }

  /// What is added, and what it costs.
  private func summary(_ refinement: Refinement, of sweep: Sweep) -> String {
    guard !refinement.additions.isEmpty else { return "nothing to add; " + known(refinement) }
    let costs = RunEstimates(sweep, families: request.families)
    let seconds = refinement.additions.reduce(0) {
      $0 + costs.seconds(of: Self.runs($1, of: sweep))
    }
    let points = refinement.additions.count { $0.widths?.isEmpty ?? true }
    let others = refinement.additions.count - points
    return known(refinement) + "; to add: \(Formatting.count(points, "point"))"
      + (others > 0 ? ", seeds or widths at \(Formatting.count(others, "point"))" : "")
      + ", \(Formatting.duration(seconds)) of CPU time"
  }

  /// What an addition asks for, beside what the sweep has.
  private static func runs(_ addition: Refinement.Addition, of sweep: Sweep) -> RunSet {
    var part = sweep
    part.axes = block(addition, sweep.axes)
    part.include = []
    return RunSet(part)
  }

  private static func block(_ addition: Refinement.Addition, _ axes: Axes) -> Axes {
    Axes(
      parameters: Dictionary(
        uniqueKeysWithValues: addition.setting.pairs.map { ($0.name, [$0.value]) }),
      width: addition.widths ?? axes.width, seed: addition.seeds ?? axes.seed)
  }

  // MARK: The refined grid

  /// Writes the refined grid with these blocks, once it has been read back as what is meant.
  private func write(_ include: [Axes], refining base: Sweep) throws -> Sweep {
    let text = try String(contentsOf: URL(fileURLWithPath: gridPath(request.grid)), encoding: .utf8)
    var meant = base
    meant.name = base.name.hasSuffix("-refined") ? base.name : base.name + "-refined"
    meant.database = base.database ?? base.name
    let refined = RefinedGrid.text(
      refining: text, name: meant.name, database: base.database ?? base.name, include: include,
      axes: base.axes)
    let folder = target.lastIndex(of: "/").map { String(target[..<$0]) } ?? "."
    let read = refined.flatMap { text in
      try? GridFile(
        text: text, file: target, baseDirectory: folder.isEmpty ? "/" : folder, families: request.families
      ).sweep
    }
    var wanted = base
    wanted.include = include
    guard let refined, let read, Set(RunSet(read)) == Set(RunSet(wanted)) else {
      throw Failure(.badGrid, cannotWrite)
    }
    // But for what was added. A worker runs in the folder of its grid, and would be another one, or
    // none, in another folder.
    var rest = read
    rest.include = base.include
    rest.worker?.folder = meant.worker?.folder ?? ""
    guard rest == meant, isSameFolder(read.worker?.folder, meant.worker?.folder) else {
      throw Failure(.badGrid, cannotWrite)
    }
    try writeWhole(text: refined, to: target, durably: true)
    return read
  }

  private func isSameFolder(_ a: String?, _ b: String?) -> Bool {
    a.map { resolvedPath($0) ?? $0 } == b.map { resolvedPath($0) ?? $0 }
  }

  private var cannotWrite: String {
    "\(request.grid) cannot be extended to \(target); write it with `name`, `database` and `include` at the "
      + "beginning of lines of their own, and leave the refined grid in its folder if it names files or a worker"
  }
}
