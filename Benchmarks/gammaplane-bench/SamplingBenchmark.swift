import Networks

/// How long does a run take, in units of the sampling of its initial values?
struct SamplingBenchmark {
  private let workload: Workload

  /// The benchmark of a workload.
  init(_ options: Options) throws { workload = try Workload(options) }

  /// Measures and prints. A run samples for itself; the sampling is timed once more on its own,
  /// right before.
  func run() throws {
    try workload.forEachRepeat { run in
      let sampling = Lap.time { workload.sample().width }.0
      let (lap, result) = try Lap.time { try workload.train(run, FlowOptions()) }
      return workload.measurement(run, sampling: sampling, lap: lap, result: result)
    }
  }
}
