import Networks

/// How long does the flow take from given initial values?
struct FlowBenchmark {
  private let workload: Workload

  /// The benchmark of a workload.
  init(_ options: Options) throws { workload = try Workload(options) }

  /// Measures and prints. The initial values are sampled once for all repeats.
  func run() throws {
    let (sampling, initial) = Lap.time { workload.sample() }
    let options = FlowOptions(threads: workload.threads, initial: initial.arrays)
    try workload.forEachRepeat { run in
      let (lap, result) = try Lap.time { try workload.train(run, options) }
      return workload.measurement(run, sampling: sampling, lap: lap, result: result)
    }
  }
}
