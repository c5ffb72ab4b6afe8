import Figures
import LimitFit
import Model
import ResultStore

/// Pictures of single points: scaling with the width, neurons, trajectories and functions.
extension FigureKind {
  static let panels = [scaling, features, trajectories, functions]

  static let scaling = FigureKind(
    name: "scaling",
    summary: "RD against the width at some points: every run, the fit with its band, local slopes",
    options: PanelOptions.pointOptions
  ) { request in
    let map = try request.phaseMap()
    let fits = Dictionary(map.points.map { ($0.point, $0) }, uniquingKeysWith: { first, _ in first })
    let points = map.points.map(\.point)
    let chosen = try PointSelection(request.panels, of: points, candidates: points, request: request)
    let observations = try request.store.observations(of: request.sweep)
    let curves = FittedCurves(observations)
    let byPoint = Dictionary(grouping: observations, by: \.run.point)
    return ScalingFigure(
      entries: chosen.points.compactMap { point in
        fits[point].map {
          ScalingFigure.Entry(
            fit: $0, observations: byPoint[point] ?? [],
            curve: curves.curve(at: point, decadesBeyond: ScalingFigure.decadesBeyond))
        }
      },
      frame: request.frame("Scaling with the width"))
  }

  static let features = FigureKind(
    name: "features",
    summary: "orientation and amplitude of the neurons before and after, where neurons were kept",
    options: PanelOptions.pointOptions.union(PanelOptions.runOptions)
  ) { request in
    FeatureFigure(
      try request.panels("Neurons before and after training", of: .neurons, widths: 3, seeds: 1, \.neurons))
  }

  static let trajectories = FigureKind(
    name: "trajectories", summary: "loss, RD and orientations against the time, where trajectories were kept",
    options: PanelOptions.pointOptions.union(PanelOptions.runOptions)
  ) { request in
    TrajectoryFigure(
      try request.panels("Trajectories", of: .trajectory, widths: 6, seeds: 3, \.trajectory),
      target: request.sweep.problem.target)
  }

  static let functions = FigureKind(
    name: "functions",
    summary: "the function before and after, through the samples, where functions were kept",
    options: PanelOptions.pointOptions.union(PanelOptions.runOptions)
  ) { request in
    FunctionFigure(
      try request.panels("Learned functions", of: .function, widths: 3, seeds: 1, \.function),
      samples: request.sweep.problem.samples)
  }
}

extension FigureRequest {
  /// What is around panels, under a heading that names the sweep unless another is wanted.
  fileprivate func frame(_ heading: String) -> PanelFrame {
    PanelFrame(title: title ?? "\(heading): \(sweep.name)", provenance: provenance, theme: theme)
  }

  /// The runs that options name, with what was kept of them.
  ///
  /// - Parameters:
  ///   - what: what is to be shown, and must have been kept.
  ///   - widths: so many widths are shown where none are named.
  ///   - seeds: so many seeds of each.
  ///   - part: where it is in the record.
  /// - Throws: ``Failure`` if there are none.
  fileprivate func panels<Kept: Sendable>(
    _ heading: String, of what: RecordNames, widths: Int, seeds: Int, _ part: (FlowRecord) -> Kept?
  ) throws -> RunPanels<Kept> {
    let chosen = try KeptRuns(self, what, widths: widths, seeds: seeds)
    return RunPanels(
      entries: try chosen.points.map { point, runs in
        RunPanels.Entry(
          point: point,
          runs: try runs.compactMap { record in
            part(try store.flowRecord(of: record.identity)).map {
              KeptRun(width: record.run.width, seed: record.run.seed, kept: $0)
            }
          })
      },
      frame: frame(heading))
  }
}

/// Runs of which something was kept.
struct KeptRuns {
  /// The points that are shown, each with the runs to show.
  var points: [(point: Setting, runs: [RunRecord])]

  /// The runs that options name.
  ///
  /// - Parameters:
  ///   - what: what must have been kept of them.
  ///   - widths: so many widths are shown where none are named.
  ///   - seeds: so many seeds of each.
  /// - Throws: ``Failure`` if there are none.
  init(_ request: FigureRequest, _ what: RecordNames, widths: Int, seeds: Int) throws {
    let (sweep, options) = (request.sweep, request.panels)
    let name = what.names.first ?? ""
    let all = RunSet(sweep)
    let runs = try request.store.runs(of: sweep, keeping: what)
    let byPoint = Dictionary(grouping: runs, by: \.run.point)
    guard !runs.isEmpty else {
      throw Failure(
        .noInput,
        "nothing was kept of \(sweep.name) to draw this from; add “keep: [\(name)]” to the grid and run it again "
          + "(runs are repeated for it, results stay)")
    }
    let chosen = try PointSelection(
      options, of: all.points, candidates: byPoint.keys.sorted(), request: request)
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
          "no run at γ = \(point.gamma), γ' = \(point.gammaPrime) has kept \(name) as asked for; kept are "
            + Self.list(byPoint, at: point, all: runs.isEmpty ? byPoint.keys.sorted() : []))
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

    /// Chooses: neurons and functions of one seed of some widths, trajectories of all, up to some number of lines.
    init(_ records: [RunRecord], widths: Int, lines: Int) {
      func firstSeeds(_ what: RecordNames) -> Set<RunIdentity> {
        let runs = records.filter { what.isSubset(of: $0.keep) }.sorted { $0.run < $1.run }
        let wanted = KeptRuns.spread(Set(runs.map(\.run.width)).sorted(), widths)
        return Set(wanted.compactMap { width in runs.first { $0.run.width == width }?.identity })
      }
      neurons = firstSeeds(.neurons)
      functions = firstSeeds(.function)
      // Seed by seed, so that every width has a line before any has two.
      trajectories = Set(
        records.filter { $0.keep.contains(.trajectory) }
          .sorted { ($0.run.seed, $0.run.width) < ($1.run.seed, $1.run.width) }.prefix(lines).map(\.identity))
      let shown = neurons.union(functions).union(trajectories)
      all = records.filter { shown.contains($0.identity) }.sorted { $0.run < $1.run }
    }
  }

  /// At most so many of some values: 10³, 10⁴ and 10⁶ where they are there and three are wanted, as in the literature; else
  /// the ends and what lies evenly between.
  static func spread(_ values: [Int], _ count: Int) -> [Int] {
    guard values.count > count, count > 1 else { return Array(values.prefix(max(count, 1))) }
    let usual = [1_000, 10_000, 1_000_000]
    if count == 3, usual.allSatisfy(values.contains) { return usual }
    return (0..<count).map { values[$0 * (values.count - 1) / (count - 1)] }
  }

  private static func list(
    _ runs: [Setting: [RunRecord]], at point: Setting, all: [Setting]
  ) -> String {
    if let here = runs[point] {
      return here.prefix(8).map { "width \($0.run.width) seed \($0.run.seed)" }.joined(separator: ", ")
    }
    return all.prefix(8).map { "--point \($0.gamma),\($0.gammaPrime)" }.joined(separator: ", ")
  }
}

extension ResultStore {
  /// The runs of a sweep of which something was kept, in order.
  func runs(of sweep: Sweep, keeping what: RecordNames) throws -> [RunRecord] {
    try records(of: sweep).filter { what.isSubset(of: $0.keep) }
  }
}

extension Run {
  /// By point, width and seed.
  static func < (a: Run, b: Run) -> Bool {
    (a.point, a.width, a.seed) < (b.point, b.width, b.seed)
  }
}
