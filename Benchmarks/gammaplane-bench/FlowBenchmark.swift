import Networks

/// How long does the flow take from given initial values?
struct FlowBenchmark {
  private let workload: Workload

  /// The benchmark of a workload.
  init(_ options: Options) throws { workload = try Workload(options) }

  /// Measures and prints. Neurons are drawn once for all repeats; the weighted nodes of another law
  /// are made in every run, and are part of its time.
  func run() throws {
    guard workload.drawsNeurons else {
      let options = FlowOptions(threads: workload.threads)
      return try workload.forEachRepeat { run in
        let (lap, result) = try Lap.time { try workload.train(run, options) }
        return workload.measurement(run, sampling: .none, lap: lap, result: result)
      }
    }
    let (sampling, initial) = Lap.time { workload.sample() }
    let options = FlowOptions(threads: workload.threads, initial: initial.arrays)
    try workload.forEachRepeat { run in
      let (lap, result) = try Lap.time { try workload.train(run, options) }
      return workload.measurement(run, sampling: sampling, lap: lap, result: result)
    }
  }
}
