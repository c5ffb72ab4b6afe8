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
  /// How many runs the blocks of axes that were read span, each counted for itself.
  var runCount = 0.0

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
    let name = required("name", in: fields).flatMap { folderName($0, "name", example: "quickstart") }
    let axesNode = required("axes", in: fields)
    let axisValues = axesNode.flatMap { axes($0) }
    let alsoNode = fields["also"]
    let also = alsoNode.map { self.also($0, beside: axisValues) } ?? []
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
    let keep =
      fields["keep"].map {
        self.keep($0, of: axisValues.flatMap { axes in also.map { allValues([axes] + $0) } })
      } ?? []
    let method = fields["method"].map { self.method($0) } ?? Problem.impulseMethod
    let worker = fields["worker"].flatMap { self.worker($0) }
    let database = fields["database"].flatMap { folderName($0, "database", example: "shared") }
    let slurm = fields["slurm"].map { self.slurm($0) }
    if let axisValues, let axesNode, network.antisymmetric {
      checkEven(axisValues.width, axis: value(of: "width", in: axesNode) ?? axesNode)
      if let alsoNode, let also { checkEven(also, blocks: alsoNode) }
    }
    guard issues.isEmpty, let name, let axisValues, let also, let samples else { return nil }

    let problem = Problem(
      network: network, samples: samples, target: target, tolerance: tolerance ?? Problem.defaultTolerance,
      method: method)
    let sweep = Sweep(
      name: name, axes: axisValues, also: also, problem: problem, budget: budget, limits: limits, keep: keep,
      worker: worker, database: database, slurm: slurm)
    var unsupported: [GridError.Issue] = []
    // What another method supports, its worker says.
    guard method == Problem.impulseMethod else { return (sweep, []) }
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

  /// The widths that blocks of `also` give.
  private mutating func checkEven(_ blocks: [Axes], blocks tree: YAMLTree) {
    guard case .list(let items) = tree.content else { return }
    for (block, item) in zip(blocks, items) {
      // Without a key of its own a block has the widths of the axes, which have been looked at.
      if let axis = value(of: "width", in: item) { checkEven(block.width, axis: axis) }
    }
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
