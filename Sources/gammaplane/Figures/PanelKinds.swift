import Figures
import LimitFit
import Model
import Orchestration
import ResultStore

/// Pictures of single points: scaling with the width, neurons, trajectories and functions.
extension FigureKind {
  static let panels = [scaling, limits, features, trajectories, functions]

  static let scaling = FigureKind(
    name: "scaling",
    summary:
      "the order parameter against the width at some points: every run, the fit with its band, local slopes",
    options: PanelOptions.pointOptions
  ) { request in
    let map = try request.phaseMap()
    let points = map.points.map(\.setting)
    let chosen = try PointSelection(request.panels, of: points, candidates: points, request: request)
    return try request.scaling("Scaling with the width", chosen.points, of: map)
  }

  static let limits = FigureKind(
    name: "limit",
    summary:
      "the order parameter over all decades of the width on its way to the limit m → ∞, with every run and "
      + "the crossover width",
    options: PanelOptions.pointOptions
  ) { request in
    let map = try request.phaseMap()
    let candidates = map.points.filter { $0.exponentSource == .computed }.map(\.setting)
    guard !candidates.isEmpty else {
      throw Failure(
        .noInput,
        "no limit of \(request.sweep.name) has been computed; it takes `limit: on` in the grid, and another run"
      )
    }
    let chosen = try PointSelection(
      request.panels, of: map.points.map(\.setting), candidates: candidates, request: request)
    return try request.scaling("The limit of infinite width", chosen.points, of: map) { setting in
      let identity = Run.limit(setting).identity(of: request.sweep.problem.digest)
      let ladder = try request.store.recordedArrays(of: identity).ladder
      return ladder?.rungs(of: request.context.orderParameter) ?? []
    }
  }

  static let features = FigureKind(
    name: "features",
    summary: "orientation and amplitude of the neurons before and after, where neurons were recorded",
    options: PanelOptions.pointOptions.union(PanelOptions.runOptions).union([PanelOptions.abscissaOption])
  ) { request in
    let heading = "Neurons before and after training", what = NeuronSnapshot.nameOfEach
    let direction = request.panels.abscissa
    let cosines = try request.panels(heading, of: what, widths: 3, seeds: 1) {
      NeuronSnapshot($0, along: direction ?? .diagonal)
    }
    if cosines.entries.contains(where: { !$0.runs.isEmpty }) {
      return FeatureFigure(cosines, abscissa: .cosine(direction ?? .diagonal))
    }
    guard direction == nil else {
      throw Failure(
        .usage, "neurons of a network on a line are drawn against their angle; leave --abscissa out")
    }
    return FeatureFigure(try request.panels(heading, of: what, widths: 3, seeds: 1, \.neurons))
  }

  static let trajectories = FigureKind(
    name: "trajectories", summary: "quantities against the time, where trajectories were recorded",
    options: PanelOptions.pointOptions.union(PanelOptions.runOptions)
  ) { request in
    TrajectoryFigure(
      try request.panels("Trajectories", of: Trajectory.name, widths: 6, seeds: 3, \.trajectory),
      target: request.sweep.problem.target)
  }

  static let functions = FigureKind(
    name: "functions",
    summary: "the function before and after, through the samples, where functions were recorded",
    options: PanelOptions.pointOptions.union(PanelOptions.runOptions)
  ) { request in
    FunctionFigure(
      try request.panels("Learned functions", of: FunctionSnapshot.name, widths: 3, seeds: 1, \.function),
      samples: request.sweep.problem.samples)
  }
}

extension FigureRequest {
  /// The order parameter against the width at some points.
  ///
  /// - Parameter rungs: the way to the limit; without it curves are shown that were fitted.
  fileprivate func scaling(
    _ heading: String, _ points: [Setting], of map: PhaseMap,
    rungs: ((Setting) throws -> [Ladder.Rung])? = nil
  ) throws -> ScalingFigure {
    let fits = Dictionary(map.points.map { ($0.setting, $0) }, uniquingKeysWith: { first, _ in first })
    let observations = try store.observations(of: sweep, quantity: context.orderParameter)
    let curves = FittedCurves(observations)
    let byPoint = Dictionary(grouping: observations, by: \.run.setting)
    return ScalingFigure(
      entries: try points.compactMap { point in
        try fits[point].map {
          ScalingFigure.Entry(
            fit: $0, observations: byPoint[point] ?? [],
            curve: rungs == nil
              ? curves.curve(at: point, decadesBeyond: ScalingFigure.decadesBeyond) : nil,
            rungs: try rungs?(point) ?? [])
        }
      },
      context: context.figures, frame: frame(heading))
  }

  /// What is around panels, under a heading that names the sweep unless another is wanted.
  fileprivate func frame(_ heading: String) -> PanelFrame {
    PanelFrame(title: title ?? "\(heading): \(sweep.name)", provenance: provenance, theme: theme)
  }

  /// The runs that options name, with what was recorded of them.
  ///
  /// - Parameters:
  ///   - what: what is to be shown, and must have been recorded.
  ///   - widths: so many widths are shown where none are named.
  ///   - seeds: so many seeds of each.
  ///   - part: where it is among the arrays.
  /// - Throws: ``Failure`` if there are none.
  fileprivate func panels<Part: Sendable>(
    _ heading: String, of what: String, widths: Int, seeds: Int, _ part: (RecordedArrays) -> Part?
  ) throws -> RunPanels<Part> {
    let chosen = try RecordedRuns(self, what, widths: widths, seeds: seeds)
    return RunPanels(
      entries: try chosen.points.map { setting, runs in
        RunPanels.Entry(
          setting: setting,
          runs: try runs.compactMap { record in
            part(try store.recordedArrays(of: record.identity)).map {
              PanelRun(width: record.run.width, seed: record.run.seed, record: $0)
            }
          })
      },
      context: context.figures, frame: frame(heading))
  }
}

