import GradientFlow
import Model

/// The runs of a benchmark: some phase points at one width, repeated.
struct Workload {
  /// The phase points.
  let points: [PhasePoint]
  /// m.
  let width: Int
  /// The seed of the initial values.
  let seed: UInt64
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
    points = try options.points()
    width = try options.integer("width")
    seed = UInt64(try options.integer("seed", default: 0))
    threads = max(1, try options.integer("threads", default: 1))
    repeats = try options.integer("repeats", default: 1)
    problem = Problem(
      network: Network(), samples: try SampleSet(x: try options.numbers("x"), y: try options.numbers("y")),
      target: try options.number("target", default: Problem.defaultTarget),
      tolerance: try options.number("tolerance", default: Problem.defaultTolerance))
    budget = Budget(steps: .max, wallSeconds: try options.number("wall", default: 600))
  }

  /// Samples the initial values of its runs.
  func sample() -> InitialValues { InitialValues(width: width, seed: seed, antisymmetric: false) }

  /// Measures all points one after another, then all of them again: a disturbance of the machine falls on
  /// different points each time, and a ratio compares times of the same moment.
  func forEachRepeat(_ measure: (PhasePoint, FlowRun) throws -> Measurement) throws {
    for _ in 0..<repeats {
      for point in points {
        let run = try FlowRun(Run(point: point, width: width, seed: seed), of: problem)
        try measure(point, run).print()
      }
    }
  }

  /// A measurement of one of its runs.
  func measurement(_ point: PhasePoint, sampling: Lap, run: Lap, result: RunResult) -> Measurement {
    Measurement(
      point: point, width: width, samples: problem.samples.count, tolerance: problem.tolerance,
      sampling: sampling, run: run, result: result)
  }
}
