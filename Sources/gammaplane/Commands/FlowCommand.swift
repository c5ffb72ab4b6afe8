import ArgumentParser
import Foundation
import Networks
import GridFile
import Model

/// `gammaplane flow`: one run in the foreground.
struct FlowCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "flow",
    abstract: "Integrate one run in the foreground and print how it goes.",
    discussion: """
      Prints, at times that are evenly spaced in log t, the mean squared residual; RD, the relative change of \
      the input weights; the norm of the output weights, ‖ā‖; how many neurons slide on the line of a sample, and how \
      many are dead, active on no sample; and how many orientations, to 1°, carry 99 % of the amplitude of \
      the others. Then, how the run ended. Nothing is stored. The samples are the four of grids/quickstart.yaml \
      unless a file is given.
      """)

  @Option(parsing: .unconditional, help: "γ = −log κ / log m.")
  var gamma: Double

  @Option(parsing: .unconditional, help: "γ' = −log κ' / log m.")
  var gammaPrime: Double

  @Option(
    parsing: .unconditional,
    help:
      "m, the number of neurons, such as 1000 or 1e3; with --initial it defaults to the number in the file.",
    transform: { text in
      guard let number = Double(text), number.rounded() == number, (1...1e9).contains(number) else {
        throw ValidationError("the width must be a whole number from 1 to 1e9")
      }
      return Int(number)
    })
  var width: Int?

  @Option(
    parsing: .unconditional, help: "The seed of the initial values (default: 0).",
    transform: { text in
      guard let seed = UInt64(text) else {
        throw ValidationError("the seed must be a whole number from 0 to \(UInt64.max)")
      }
      return seed
    })
  var seed: UInt64?

  @Option(
    help: ArgumentHelp("Samples: a CSV file with the columns x and y.", valueName: "file.csv"),
    completion: .file(extensions: ["csv"]))
  var samples: String?

  @Option(
    help: ArgumentHelp(
      "Normalised initial values: a CSV file with the columns a,w,b.", valueName: "file.csv"),
    completion: .file(extensions: ["csv"]))
  var initial: String?

  @Flag(help: "Antisymmetric initial values: f vanishes at the start.")
  var antisymmetric = false

  @Option(parsing: .unconditional, help: "The mean squared residual at which the run has converged.")
  var target = Problem.defaultTarget

  @Option(parsing: .unconditional, help: "Relative tolerance of a step, in (0, 0.1].")
  var tolerance = Problem.defaultTolerance

  @Option(parsing: .unconditional, help: "Give up after this many steps.")
  var steps = Budget.standard.steps

  @Option(
    parsing: .unconditional,
    help: "Give up after this many seconds; counted anew when continued from a checkpoint.")
  var wallSeconds = Budget.standard.wallSeconds

  @Option(parsing: .unconditional, help: "End at this normalised time t̄ (default: no limit).")
  var time: Double?

  @Option(
    help: ArgumentHelp(
      "Write neurons and learned function before and after to this file.", valueName: "file.json"),
    completion: .file(extensions: ["json"]))
  var snapshot: String?

  @Option(
    help: ArgumentHelp(
      """
      Continue from this file if it is there; write it when the run is interrupted or its budget is used up, and \
      remove it when the run is over.
      """, valueName: "file"),
    completion: .file())
  var checkpoint: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "How many cores to use; the result does not depend on it (default: all from width 1e6 on, else one).",
      valueName: "n"))
  var threads: Int?

  @Flag(help: "Print one JSON object.")
  var json = false

  func validate() throws {
    guard gamma.isFinite, gammaPrime.isFinite else {
      throw ValidationError("--gamma and --gamma-prime must be finite numbers")
    }
    guard width != nil || initial != nil else {
      throw ValidationError("say how wide the network is: --width 1000, or --initial FILE.csv")
    }
    guard !(antisymmetric && initial != nil) else {
      throw ValidationError("--antisymmetric shapes sampled values; those of --initial are taken as they are")
    }
    guard seed == nil || initial == nil else {
      throw ValidationError("--seed draws initial values; those of --initial are taken as they are")
    }
    if let checkpoint, checkpoint == snapshot {
      throw ValidationError("--checkpoint and --snapshot must name different files")
    }
    guard steps >= 1, wallSeconds > 0 else {
      throw ValidationError("--steps and --wall-seconds must be positive")
    }
    if let threads, !(1...4096).contains(threads) {
      throw ValidationError("--threads must lie between 1 and 4096, not \(threads).")
    }
    if let time {
      guard time > 0 else { throw ValidationError("--time must be positive") }
    }
  }

  func run() throws {
    let values = try initial.map(Self.initialValues)
    if let values, let width, width != values.width {
      throw Failure(
        .usage,
        "--width is \(width), but \(initial ?? "") holds \(values.width) neurons; leave --width out")
    }
    let run = Run(
      point: Setting(gamma: gamma, gammaPrime: gammaPrime), width: values?.width ?? width ?? 0,
      seed: seed ?? 0)
    let problem = Problem(
      network: Network(antisymmetric: antisymmetric), samples: try sampleSet(), target: target,
      tolerance: tolerance)
    var table = FlowTable(isShown: !json)
    if let snapshot { try OutputFile.check(snapshot, option: "--snapshot") }
    if let checkpoint { try OutputFile.check(checkpoint, option: "--checkpoint") }
    let (result, record) = try run(run, of: problem, initial: values, table: &table)
    if json {
      try Console.print(
        json: Report(
          run: run, result: result, trajectory: record.trajectory?.points ?? [], target: target,
          tolerance: tolerance))
    } else {
      table.close(result, record)
    }
    if let snapshot { try SnapshotFile(record).write(to: snapshot) }
    // Last: as long as something may fail, the run must not be lost.
    if let checkpoint, result.outcome != .budgetExhausted { CheckpointFile(path: checkpoint).remove() }
  }

  /// The width from which on several cores pay.
  private static let wide = 1_000_000

  private func run(
    _ run: Run, of problem: Problem, initial: InitialValues?, table: inout FlowTable
  ) throws -> (result: RunResult, record: FlowRecord) {
    let threads = threads ?? (run.width >= Self.wide ? Machine().cores.value : 1)
    let file = checkpoint.map { CheckpointFile(path: $0) }
    var flow: FlowIntegration
    do {
      let definition = try FlowRun(run, of: problem)
      flow =
        try file?.take(definition, initial: initial, threads: threads)
        ?? FlowIntegration(
          definition, initial: initial,
          keep: snapshot == nil && file == nil ? .trajectory : [.trajectory, .neurons, .function],
          threads: threads)
    } catch let error as FlowRunError {
      throw Failure(.usage, error.description)
    }
    if let time, flow.state.time > time {
      throw Failure(
        .usage,
        "the checkpoint is at the time \(flow.state.time), beyond --time \(time); leave --time out, or raise it"
      )
    }
    if flow.state.steps > steps {
      throw Failure(
        .usage,
        "the checkpoint is at step \(flow.state.steps), beyond --steps \(steps); leave --steps out, or raise it"
      )
    }
    let interruption = FlowInterruption()
    if file != nil { interruption.watch() }
    let budget = Budget(steps: steps, wallSeconds: wallSeconds, time: time)
    table.add(flow.state)
    while true {
      let ending = flow.step(within: budget)
      table.add(flow.state)
      if let ending {
        if ending.result.outcome == .budgetExhausted { try file?.put(flow) }
        return ending
      }
      if let file, interruption.hasCome {
        try file.put(flow)
        throw Failure(
          .interrupted, "interrupted; run the same command again to continue from \(file.path)")
      }
    }
  }

  private func sampleSet() throws -> SampleSet {
    if let samples {
      guard FileManager.default.fileExists(atPath: samples) else {
        throw Failure(.noInput, "there is no file of samples “\(samples)”; check the path")
      }
      do throws(GridError) {
        return try SampleFile(path: samples).samples()
      } catch {
        throw Failure(error, subject: "the file of samples")
      }
    }
    return try SampleSet(x: [-1.0, -0.3, 0.4, 1.0], y: [0.2, -0.4, 0.6, -0.1])
  }

  private static func initialValues(_ path: String) throws -> InitialValues {
    guard let data = FileManager.default.contents(atPath: path) else {
      throw Failure(
        .noInput, "cannot read the initial values \(path): no such file, or not readable; check the path")
    }
    do throws(InitialValuesCSVError) {
      return try InitialValues(csv: String(decoding: data, as: UTF8.self))
    } catch {
      throw Failure(.badGrid, "the initial values \(path) cannot be used: \(error)")
    }
  }

  /// The JSON form of a run and its result: flat, in the terms of the `runs` table.
  private struct Report: Encodable {
    let run: Run
    let result: RunResult
    let trajectory: [Trajectory.Point]
    let target: Double
    let tolerance: Double

    enum CodingKeys: String, CodingKey { case width, seed, target, tolerance, trajectory }

    func encode(to encoder: any Encoder) throws {
      try run.point.encode(to: encoder)
      try result.encode(to: encoder)
      var container = encoder.container(keyedBy: CodingKeys.self)
      try container.encode(run.width, forKey: .width)
      try container.encode(run.seed, forKey: .seed)
      try container.encode(target, forKey: .target)
      try container.encode(tolerance, forKey: .tolerance)
      try container.encode(trajectory, forKey: .trajectory)
    }
  }
}
