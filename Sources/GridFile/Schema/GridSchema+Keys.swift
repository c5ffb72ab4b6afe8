import Model

/// Keys that mean the same for all networks and workers.
extension GridSchema {
  private typealias Schema = SchemaValue

  /// The width and the seed.
  static let reservedAxes: [String: JSONValue] = [
    "width": Schema.described(
      "m, the number of neurons; without it only the limit m → ∞ is computed.",
      Schema.any(
        values(Schema.number(0...1e100, above: 0), min: 0, spacings: ["count", "per_decade", "step"]))),
    "seed": Schema.described(
      "Seeds of the random initial values.",
      Schema.any(
        values(Schema.whole(from: 0), min: 0, step: Schema.whole(from: 1))
          + [
            Schema.mapping(["count": count], required: ["count"]),
            Schema.mapping(
              ["from": .object(Schema.whole(from: 0)), "to": .object(Schema.whole(from: 0))],
              required: ["from", "to"]),
          ])),
  ]

  /// The forms of an axis: a number, a list, a range with one of its spacings.
  ///
  /// - Parameters:
  ///   - value: the schema of one value.
  ///   - min: how many items a list has at least.
  ///   - step: the schema of a step.
  ///   - spacings: the keys of spacings, the one that is offered first at the front.
  static func values(
    _ value: [String: JSONValue], min: Int, step: [String: JSONValue] = Schema.number(above: 0),
    spacings: [String] = ["step", "count", "per_decade"]
  ) -> [[String: JSONValue]] {
    let spacing = [
      "step": Schema.described("from, from + step, … as far as to.", step), "count": count,
      "per_decade": perDecade,
    ]
    var list = Schema.list(of: value, min: min)
    list["uniqueItems"] = .boolean(true)
    return [value, list]
      + spacings.map { key in
        Schema.mapping(
          ["from": .object(value), "to": .object(value), key: spacing[key] ?? .null],
          required: ["from", "to", key])
      }
  }

  private static let count = Schema.described(
    "How many values; of a range, equidistant, with both ends.", Schema.whole(from: 1))

  private static let perDecade = Schema.described(
    "from · 10^(i/per_decade) below to, and to.", Schema.whole(from: 1, to: 1000))

  /// The keys of the file, without what depends on the network.
  var common: [String: JSONValue] {
    let folder = Schema.text("^[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}$")
    func text(_ schema: [String: JSONValue]) -> [String: JSONValue] {
      // A name may look like a number.
      schema.merging(["type": .array([.string("string"), .string("number"), .string("boolean")])]) { $1 }
    }
    return [
      "name": Schema.described("The folder in results/.", text(folder)),
      "axes": Schema.described("The parameters, width and seed.", Schema.anyMapping),
      "include": Schema.described("Further runs: a list of blocks like axes.", ["type": .string("array")]),
      "limit": Schema.described(
        "Whether the limit m → ∞ is computed (default: where it can be).",
        ["enum": .array([.string("on"), .string("off"), .boolean(true), .boolean(false)])]),
      "network": Schema.described(
        "The network to train; decides what parameters there are.", Schema.anyMapping),
      "parameters": Schema.described(
        "Values that a worker of your own gets as they are.", Schema.anyMapping),
      "method": Schema.described(
        "What computes the runs: NAME/REVISION (default: that of the network).",
        Schema.text("^[A-Za-z0-9.-]+(/[A-Za-z0-9.-]+)?$")),
      "worker": Schema.described(
        "A worker of your own: the program and its arguments.",
        Schema.list(of: ["type": .array([.string("string"), .string("number"), .string("boolean")])])),
      "samples": Schema.described("The training data, in one of four forms.", samples),
      "tolerance": Schema.described(
        "Relative step tolerance of the integrator (default: 1e-3).", Schema.number(0...0.1, above: 0)),
      "stop": Schema.described("When runs end.", Schema.mapping(stop)),
      "limits": Schema.described("What runs and workers may use.", Schema.mapping(limits)),
      "record": Schema.described("What to record beside the results.", [:]),
      "plane": Schema.described("One or two parameters, which span the phase map.", [:]),
      "order_parameter": Schema.described("The quantity that decides the phase.", [:]),
      "database": Schema.described(
        "The folder in results/ that holds the results (default: the name).", text(folder)),
      "slurm": Schema.described("What to ask of a cluster.", Schema.mapping(slurm)),
    ]
  }

  var stop: [String: JSONValue] {
    [
      "mean_squared_residual": Schema.described(
        "A run has converged at this (1/n) Σ r² (default: 1e-6).", Schema.number(above: 0)),
      "steps": Schema.described("Steps that a run may take (default: 100000).", Schema.whole(from: 1)),
      "wall_seconds": Schema.described(
        "Seconds that a run may take (default: 600).", Schema.number(above: 0)),
      "time": Schema.described(
        "The normalised time t̄ at which a run ends (default: none).", Schema.number(above: 0)),
      "epochs": Schema.described(
        "How often a run may use all samples, where a method has epochs (default: no limit).",
        Schema.number(above: 0)),
    ]
  }

