import Model

/// The text of grid files. What it writes, ``GridFile`` reads as the same sweep, if the file lies
/// in the folder of the worker.
public enum GridText {
  /// A sweep as a grid file, with every value written out and no default left out.
  public static func write(_ sweep: Sweep) -> String {
    let problem = sweep.problem
    var lines = ["name: \(text(sweep.name))", "axes:"]
    for axis in sweep.axes.parameters { lines.append(numbers(axis.name, axis.values, indent: 2)) }
    lines.append(numbers("width", sweep.axes.width, indent: 2))
    lines.append(numbers("seed", sweep.axes.seed.map { Double($0) }, indent: 2))
    if !sweep.include.isEmpty { lines += include(sweep.include, beside: sweep.axes) }
    lines.append("limit: \(sweep.limit ? "on" : "off")")
    lines.append("method: \(text(problem.method))")
    if !problem.network.isEmpty { lines.append("network: \(value(.object(problem.network)))") }
    if !problem.parameters.isEmpty { lines.append("parameters: \(value(.object(problem.parameters)))") }
    if let samples = problem.samples {
      lines.append("samples:")
      lines.append(
        samples.dimension == 1
          ? numbers("x", samples.x.map { $0[0] }, indent: 2)
          : flow("x", samples.x.map { "[\(list($0))]" }, indent: 2))
      lines.append(numbers("y", samples.y, indent: 2))
    }
    var stop = [
      "mean_squared_residual: \(formattedNumber(problem.target))", "steps: \(sweep.budget.steps)",
      "wall_seconds: \(formattedNumber(sweep.budget.wallSeconds))",
    ]
    if let time = sweep.budget.time { stop.append("time: \(formattedNumber(time))") }
    if let epochs = sweep.budget.epochs { stop.append("epochs: \(formattedNumber(epochs))") }
    lines.append("stop: { \(stop.joined(separator: ", ")) }")
    lines.append("tolerance: \(formattedNumber(problem.tolerance))")
    lines += ["limits:"] + limits(sweep.limits).map { "  " + $0 }
    if !sweep.record.isEmpty {
      lines.append("record:")
      lines += sweep.record.map { "  - \(rule($0))" }
    }
    if let worker = sweep.worker { lines.append("worker: [\(texts(worker.arguments))]") }
    if !sweep.plane.isEmpty { lines.append("plane: [\(texts(sweep.plane))]") }
    if let orderParameter = sweep.orderParameter { lines.append("order_parameter: \(text(orderParameter))") }
    if let database = sweep.database { lines.append("database: \(text(database))") }
    if let slurm = sweep.slurm { lines += self.slurm(slurm) }
    return lines.joined(separator: "\n") + "\n"
  }

  /// The key `include`; widths and seeds are written only where they are not those of the axes.
  static func include(_ blocks: [Axes], beside axes: Axes) -> [String] {
    ["include:"] + blocks.map { "  - \(block($0, beside: axes))" }
  }

  private static func block(_ block: Axes, beside axes: Axes) -> String {
    var parts = block.parameters.map { "\($0.name): [\(list($0.values))]" }
    if block.width != axes.width { parts.append("width: [\(list(block.width))]") }
    if block.seed != axes.seed { parts.append("seed: [\(list(block.seed.map { Double($0) }))]") }
    return parts.isEmpty ? "{}" : "{ \(parts.joined(separator: ", ")) }"
  }

  private static func limits(_ limits: Limits) -> [String] {
    var parts = ["attempts: \(limits.attempts)", "initial_failures: \(limits.initialFailures)"]
    if let memory = limits.memory { parts.append("memory: \(memory)") }
    if let memory = limits.runMemory { parts.append("run_memory: \(memory)") }
    parts.append("hello_timeout: \(formattedNumber(limits.helloTimeout))")
    parts.append("heartbeat_timeout: \(formattedNumber(limits.heartbeatTimeout))")
    parts.append("shutdown_grace_period: \(formattedNumber(limits.shutdownGracePeriod))")
    return parts
  }

  private static func rule(_ rule: RecordRule) -> String {
    var parts = ["what: [\(texts(rule.what.names))]"]
    for (name, values) in rule.parameters.sorted(by: { $0.key < $1.key }) {
      parts.append("\(name): [\(list(values))]")
    }
    if let width = rule.width { parts.append("width: [\(list(width))]") }
    if let seed = rule.seed { parts.append("seed: [\(list(seed.map { Double($0) }))]") }
    return "{ \(parts.joined(separator: ", ")) }"
  }

  private static func slurm(_ request: SlurmRequest) -> [String] {
    var lines = ["slurm:"]
    if let tasks = request.tasks { lines.append("  tasks: \(tasks)") }
    if let partition = request.partition { lines.append("  partition: \(text(partition))") }
    if let account = request.account { lines.append("  account: \(text(account))") }
    if let time = request.time { lines.append("  time: \(text(time))") }
    if let memory = request.memory { lines.append("  memory: \(memory)B") }
    if let cpus = request.cpusPerTask { lines.append("  cpus_per_task: \(cpus)") }
    if let scratch = request.scratch { lines.append("  scratch: \(text(scratch))") }
    lines.append("  options: [\(texts(request.options))]")
    return lines
  }

  // MARK: Values

  private static func list(_ values: [Double]) -> String {
    values.map(formattedNumber).joined(separator: ", ")
  }

  private static func texts(_ texts: [String]) -> String { texts.map(text).joined(separator: ", ") }

  private static func numbers(_ key: String, _ values: [Double], indent: Int) -> String {
    flow(key, values.map(formattedNumber), indent: indent)
  }

  /// A list whose lines are at most 100 columns long, if its items are short.
  private static func flow(_ key: String, _ items: [String], indent: Int) -> String {
    let margin = String(repeating: " ", count: indent)
    var lines = ["\(margin)\(key): ["]
    for (i, item) in items.enumerated() {
      let piece = i < items.count - 1 ? "\(item), " : "\(item)]"
      if lines[lines.count - 1].utf8.count + piece.utf8.count > 100 { lines.append("\(margin)  ") }
      lines[lines.count - 1] += piece
    }
    if items.isEmpty { lines[0] += "]" }
    return lines.map { String($0.reversed().drop { $0 == " " }.reversed()) }.joined(separator: "\n")
  }

  private static func value(_ value: JSONValue) -> String {
    switch value {
    case .null: "null"
    case .boolean(let value): value ? "true" : "false"
    case .number(let value): formattedNumber(value)
    case .string(let text): Self.text(text)
    case .array(let items): "[\(items.map(Self.value).joined(separator: ", "))]"
    case .object(let members):
      "{"
        + members.sorted { $0.key < $1.key }.map { "\(text($0.key)): \(Self.value($0.value))" }
        .joined(separator: ", ") + "}"
    }
  }

  /// A text as it is where it cannot be taken for something else, and else in double quotes.
  private static func text(_ text: String) -> String {
    let isPlain =
      text.unicodeScalars.first.map(isAlphanumeric) ?? false
      && text.unicodeScalars.allSatisfy { isAlphanumeric($0) || "-_./".unicodeScalars.contains($0) }
    if isPlain, coreSchemaValue(text) == .string(text) { return text }
    var quoted = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"", "\\": quoted += "\\\(scalar)"
      case " "..."~": quoted.unicodeScalars.append(scalar)
      default:
        let digits = String(scalar.value, radix: 16)
        quoted += "\\U" + String(repeating: "0", count: 8 - digits.count) + digits
      }
    }
    return quoted + "\""
  }
}
