/// How long does the flow take from given initial values?
struct FlowBenchmark {
  private let workload: Workload

  /// The benchmark of a workload.
  init(_ options: Options) throws { workload = try Workload(options) }

  /// Measures and prints. The initial values are sampled once for all repeats.
  func run() throws {
    let (sampling, initial) = Lap.time { workload.sample() }
    try workload.forEachRepeat { point, run in
      let (lap, result) = try Lap.time {
        try run(budget: workload.budget, initial: initial, threads: workload.threads)
      }
      return workload.measurement(point, sampling: sampling, run: lap, result: result)
    }
  }
}
