import ArgumentParser
import Foundation
import GradientFlow
import Grid
import Model

/// `phasesweep flow`: one run in the foreground.
struct FlowCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "flow",
    abstract: "Integrate one run in the foreground and print how it goes.",
    discussion: """
      Prints the mean squared residual and RD, the relative change of the input weights, at times that are \
      evenly spaced in log t, and how the run ended. Nothing is stored. The samples are the four of \
      grids/quickstart.yaml unless a file is given.
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

  @Option(parsing: .unconditional, help: "Give up after this many seconds.")
  var wallSeconds = Budget.standard.wallSeconds

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
    guard steps >= 1, wallSeconds > 0 else {
      throw ValidationError("--steps and --wall-seconds must be positive")
    }
  }

  func run() throws {
    let values = try initial.map(Self.initialValues)
    if let values, let width, width != values.width {
      throw CommandFailure(
        .usage,
        "--width is \(width), but \(initial ?? "") holds \(values.width) neurons; leave --width out")
    }
    let run = Run(
      point: PhasePoint(gamma: gamma, gammaPrime: gammaPrime), width: values?.width ?? width ?? 0,
      seed: seed ?? 0)
    let problem = Problem(
      network: Network(antisymmetric: antisymmetric), samples: try sampleSet(), target: target,
      tolerance: tolerance)
    var table = FlowTable(isShown: !json)
    let result: RunResult
    do throws(FlowRunError) {
      result = try FlowRun(run, of: problem)(
        budget: Budget(steps: steps, wallSeconds: wallSeconds), initial: values
      ) { table.add($0) }
    } catch {
      throw CommandFailure(.usage, error.description)
    }
    if json {
      try Console.print(json: Report(run: run, result: result, target: target, tolerance: tolerance))
    } else {
      table.close(result)
    }
  }

  private func sampleSet() throws -> SampleSet {
    if let samples {
      guard FileManager.default.fileExists(atPath: samples) else {
        throw CommandFailure(.noInput, "there is no file of samples “\(samples)”; check the path")
      }
      do throws(GridError) {
        return try SampleFile(path: samples).samples()
      } catch {
        throw CommandFailure(error, subject: "the file of samples")
      }
    }
    return try SampleSet(x: [-1.0, -0.3, 0.4, 1.0], y: [0.2, -0.4, 0.6, -0.1])
  }

  private static func initialValues(_ path: String) throws -> InitialValues {
    guard let data = FileManager.default.contents(atPath: path) else {
      throw CommandFailure(
        .noInput, "cannot read the initial values \(path): no such file, or not readable; check the path")
    }
    do throws(InitialValuesCSVError) {
      return try InitialValues(csv: String(decoding: data, as: UTF8.self))
    } catch {
      throw CommandFailure(.badGrid, "the initial values \(path) cannot be used: \(error)")
    }
  }

  /// The JSON form of a run and its result: flat, in the terms of the `runs` table.
  private struct Report: Encodable {
    let run: Run
    let result: RunResult
    let target: Double
    let tolerance: Double

    enum CodingKeys: String, CodingKey { case width, seed, target, tolerance }

    func encode(to encoder: any Encoder) throws {
      try run.point.encode(to: encoder)
      try result.encode(to: encoder)
      var container = encoder.container(keyedBy: CodingKeys.self)
      try container.encode(run.width, forKey: .width)
      try container.encode(run.seed, forKey: .seed)
      try container.encode(target, forKey: .target)
      try container.encode(tolerance, forKey: .tolerance)
    }
  }
}

/// The table that `phasesweep flow` prints: a row whenever time has doubled.
private struct FlowTable {
  let isShown: Bool
  private var last: FlowState?
  private var printed: FlowState?
  private var row = ""

  init(isShown: Bool) { self.isShown = isShown }

  mutating func add(_ state: FlowState) {
    last = state
    guard isShown else { return }
    if printed == nil { Console.print("        time   steps   mean sq. residual             RD") }
    if let printed, state.time < 2 * printed.time { return }
    show(state)
  }

  private mutating func show(_ state: FlowState) {
    printed = state
    let next = String(
      format: "%12.4g %7d %19.6g %14.8g", state.time, state.steps, state.meanSquaredResidual, state.rd)
    // States that differ only in digits that are not shown.
    if next != row { Console.print(next) }
    row = next
  }

  mutating func close(_ result: RunResult) {
    if let last, last != printed { show(last) }
    Console.print(
      "\(result.outcome.rawValue): \(result.reason)\n"
        + String(
          format: "RD %.10g, sup RD %.10g, %d steps in %.3f s, of which sampling %.3f s", result.rd,
          result.supRD, result.steps, result.wallSeconds, result.initialSeconds))
  }
}
