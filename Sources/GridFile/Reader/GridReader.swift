import Model
import Networks

/// Reads a grid file's tree into a sweep and collects everything that is wrong on the way.
///
/// A function that returns nil has reported why.
struct GridReader {
  typealias Position = GridError.Position
  typealias Kind = GridError.Kind

  let source: SourceText
  /// The folder that paths in the file are relative to.
  let baseDirectory: String
  /// The networks that may be asked for by name.
  let families: NetworkFamilies
  /// Whether more runs than ``GridFile/maxRuns`` are confirmed.
  let allowHuge: Bool
  /// The mappings to which a misplaced key may belong.
  let homes: [Section]

  private(set) var issues: [GridError.Issue] = []
  /// The samples, if they are right: which network they belong to depends on them.
  private(set) var data: SampleSet?
  /// Who computes the runs.
  var owner = Owner()
  /// The parameters of a worker of one's own, once the axes are read.
  var ownAxes: [Axis]?
  /// Whether the file names no method, so that another one may be the remedy.
  var needsMethod = false
  /// Whether it names a worker, but not what that computes.
  var workerLacksMethod = false
  /// How many runs the blocks of axes that were read span, each counted for itself.
  var runCount = 0.0

  init(source: SourceText, baseDirectory: String, families: NetworkFamilies, allowHuge: Bool) {
    self.source = source
    self.baseDirectory = baseDirectory
    self.families = families
    self.allowHuge = allowHuge
    homes = [
      .axes(families.parameters.map(\.name)), .network(families.all.flatMap(\.networkKeys)), .samples, .stop,
      .limits, .slurm,
    ]
  }

  // MARK: Issues

  mutating func report(_ kind: Kind, at position: Position?, _ message: String, hint: String) {
    issues.append(source.issue(kind, at: position, message, hint: hint))
  }

  mutating func report(_ flaw: YAMLTree.Flaw) {
    report(flaw.kind, at: flaw.position, flaw.message, hint: flaw.hint)
  }

  mutating func report(_ error: GridError) { issues += error.issues }

  /// Everything that was reported, this file's issues first and by position.
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

  mutating func read(_ root: YAMLTree) -> Sweep? {
    guard let fields = fields(of: root, .grid) else { return nil }
    data = fields["samples"].flatMap { samples($0) }
    owner = owner(fields)
    let name = required("name", in: fields).flatMap { folderName($0, "name", example: "quickstart") }
    var axes = required("axes", in: fields).flatMap { self.axes($0) }
    var include = fields["include"].map { self.include($0, beside: axes?.axes) } ?? []
    let (problem, budget) = problem(fields)
    if let problem, let family = owner.family, check(problem, of: family, fields) {
      axes = axes.map { checkWidths($0, of: problem, family) }
      include = include.map { blocks in
        // Blocks without widths of their own have those of the axes, which may have changed.
        blocks.map { block in
          guard block.widths == nil else { return checkWidths(block, of: problem, family) }
          var block = block
          block.axes.width = axes?.axes.width ?? []
          return block
        }
      }
    }
    let all = axes.flatMap { axes in include.map { Axes.union([axes.axes] + $0.map(\.axes)) } }
    var record = fields["record"].map { self.record($0, of: all) } ?? []
    let limit = problem.map { self.limit(fields["limit"], of: $0) } ?? false
    if !limit, let axes, axes.axes.width.isEmpty || axes.axes.seed.isEmpty {
      report(
        .missingKey, at: fields["axes"]?.position,
        "axes has no \(axes.axes.width.isEmpty ? "width" : "seed"), and the limit m → ∞ is not computed",
        hint: "add for example \(Section.example(of: "width")) and \(Section.example(of: "seed"))")
    }
    let limits = fields["limits"].map { self.limits($0) } ?? Limits()
    let worker = fields["worker"].flatMap { self.worker($0) }
    let plane = fields["plane"].map { self.plane($0) } ?? owner.family?.description.plane ?? []
    let orderParameter = fields["order_parameter"].flatMap { self.orderParameter($0) }
    if let name = orderParameter, owner.family?.description.recordable(name)?.isQuantity == true,
      !record.contains(where: { $0 == RecordRule(what: $0.what) && $0.what.contains(name) })
    {
      // Every run needs the number that decides the phase.
      record.insert(RecordRule(what: [name]), at: 0)
    }
    let database = fields["database"].flatMap { folderName($0, "database", example: "shared") }
    let slurm = fields["slurm"].map { self.slurm($0) }
    guard issues.isEmpty, let name, let axes, let include, let problem else { return nil }
    return Sweep(
      name: name, axes: axes.axes, include: include.map(\.axes), problem: problem, limit: limit,
      plane: plane, orderParameter: orderParameter, budget: budget, limits: limits, record: record,
      worker: worker, database: database, slurm: slurm)
  }

