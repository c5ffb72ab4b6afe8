import Model
import Networks

/// A mapping of the grid file, and the keys that it may have.
struct Section {
  enum Kind {
    /// The whole file.
    case file
    /// The value of a key of the file, or an item of it.
    case block
    /// The range of an axis.
    case range
  }

  /// What messages call it: `limits`, `axes.gamma`, `the grid`.
  var path: String
  /// The valid keys, in the order of the documentation; nil: any.
  var keys: [String]?
  var kind = Kind.block
  /// Whether another family or worker would have other keys.
  var dependsOnFamily = false
  /// Words that mean one of the keys although they are spelt quite differently.
  var synonyms: [String: String] = [:]

  static let grid = Section(
    path: "the grid",
    keys: [
      "name", "axes", "include", "limit", "network", "parameters", "samples", "stop", "tolerance", "limits",
      "record",
      "method", "worker", "plane", "order_parameter", "database", "slurm",
    ],
    kind: .file, synonyms: ["also": "include", "keep": "record"])
  static let samples = Section(
    path: "samples",
    keys: [
      "x", "y", "file", "target", "count", "from", "to", "inputs", "dimension", "seed", "mnist", "scale",
    ])
  static let mnist = Section(path: "samples.mnist", keys: ["file", "labels", "images"])
  static let stop = Section(
    path: "stop", keys: ["mean_squared_residual", "steps", "wall_seconds", "time", "epochs"])
  static let limits = Section(
    path: "limits",
    keys: [
      "attempts", "initial_failures", "memory", "run_memory", "hello_timeout", "heartbeat_timeout",
      "shutdown_grace_period",
    ],
    synonyms: ["silence": "heartbeat_timeout", "grace": "shutdown_grace_period"])
  static let slurm = Section(
    path: "slurm",
    keys: ["tasks", "partition", "account", "time", "memory", "cpus_per_task", "scratch", "options"])

  /// The values of these parameters, widths and seeds.
  static func axes(_ parameters: [String]?, path: String = "axes") -> Section {
    Section(path: path, keys: parameters.map { $0 + Axes.reservedNames }, dependsOnFamily: true)
  }

  static func range(_ path: String) -> Section {
    Section(path: path, keys: ["from", "to", "step", "count", "per_decade"], kind: .range)
  }

  static func network(_ keys: [NetworkKey]) -> Section {
    Section(path: "network", keys: keys.map(\.name), dependsOnFamily: true)
  }

  static func record(_ parameters: [String]?) -> Section {
    Section(path: "record", keys: parameters.map { ["what"] + $0 + Axes.reservedNames })
  }

  /// What messages call a value of it.
  func path(_ key: String) -> String { kind == .file ? key : "\(path).\(key)" }

  /// How a required key may look.
  static func example(of key: String) -> String {
    switch key {
    case "name": "name: quickstart"
    case "axes": "axes: with the parameters, width and seed below it"
    case "width": "width: { from: 1000, to: 100000, per_decade: 2 }"
    case "seed": "seed: { count: 2 }"
    case "samples": "samples: { x: [-1.0, 0.5], y: [0.2, -0.4] }"
    case "x": "x: [-1.0, 0.5]"
    case "y": "y: [0.2, -0.4]"
    case "count": "count: 40"
    case "from": "from: -1"
    case "to": "to: 1"
    case "images": "images: 45"
    case "file": "file: train-images-idx3-ubyte"
    case "what": "what: [trajectory]"
    default: "\(key): { from: 0, to: 1, step: 0.25 }"
    }
  }
}
