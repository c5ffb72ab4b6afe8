import ArgumentParser
import Foundation
import GridFile
import Model
import Networks
import Orchestration

/// A network, its parameters and its data on the command line.
struct ProblemOptions: ParsableArguments {
  @OptionGroup var settings: SettingOptions

  @Option(
    help: ArgumentHelp(
      "Samples: a CSV file with the columns x (or x1, x2, …) and y, or a .npy or .npz file.",
      valueName: "file"),
    completion: .file(extensions: ["csv", "npy", "npz"]))
  var samples: String?

  @Option(
    name: .customLong("network"), parsing: .unconditionalSingleValue,
    help: ArgumentHelp(
      "A key of the network, such as antisymmetric=true; may be repeated. \(Self.networkKeys)",
      valueName: "key=value"))
  var network: [NetworkSetting] = []

  @Option(
    help: ArgumentHelp(
      """
      How the network is trained: \(NetworkFamilies.builtIn.methodNames.joined(separator: ", ")), or with a \
      revision, such as sgd/1; by the gradient flow unless it is named.
      """, valueName: "name"))
  var method: String?

  @Option(
    help: ArgumentHelp(
      "The activation σ, such as relu; the key activation of the network.", valueName: "name"))
  var activation: String?

  @Option(help: "How initial values are represented: sampled, nodes or mean; the key law of the network.")
  var law: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("How many weighted nodes there are; the key nodes of the network.", valueName: "n"))
  var nodes: Int?

  @Option(parsing: .unconditional, help: "The mean squared residual at which the run has converged.")
  var target = Problem.defaultTarget

  @Option(parsing: .unconditional, help: "Relative tolerance of a step, in (0, 0.1].")
  var tolerance = Problem.defaultTolerance

  /// The family that the keys of the network mean, the problem with its defaults, and the setting.
  func definition() throws -> (family: any NetworkFamily, problem: Problem, setting: Setting) {
    var keys = Dictionary(network.map { ($0.name, $0.value) }, uniquingKeysWith: { $1 })
    if let activation { keys["activation"] = .string(activation) }
    if let law { keys["law"] = .string(law) }
    if let nodes { keys["nodes"] = .number(Double(nodes)) }
    let given = try samples.map { try Self.sampleSet($0) }
    let method = try method.map { try Self.method($0) }
    guard
      let family = NetworkFamilies.builtIn.family(
        method: method, network: keys, inputs: given?.dimension ?? 1)
    else { throw Self.unknownNetwork(keys, method: method, inputs: given?.dimension ?? 1) }
    let problem = Problem(
      method: method ?? family.description.methods[0], network: family.withDefaults(keys),
      samples: family.needsSamples ? try given ?? Self.defaultSamples() : nil, target: target,
      tolerance: tolerance)
    return (family, problem, try settings.setting(of: family.description))
  }

  /// The method of a name, with its revision.
  private static func method(_ name: String) throws -> String {
    let families = NetworkFamilies.builtIn
    if let found = families.methods.first(where: { $0 == name || $0.hasPrefix(name + "/") }) { return found }
    throw Failure(
      .usage,
      "there is no method “\(name)”"
        + (nearest(to: name, of: families.methodNames).map { "; did you mean \($0)?" }
          ?? "; there are \(families.methodNames.joined(separator: ", "))"))
  }

  /// What is wrong with keys that no family claims: the first unknown one, the first with a value
  /// that it cannot have, or all of them together.
  private static func unknownNetwork(
    _ keys: [String: JSONValue], method: String?, inputs: Int
  ) -> Failure {
    let known = NetworkFamilies.builtIn.networkKeys
    func near(_ word: String, _ words: [String]) -> String {
      nearest(to: word, of: words).map { "; did you mean \($0)?" }
        ?? "; there are \(words.joined(separator: ", "))"
    }
    for (name, value) in keys.sorted(by: { $0.key < $1.key }) {
      let kinds = known.filter { $0.name == name }
      if kinds.isEmpty {
        return Failure(.usage, "networks have no key “\(name)”" + near(name, known.map(\.name)))
      }
      guard !kinds.contains(where: { $0.kind.accepts(value) }) else { continue }
      let words = kinds.flatMap { key in if case .choice(let words) = key.kind { words } else { [String]() } }
      let typed = value.string ?? value.canonical
      return Failure(
        .usage,
        words.isEmpty
          ? "“\(typed)” cannot be the value of \(name) (\(kinds[0].summary))"
          : "there is no \(name) “\(typed)”" + near(typed, words))
    }
    let given = keys.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value.string ?? $0.value.canonical)" }
    return Failure(
      .usage,
      "no network of this program has \(given.joined(separator: ", ")) together"
        + (method.map { ", with the method \($0)" } ?? "") + ", with inputs of dimension \(inputs)"
    )
  }

  /// What keys there are.
  private static var networkKeys: String {
    var seen: Set<String> = []
    return "Keys: "
      + NetworkFamilies.builtIn.networkKeys.filter { seen.insert($0.name).inserted }
      .map { "\($0.name) (\($0.summary))" }.joined(separator: "; ") + "."
  }

  /// Those of grids/quickstart.yaml.
  private static func defaultSamples() throws -> SampleSet {
    try SampleSet(x: [-1.0, -0.3, 0.4, 1.0], y: [0.2, -0.4, 0.6, -0.1])
  }

  /// Those of a file.
  private static func sampleSet(_ path: String) throws -> SampleSet {
    guard FileManager.default.fileExists(atPath: path) else {
      throw Failure(.noInput, "there is no file of samples “\(path)”; check the path")
    }
    do throws(GridError) {
      return try SampleFile.samples(path: path)
    } catch {
      throw Failure(error, subject: "the file of samples")
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
