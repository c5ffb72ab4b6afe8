import ArgumentParser
import Foundation
import GridFile
import Model
import Networks
import Orchestration
import Platform

/// `gammaplane flow`: one run in the foreground.
struct FlowCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "flow",
    abstract: "Integrate one run in the foreground.",
    usage: "gammaplane flow --<parameter> <value> ... --width <width> [<options>]",
    discussion: """
      Prints the course of the run whenever its time has doubled, then how it ended. Nothing is \
      stored. The samples are the four of grids/quickstart.yaml unless a file is given. Two-layer ReLU \
      network: gammaplane flow --gamma 1.75 --gamma-prime 0 --width 1000

      \(ExitStatus.help)
      """)

  @OptionGroup var settings: SettingOptions

  @Option(
    parsing: .unconditional,
    help: "The width m, such as 1000 or 1e3; with --initial it defaults to that of the file.",
    transform: { text in
      guard let number = Double(text), number > 0, number.isFinite else {
        throw ValidationError("the width must be a positive number")
      }
      return number
    })
  var width: Double?

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
      "Initial values: a CSV file, of a two-layer network with the columns a, w and b.",
      valueName: "file.csv"),
    completion: .file(extensions: ["csv"]))
  var initial: String?

  @Option(
    name: .customLong("network"), parsing: .unconditionalSingleValue,
    help: ArgumentHelp(
      "A key of the network, such as antisymmetric=true; may be repeated. \(Self.networkKeys)",
      valueName: "key=value"))
  var network: [NetworkSetting] = []

  @Option(parsing: .unconditional, help: "The mean squared residual at which the run has converged.")
  var target = Problem.defaultTarget

  @Option(parsing: .unconditional, help: "Relative tolerance of a step, in (0, 0.1].")
  var tolerance = Problem.defaultTolerance

  @Option(parsing: .unconditional, help: "Give up after this many steps.")
  var steps = Budget.default.steps

  @Option(
    parsing: .unconditional,
    help: "Give up after this many seconds; counted anew when resumed from a checkpoint.")
  var wallSeconds = Budget.default.wallSeconds

  @Option(parsing: .unconditional, help: "End at this normalised time t̄ (default: no limit).")
  var time: Double?

  @Option(
    help: ArgumentHelp(
      "Write all that can be recorded of the run to this file, such as neurons before and after.",
      valueName: "file.json"),
    completion: .file(extensions: ["json"]))
  var snapshot: String?

  @Option(
    help: ArgumentHelp(
      """
      Resume from this file if it is there; write it when the run is interrupted or its budget is used \
      up, and remove it when the run is over.
      """, valueName: "file"),
    completion: .file())
  var checkpoint: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "How many cores to use; the result does not depend on it (default: all from width 1e6 on, else one).",
      valueName: "n"))
  var threads: Int?

  @Flag(help: "One JSON value instead of text.")
  var json = false

  func validate() throws {
    guard width != nil || initial != nil else {
      throw ValidationError("give the width of the network: --width 1000, or --initial FILE.csv")
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
    let (family, problem) = try definition()
    let setting = try settings.setting(of: family.description)
    let given = try initial.map { try Self.initialValues($0, of: family) }
    if let given, let width, width != given.width {
      throw Failure(
        .usage,
        "--width is \(formattedNumber(width)), but \(initial ?? "") holds \(formattedNumber(given.width)) "
          + "neurons; leave --width out")
    }
    let run = Run(setting, width: given?.width ?? width ?? 0, seed: seed ?? 0)
    try MemoryCheck.check(run, of: problem, family)
    let flow = ForegroundFlow(
      run: run, problem: problem, family: family, initial: given?.arrays,
      threads: threads ?? (run.width >= Self.wide ? Machine().cores.value : 1),
      budget: Budget(steps: steps, wallSeconds: wallSeconds, time: time),
      // A snapshot may be asked for when the run is resumed.
      recordsAll: snapshot != nil || checkpoint != nil, checkpoint: checkpoint)
    var table = FlowTable(family.description, isShown: !json)
    if let snapshot { try OutputFile.check(snapshot, option: "--snapshot") }
    if let checkpoint { try OutputFile.check(checkpoint, option: "--checkpoint") }
    let ending = try flow.run { table.add($0) }
    if json {
      try Console.print(json: Report(run: run, ending: ending, problem: problem))
    } else {
      table.close(ending)
    }
    if let snapshot { try SnapshotFile(ending.arrays).write(to: snapshot) }
    // Last: as long as something may fail, the run must not be lost.
    if let checkpoint, ending.result.outcome != .budgetExhausted {
      CheckpointFile(path: checkpoint).remove()
    }
  }

  /// The width from which on several cores pay.
  private static let wide = 1e6

  /// The family that the keys of the network mean, and the problem with its defaults.
  private func definition() throws -> (any NetworkFamily, Problem) {
    let keys = Dictionary(network.map { ($0.name, $0.value) }, uniquingKeysWith: { $1 })
    guard let family = NetworkFamilies.builtIn.family(method: nil, network: keys) else {
      let known = NetworkFamilies.builtIn.all.flatMap { $0.networkKeys.map(\.name) }
      throw Failure(
        .usage,
        "no network of this program has \(keys.keys.sorted().joined(separator: ", ")) with these values; keys are "
          + known.joined(separator: ", "))
    }
    let problem = Problem(
      method: family.description.methods[0], network: family.withDefaults(keys),
      samples: family.needsSamples ? try sampleSet() : nil, target: target, tolerance: tolerance)
    return (family, problem)
  }

  /// What keys there are.
  private static var networkKeys: String {
    "Keys: "
      + NetworkFamilies.builtIn.all.flatMap(\.networkKeys).map { "\($0.name) (\($0.summary))" }
      .joined(separator: "; ") + "."
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

  private static func initialValues(
    _ path: String, of family: any NetworkFamily
  ) throws -> (arrays: RecordedArrays, width: Double) {
    guard let data = FileManager.default.contents(atPath: path) else {
      throw Failure(
        .noInput, "cannot read the initial values \(path): no such file, or not readable; check the path")
    }
    do {
      return try family.initialValues(csv: String(decoding: data, as: UTF8.self))
    } catch {
      throw Failure(.badGrid, "the initial values \(path) cannot be used: \(error)")
    }
  }

  /// The JSON form of a run and its result.
  private struct Report: Encodable {
    let run: Run
    let ending: FlowEnding
    let problem: Problem

    private enum CodingKeys: String, CodingKey { case setting, width, seed, target, tolerance, trajectory }

    func encode(to encoder: any Encoder) throws {
      try ending.result.encode(to: encoder)
      var container = encoder.container(keyedBy: CodingKeys.self)
      try container.encode(run.setting, forKey: .setting)
      try container.encode(run.width, forKey: .width)
      try container.encode(run.seed, forKey: .seed)
      try container.encode(problem.target, forKey: .target)
      try container.encode(problem.tolerance, forKey: .tolerance)
      let trajectory = ending.arrays.trajectory
      let points = trajectory.map { course in
        course.points.map { NamedNumbers(zip(course.columns, $0).map { (name: $0, value: $1) }) }
      }
      try container.encodeIfPresent(points, forKey: .trajectory)
    }
  }
}

/// A key of the network and its value, as they are typed: `antisymmetric=true`.
struct NetworkSetting: ExpressibleByArgument, Hashable {
  var name: String
  var value: JSONValue

  init?(argument: String) {
    let parts = argument.split(separator: "=", maxSplits: 1).map(String.init)
    guard parts.count == 2 else { return nil }
    name = parts[0].replacing("-", with: "_")
    value =
      switch parts[1] {
      case "true": .boolean(true)
      case "false": .boolean(false)
      default: (try? typedNumber(parts[1])).map { .number($0) } ?? .string(parts[1])
      }
  }
}