/// Runs of which something was recorded.
struct RecordedRuns {
  /// The points that are shown, each with the runs to show.
  var points: [(setting: Setting, runs: [RunRecord])]

  /// The runs that options name.
  ///
  /// - Parameters:
  ///   - what: what must have been recorded of them.
  ///   - widths: so many widths are shown where none are named.
  ///   - seeds: so many seeds of each.
  /// - Throws: ``Failure`` if there are none.
  init(_ request: FigureRequest, _ what: String, widths: Int, seeds: Int) throws {
    let (sweep, options) = (request.sweep, request.panels)
    let all = RunSet(sweep)
    let runs = try request.store.runs(of: sweep, recording: what)
    let byPoint = Dictionary(grouping: runs, by: \.run.setting)
    guard !runs.isEmpty else {
      throw Failure(
        .noInput,
        "nothing was recorded of \(sweep.name) to draw this from; add `record: [\(what)]` to the grid and run "
          + "it again (runs are repeated for it, results stay)")
    }
    let chosen = try PointSelection(
      options, of: all.settings, candidates: byPoint.keys.sorted(), request: request)
    points = try chosen.points.map { point in
      var runs = byPoint[point] ?? []
      let there = Set(runs.map(\.run.width)).sorted()
      if !options.width.isEmpty {
        runs = runs.filter { options.width.contains($0.run.width) }
      } else {
        let wanted = Set(Self.spread(there, widths))
        runs = runs.filter { wanted.contains($0.run.width) }
      }
      if !options.seed.isEmpty {
        runs = runs.filter { options.seed.contains($0.run.seed) }
      } else {
        runs = Dictionary(grouping: runs, by: \.run.width).values.flatMap {
          $0.sorted { $0.run < $1.run }.prefix(seeds)
        }
      }
      let isBare = chosen.points.allSatisfy { byPoint[$0] == nil }
      if runs.isEmpty, isBare || !options.width.isEmpty || !options.seed.isEmpty {
        throw Failure(
          .noInput,
          "no run at \(point.text) has recorded \(what) as asked for; recorded are "
            + Self.list(
              byPoint, at: point, all: runs.isEmpty ? byPoint.keys.sorted() : [],
              PointFinder(sweep, request.context, among: all.settings)))
      }
      return (point, runs.sorted { $0.run < $1.run })
    }
  }

  /// The runs of a point that a report shows.
  struct Choice {
    /// All of them, by width, then seed.
    var all: [RunRecord]
    /// Those whose neurons, functions and trajectories are shown.
    var neurons: Set<RunIdentity>, functions: Set<RunIdentity>, trajectories: Set<RunIdentity>

    /// Chooses: neurons and functions of one seed of some widths, trajectories of all, up to some
    /// number of lines.
    init(_ records: [RunRecord], widths: Int, lines: Int) {
      func firstSeeds(_ what: String) -> Set<RunIdentity> {
        let runs = records.filter { $0.record.contains(what) }.sorted { $0.run < $1.run }
        let wanted = RecordedRuns.spread(Set(runs.map(\.run.width)).sorted(), widths)
        return Set(wanted.compactMap { width in runs.first { $0.run.width == width }?.identity })
      }
      neurons = firstSeeds(NeuronSnapshot.nameOfEach)
      functions = firstSeeds(FunctionSnapshot.name)
      // Seed by seed, so that every width has a line before any has two.
      trajectories = Set(
        records.filter { $0.record.contains(Trajectory.name) }
          .sorted { ($0.run.seed, $0.run.width) < ($1.run.seed, $1.run.width) }.prefix(lines).map(\.identity))
      let shown = neurons.union(functions).union(trajectories)
      all = records.filter { shown.contains($0.identity) }.sorted { $0.run < $1.run }
    }
  }

  /// At most so many of some values: 10³, 10⁴ and 10⁶ where they are there and three are wanted, as
  /// in the literature; else the ends and what lies evenly between.
  static func spread(_ values: [Double], _ count: Int) -> [Double] {
    guard values.count > count, count > 1 else { return Array(values.prefix(max(count, 1))) }
    let published = [1_000.0, 10_000, 1_000_000]
    if count == 3, published.allSatisfy(values.contains) { return published }
    return (0..<count).map { values[$0 * (values.count - 1) / (count - 1)] }
  }

  private static func list(
    _ runs: [Setting: [RunRecord]], at point: Setting, all: [Setting], _ finder: PointFinder
  ) -> String {
    if let here = runs[point] {
      return here.prefix(8).map { "width \(formattedNumber($0.run.width)) seed \($0.run.seed)" }
        .joined(separator: ", ")
    }
    return all.prefix(8).map { finder.command(for: $0) }.joined(separator: ", ")
  }
}

extension ResultStore {
  /// The runs of a sweep of which something was recorded, in order.
  func runs(of sweep: Sweep, recording what: String) throws -> [RunRecord] {
    try records(of: sweep).filter { $0.record.contains(what) }
  }
}
