import Model

/// Reads a grid file's tree into a sweep and collects everything that is wrong on the way.
///
/// A function that returns nil has reported why.
struct GridReader {
  typealias Position = GridError.Position
  typealias Kind = GridError.Kind

  let source: SourceText
  /// The folder that paths in the file are relative to.
  let baseDirectory: String
  /// Whether more runs than ``GridFile/mostRuns`` are meant.
  let allowHuge: Bool

  private(set) var issues: [GridError.Issue] = []

  init(source: SourceText, baseDirectory: String, allowHuge: Bool) {
    self.source = source
    self.baseDirectory = baseDirectory
    self.allowHuge = allowHuge
  }

  // MARK: Issues

  mutating func report(_ kind: Kind, at position: Position?, _ message: String, hint: String) {
    issues.append(source.issue(kind, at: position, message, hint: hint))
  }

  mutating func report(_ error: GridError) { issues += error.issues }

  /// Everything that was reported, this file's issues first and by place.
  var error: GridError {
    let sorted = issues.enumerated().sorted { a, b in
      func key(_ i: Int, _ issue: GridError.Issue) -> (Int, Position, Int) {
        (issue.file == source.file ? 0 : 1, issue.position ?? Position(line: 0, column: 0), i)
      }
      return key(a.offset, a.element) < key(b.offset, b.element)
    }
    return GridError(sorted.map(\.element))
  }

  // MARK: The whole file

  /// The sweep, and what this version cannot do about it.
  mutating func read(_ root: YAMLTree) -> (sweep: Sweep, unsupported: [GridError.Issue])? {
    guard let fields = fields(of: root, .grid) else { return nil }
    let name = required("name", in: fields).flatMap { self.name($0) }
    let axesNode = required("axes", in: fields)
    let axisValues = axesNode.flatMap { axes($0) }
    let networkFields = fields["network"].flatMap { self.fields(of: $0, .network) }
    let network = networkFields.map { self.network($0) } ?? Network()
    let samplesNode = required("samples", in: fields)
    let samples = samplesNode.flatMap { self.samples($0) }
    let (target, budget) = fields["stop"].map { stop($0) } ?? (Problem.defaultTarget, .standard)
    let tolerance = fields["tolerance"].flatMap { tree in
      number(
        tree, "tolerance", "a number above 0, at most 0.1", hint: "the default is \(Problem.defaultTolerance)"
      ) { $0 > 0 && $0 <= 0.1 }
    }
    let limits = fields["limits"].map { self.limits($0) } ?? Limits()
    let keep = fields["keep"].map { self.keep($0, of: axisValues) } ?? []
    if let axisValues, let axesNode, network.antisymmetric {
      checkEven(axisValues.width, axis: value(of: "width", in: axesNode) ?? axesNode)
    }
    guard issues.isEmpty, let name, let axisValues, let samples else { return nil }

    let problem = Problem(
      network: network, samples: samples, target: target, tolerance: tolerance ?? Problem.defaultTolerance)
    let sweep = Sweep(
      name: name, axes: axisValues, problem: problem, budget: budget, limits: limits, keep: keep)
    var unsupported: [GridError.Issue] = []
    if !network.bias {
      unsupported.append(
        source.issue(
          .unsupported, at: networkFields?["bias"]?.position,
          "networks without bias are not supported yet", hint: "set bias: true"))
    }
    if samples.dimension > 1 {
      unsupported.append(
        source.issue(
          .unsupported, at: samplesNode?.position,
          "inputs of dimension \(samples.dimension) are not supported yet",
          hint: "use samples whose inputs are single numbers"))
    }
    return (sweep, unsupported)
  }

  private mutating func name(_ tree: YAMLTree) -> String? {
    func isSafe(_ name: String) -> Bool {
      func isAlphanumeric(_ c: Unicode.Scalar) -> Bool {
        c.isASCII && (c.properties.isAlphabetic || c.properties.numericType != nil)
      }
      guard let first = name.unicodeScalars.first, isAlphanumeric(first) || first == "_" else { return false }
      return name.utf8.count <= 100
        && name.unicodeScalars.allSatisfy { isAlphanumeric($0) || "-_.".unicodeScalars.contains($0) }
    }
    if case .scalar(let text, _) = tree.content, isSafe(text) { return text }
    report(
      .type, at: tree.position,
      "name must be 1 to 100 letters (a-z, A-Z), digits, '-', '_' or '.', beginning with a letter, digit or "
        + "'_', found \(tree.found)",
      hint: "the name becomes a folder in results/, for example: name: quickstart")
    return nil
  }

  private mutating func network(_ fields: Fields) -> Network {
    var network = Network()
    if let tree = fields["activation"] {
      let names = Activation.allCases.map(\.rawValue)
      if let activation = choice(tree, "network.activation", names).flatMap(Activation.init(rawValue:)) {
        network.activation = activation
      }
    }
    if let tree = fields["bias"], let bias = boolean(tree, "network.bias") { network.bias = bias }
    if let tree = fields["antisymmetric"], let value = boolean(tree, "network.antisymmetric") {
      network.antisymmetric = value
    }
    return network
  }

  private mutating func stop(_ tree: YAMLTree) -> (target: Double, budget: Budget) {
    var target = Problem.defaultTarget
    var budget = Budget.standard
    guard let fields = fields(of: tree, .stop) else { return (target, budget) }
    if let tree = fields["mean_squared_residual"] {
      let hint = "runs have converged below it; the default is \(target)"
      target =
        number(tree, "stop.mean_squared_residual", "a number above 0", hint: hint) { $0 > 0 } ?? target
    }
    if let tree = fields["steps"] { budget.steps = integer(tree, "stop.steps", from: 1) ?? budget.steps }
    if let tree = fields["wall_seconds"] {
      let hint = "the time one run may take; the default is \(written(budget.wallSeconds))"
      budget.wallSeconds =
        number(tree, "stop.wall_seconds", "a number of seconds above 0", hint: hint) { $0 > 0 }
        ?? budget.wallSeconds
    }
    if let tree = fields["time"] {
      let hint = "the normalised time t̄ at which a run ends; leave it out for no limit"
      budget.time = number(tree, "stop.time", "a number above 0", hint: hint) { $0 > 0 }
    }
    return (target, budget)
  }

  private mutating func limits(_ tree: YAMLTree) -> Limits {
    var limits = Limits()
    guard let fields = fields(of: tree, .limits) else { return limits }
    if let tree = fields["attempts"] {
      limits.attempts = integer(tree, "limits.attempts", from: 1, to: 1000) ?? limits.attempts
    }
    if let tree = fields["memory"] {
      limits.memory = tree.plain.flatMap { memory($0) }
      if limits.memory == nil {
        report(
          tree.plain == nil ? .type : .range, at: tree.position,
          "limits.memory must be a number of bytes, at least 1, with or without a unit, found \(tree.found)",
          hint: "write for example 4GiB, 500MB or 2e9; units are B, kB, MB, GB, TB, KiB, MiB, GiB, TiB")
      }
    }
    return limits
  }

  /// Antisymmetric networks have two equal halves.
  private mutating func checkEven(_ widths: [Int], axis: YAMLTree) {
    guard let odd = widths.first(where: { !$0.isMultiple(of: 2) }) else { return }
    var position = axis.position
    if case .list(let items) = axis.content {
      position = items.first { $0.plain.flatMap { Grid.number($0) } == Double(odd) }?.position ?? position
    }
    report(
      .range, at: position, "antisymmetric networks need even widths, and the axis width holds \(odd)",
      hint: "list even widths, or set antisymmetric: false")
  }
}