  var limits: [String: JSONValue] {
    [
      "attempts": Schema.described(
        "Attempts before a run has failed (default: 3).", Schema.whole(from: 1, to: 1000)),
      "initial_failures": Schema.described(
        "Failed attempts, all alike, that end a sweep before any result (default: 20).",
        Schema.whole(from: 1)),
      "memory": Schema.described("Bytes of all workers together, such as 4GiB.", bytes),
      "run_memory": Schema.described("Bytes that one run may use (default: estimated).", bytes),
      "hello_timeout": Schema.described(
        "Seconds that a worker may take to begin (default: 60).", Schema.number(1 ... .infinity)),
      "heartbeat_timeout": Schema.described(
        "Seconds without progress that end a worker (default: 60).", Schema.number(1 ... .infinity)),
      "shutdown_grace_period": Schema.described(
        "Seconds to suspend runs on interrupt (default: 10).", Schema.number(1...3600)),
    ]
  }

  var slurm: [String: JSONValue] {
    let word: [String: JSONValue] = ["type": .array([.string("string"), .string("number")])]
    return [
      "tasks": Schema.described(
        "Tasks of the array, and so shards (default: about an hour each).",
        Schema.whole(from: 1, to: 1_000_000)),
      "partition": Schema.described("The partition.", word),
      "account": Schema.described("The account.", word),
      "time": Schema.described("Limit of a task: 90 (minutes), 04:00:00, 1-12 (days and hours).", word),
      "memory": Schema.described("Memory of a task: 8GiB, or as sbatch has it, 8G or 8192 (MiB).", word),
      "cpus_per_task": Schema.described(
        "Cores of a task, and its workers (default: 1).", Schema.whole(from: 1, to: 4096)),
      "scratch": Schema.described(
        "The folder of a task's database; none: beside the sweep (default: $SLURM_TMPDIR).", Schema.text()),
      "options": Schema.described(
        "Further options of sbatch, such as --qos=low.", Schema.list(of: Schema.text("^-"), min: 0)),
    ]
  }

  private var bytes: [String: JSONValue] { ["type": .array([.string("string"), .string("number")])] }
}

/// The forms of samples.
extension GridSchema {
  private var samples: [String: JSONValue] {
    Schema.any(sampleForms.map { Schema.mapping($0.keys, required: $0.required) })
  }

  /// The keys of each form, and those that it must have.
  var sampleForms: [(keys: [String: JSONValue], required: [String])] {
    let number = Schema.number()
    let scale = Schema.described(
      "unit gives every x the norm 1, largest divides by the largest |x|, a number multiplies.",
      Schema.any([
        Schema.words([SampleScale.unitName, SampleScale.largestName]), Schema.number(above: 0),
      ]))
    let file = Schema.described(
      "A CSV, .npy or .npz file; relative to the folder of the grid file.", Schema.text())
    let targets = NamedTarget.allCases.map(\.rawValue) + [TargetValues.noiseName]
    return [
      (
        [
          "x": Schema.described(
            "Inputs: numbers, or lists of them.",
            Schema.list(of: Schema.any([number, Schema.list(of: number)]))),
          "y": Schema.described("Values to learn.", Schema.list(of: number)), "scale": scale,
        ], ["x", "y"]
      ),
      (["file": file, "scale": scale], ["file"]),
      (
        [
          "target": Schema.described("The function to learn.", Schema.words(targets)),
          "count": Schema.described("How many samples.", Schema.whole(from: 1, to: GridReader.maxSamples)),
          "from": Schema.described("The least input.", number),
          "to": Schema.described("The largest input.", number),
          "inputs": Schema.described(
            "Where they lie (default: even on a line, else uniform).",
            Schema.words(["even", "uniform", "normal"])),
          "dimension": Schema.described(
            "The dimension of inputs (default: 1).", Schema.whole(from: 1, to: GridReader.maxDimension)),
          "seed": Schema.described(
            "The seed of random inputs and noise (default: 0).", Schema.whole(from: 0)),
          "scale": scale,
        ], ["target", "count"]
      ),
      (
        [
          "mnist": Schema.described("Images.", Schema.mapping(mnist, required: ["file", "images"])),
          "scale": scale,
        ],
        ["mnist"]
      ),
    ]
  }

  var mnist: [String: JSONValue] {
    [
      "file": Schema.described("IDX or CSV; relative to the folder of the grid file.", Schema.text()),
      "labels": Schema.described("The IDX file of the labels (default: beside the images).", Schema.text()),
      "images": Schema.described(
        "How many, from the first on.", Schema.whole(from: 1, to: GridReader.maxSamples)),
    ]
  }
}