  /// Whether the limit m → ∞ is computed: where it can be, unless that is not wanted.
  private mutating func limit(_ tree: YAMLTree?, of problem: Problem) -> Bool {
    let hasLimit = owner.family?.hasLimit(of: problem) ?? false
    guard let tree else { return hasLimit }
    let words = ["on": true, "true": true, "off": false, "false": false]
    guard let isWanted = tree.plain.flatMap({ words[$0] }) else {
      _ = choice(tree, "limit", ["on", "off"])
      return false
    }
    if isWanted, !hasLimit {
      report(
        .unsupported, at: tree.position, "the limit m → ∞ cannot be computed for this network",
        hint: "remove the key, or write limit: off")
    }
    return isWanted
  }

  /// What determines the results, and what a run may spend; no problem if the samples are wrong, or
  /// it is not known who computes the runs.
  private mutating func problem(_ fields: Fields) -> (Problem?, Budget) {
    let parameters = fields["parameters"].map { self.parameters($0) } ?? [:]
    let (target, budget) = fields["stop"].map { stop($0) } ?? (Problem.defaultTarget, .default)
    let tolerance = fields["tolerance"].flatMap { tree in
      number(
        tree, "tolerance", "a number above 0, at most 0.1", hint: "the default is \(Problem.defaultTolerance)"
      ) { $0 > 0 && $0 <= 0.1 }
    }
    let needsSamples = owner.family?.needsSamples ?? false
    let tree = needsSamples ? required("samples", in: fields) : fields["samples"]
    guard let method = owner.method, data != nil || !needsSamples && tree == nil else {
      return (nil, budget)
    }
    let problem = Problem(
      method: method, network: owner.network, parameters: parameters, samples: data, target: target,
      tolerance: tolerance ?? Problem.defaultTolerance)
    return (problem, budget)
  }

  /// Whether the limit m → ∞ of some network of the family can be computed.
  var mayHaveLimit: Bool { owner.family?.hasLimit(of: bareProblem) ?? false }

  /// Whether runs of the network differ by their seeds.
  var hasSeeds: Bool { owner.family?.hasSeeds(of: bareProblem) ?? true }

  /// The network, without data.
  private var bareProblem: Problem { Problem(method: owner.method ?? "", network: owner.network) }

  // MARK: Names

  /// A name that is safe as that of a folder.
  private mutating func folderName(_ tree: YAMLTree, _ what: String, example: String) -> String? {
    func isSafe(_ name: String) -> Bool {
      guard let first = name.unicodeScalars.first, isAlphanumeric(first) || first == "_" else { return false }
      return name.utf8.count <= 100
        && name.unicodeScalars.allSatisfy { isAlphanumeric($0) || "-_.".unicodeScalars.contains($0) }
    }
    if let text = tree.text, isSafe(text) { return text }
    report(
      .type, at: tree.position,
      "\(what) must be 1 to 100 letters (a-z, A-Z), digits, '-', '_' or '.', beginning with a letter, digit or "
        + "'_', found \(tree.found)",
      hint: "the \(what) becomes a folder in results/, for example: \(what): \(example)")
    return nil
  }

  /// The parameters that span the plane.
  private mutating func plane(_ tree: YAMLTree) -> [String] {
    let items: [YAMLTree]
    if case .list(let list) = tree.content { items = list } else { items = [tree] }
    guard (1...2).contains(items.count) else {
      report(
        .range, at: tree.position, "plane must be one or two parameters, found \(items.count)",
        hint: "name the parameter along the abscissa, then the one along the ordinate")
      return []
    }
    var names: [String] = []
    for item in items {
      let known = owner.axisNames ?? ownAxes?.map(\.key)
      guard let name = known.map({ choice(item, "plane", $0) }) ?? identifier(item, "plane") else { continue }
      if names.contains(name) {
        report(.range, at: item.position, "plane holds \(name) twice", hint: "remove one of them")
      }
      names.append(name)
    }
    return names
  }

  /// The quantity that decides the phase.
  private mutating func orderParameter(_ tree: YAMLTree) -> String? {
    guard let description = owner.family?.description, let quantities = owner.quantities else {
      return identifier(tree, "order_parameter")
    }
    if let text = tree.text, description.recordable(text)?.isQuantity == true {
      return description.canonicalRecordName(text)
    }
    return choice(tree, "order_parameter", quantities + description.recordedQuantities)
  }
}
