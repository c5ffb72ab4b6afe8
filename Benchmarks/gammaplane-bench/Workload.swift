import Model
import Networks

/// The runs of a benchmark: some points of the plane at one width, repeated.
struct Workload {
  /// The points of the plane.
  let settings: [Setting]
  /// m.
  let width: Int
  /// The seed of the initial values.
  let seed: UInt64
  /// Whether the network starts from neurons that are drawn one by one.
  let drawsNeurons: Bool
  /// What the runs have in common.
  let problem: Problem
  /// When to give a run up.
  let budget: Budget
  /// How many cores a run may use.
  let threads: Int
  /// How often every run is repeated.
  let repeats: Int

  /// The workload that options describe.
  init(_ options: Options) throws {
    settings = try options.settings()
    width = try options.integer("width")
    seed = UInt64(try options.integer("seed", default: 0))
    threads = max(1, try options.integer("threads", default: 1))
    repeats = try options.integer("repeats", default: 1)
    let network = try options.network()
    drawsNeurons = network["law"] == nil || network["law"] == .string("sampled")
    problem = Problem(
      method: TwoLayerReLULine.method, network: TwoLayerReLULine().withDefaults(network),
      samples: try SampleSet(x: try options.numbers("x"), y: try options.numbers("y")),
      target: try options.number("target", default: Problem.defaultTarget),
      tolerance: try options.number("tolerance", default: Problem.defaultTolerance))
    budget = Budget(steps: .max, wallSeconds: try options.number("wall", default: 600))
  }

  /// Samples the initial values of its runs.
  func sample() -> InitialValues { InitialValues(width: width, seed: seed, antisymmetric: false) }

  /// Measures all points one after another, then all of them again: a disturbance of the machine
  /// falls on different points each time, and a ratio compares times of the same moment.
  func forEachRepeat(_ measure: (Run) throws -> Measurement) throws {
    for _ in 0..<repeats {
      for setting in settings {
        try measure(Run(setting, width: Double(width), seed: seed)).print()
      }
    }
  }

  /// Makes a run, from its start to its end.
  func train(_ run: Run, _ options: FlowOptions) throws -> RunResult {
    var flow = try TwoLayerReLULine().start(run, of: problem, options: options)
    return flow.run(within: budget).result
  }

  /// A measurement of one of its runs.
  func measurement(_ run: Run, sampling: Lap, lap: Lap, result: RunResult) -> Measurement {
    Measurement(
      setting: run.setting, width: width, samples: problem.samples?.count ?? 0, tolerance: problem.tolerance,
      sampling: sampling, run: lap, result: result)
  }
}
