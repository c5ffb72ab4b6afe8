import Model

extension GridReader {
  /// A block of axes, with what is needed to check its widths later.
  struct Block {
    var axes: Axes
    /// Where the widths are written; nil if they are those of the axes.
    var widths: YAMLTree?
    /// Where the seeds are written; nil if they are those of the axes.
    var seeds: YAMLTree?
    /// Whether those between the ends are computed.
    var widthsAreComputed = false
  }

  /// The axes, expanded only if there are not too many runs.
  mutating func axes(_ tree: YAMLTree) -> Block? {
    guard let fields = fields(of: tree, .axes(owner.axisNames)) else { return nil }
    if owner.axisNames == nil { ownAxes = ownAxes(fields) }
    guard let parameters = owner.parameterAxes ?? ownAxes else { return nil }
    return block(fields, parameters + [.width, .seed], beside: nil)
  }

  /// The blocks of `include`; nil if any is wrong.
  ///
  /// - Parameter axes: the axes, whose widths and seeds are those of blocks that give none; nil if
  ///   they are wrong.
  mutating func include(_ tree: YAMLTree, beside axes: Axes?) -> [Block]? {
    let parameters = owner.parameterAxes ?? ownAxes
    guard case .list(let items) = tree.content else {
      let example = (parameters ?? []).map { "\($0.key): 1" }.joined(separator: ", ")
      report(
        .type, at: tree.position, "include must be a list of blocks, found \(tree.found)",
        hint: "write for example include: [{ \(example) }]")
      return nil
    }
    guard let parameters else { return nil }
    let section = Section.axes(parameters.map(\.key), path: "a block of include")
    let all = (parameters + [.width, .seed]).map { $0.below("include") }
    let blocks = items.map { item in
      fields(of: item, section).flatMap { block($0, all, beside: axes ?? .empty) }
    }
    let whole = blocks.compactMap { $0 }
    return whole.count == blocks.count && axes != nil ? whole : nil
  }

  /// The parameters of a worker of one's own: whatever the axes are called.
  private mutating func ownAxes(_ fields: Fields) -> [Axis]? {
    var axes: [Axis] = []
    var areValid = true
    for entry in fields.entries where !Axes.reservedNames.contains(entry.key) {
      if isIdentifier(entry.key), entry.key != "what" {
        axes.append(.parameter(Parameter(entry.key)))
      } else {
        areValid = false
        report(
          .type, at: entry.position,
          entry.key.isEmpty
            ? "this axis has no name"
            : "\"\(excerpt(entry.key))\" cannot be the name of an axis: it must be made of letters (a-z, A-Z), "
              + "digits and '_', begin with a letter, and not be \"what\"",
          hint: "write for example learning_rate: [0.1, 0.01]")
      }
    }
    return areValid ? axes : nil
  }

  /// A block of values.
  ///
  /// Where only limits are wanted, widths and seeds may be left out, or be empty lists in a block
  /// of `include`.
  ///
  /// - Parameter axes: has the widths and seeds of blocks that give none; nil: these are the axes.
  private mutating func block(_ fields: Fields, _ all: [Axis], beside axes: Axes?) -> Block? {
    var ranges: [AxisRange?] = []
    for axis in all {
      let range: AxisRange?
      switch axis.kind {
      case .parameter where fields[axis.key] == nil && axis.defaultValue != nil:
        range = .list(axis.defaultValue.map { [$0] } ?? [])
      case .width where fields[axis.key] == nil && axes != nil: range = .list(axes?.width ?? [])
      case .seed where fields[axis.key] == nil && axes != nil:
        range = .list(axes?.seed.map { Double($0) } ?? [])
      case .width where fields[axis.key] == nil && mayHaveLimit: range = .list([])
      case .seed where fields[axis.key] == nil && fields[Axis.width.key] == nil && mayHaveLimit:
        range = .list([])
      case .seed where fields[axis.key] == nil && !hasSeeds: range = .list([Double(Run.meanSeed)])
      default:
        range = required(axis.key, in: fields, example: axis.example).flatMap { self.range($0, of: axis) }
      }
      ranges.append(range)
    }
    guard checkRunCount(all, ranges.map { $0?.count ?? 1 }, fields) else { return nil }
    var parameters: [String: [Double]] = [:]
    var width: [Double] = []
    var seed: [UInt64] = []
    for (axis, range) in zip(all, ranges) {
      guard let range else { return nil }
      let values = axis.values(range)
      switch axis.kind {
      case .parameter: parameters[axis.key] = values
      case .width: width = values
      case .seed: seed = values.map { UInt64($0) }
      }
    }
    let index = all.firstIndex { $0.kind == .width }
    return Block(
      axes: Axes(parameters: parameters, width: width, seed: seed), widths: fields[Axis.width.key],
      seeds: fields[Axis.seed.key],
      widthsAreComputed: index.flatMap { ranges[$0]?.isComputed } ?? false)
  }

  /// Whether a block with so many values on its axes, beside those read before, spans no more runs
  /// than there may be.
  private mutating func checkRunCount(_ axes: [Axis], _ counts: [Double], _ fields: Fields) -> Bool {
    // Without widths there are the limits. Other empty axes are those of a block that is wrong.
    let counts = zip(axes, counts).map { $0.kind == .parameter ? $1 : Swift.max(1, $1) }
    guard !counts.contains(0) else { return true }
    let product = counts.reduce(1, *)
    let max = Double(allowHuge ? GridFile.maxConfirmedRuns : GridFile.maxRuns)
    let before = runCount
    runCount += product
    // An overflow is no number.
    guard !(runCount <= max) else { return true }
    // Reported once: whatever follows is more still.
    guard before <= max else { return false }
    // Point at the longest axis: it is the likeliest to be a mistake.
    let culprit = zip(axes, counts).max { $0.1 < $1.1 }.flatMap { fields[$0.0.key]?.position }
    let factors = zip(axes, counts).map { "\($0.key) \(formattedNumber($1))" }.joined(separator: " × ")
    let spanned = "\(formattedNumber(product)) runs (\(factors))"
    report(
      .tooManyRuns, at: culprit ?? fields.position,
      before == 0
        ? "the axes span \(spanned), more than \(formattedNumber(max))"
        : "this block spans \(spanned), with the axes and the blocks before it "
          + "\(formattedNumber(runCount)), more than \(formattedNumber(max))",
      hint: allowHuge || runCount > Double(GridFile.maxConfirmedRuns)
        ? "make the axes coarser, or split the sweep into several grids"
        : "make the axes coarser, or pass --yes to confirm so many")
    return false
  }
}

extension Axes {
  fileprivate static let empty = Axes(parameters: [:], width: [], seed: [])

  /// The values that occur on each axis of some blocks, which have the same parameters.
  static func union(_ blocks: [Axes]) -> Axes {
    guard let first = blocks.first, blocks.count > 1 else { return blocks.first ?? .empty }
    func all<Value: Hashable & Comparable>(_ values: (Axes) -> [Value]) -> [Value] {
      blocks.reduce(into: Set<Value>()) { $0.formUnion(values($1)) }.sorted()
    }
    return Axes(
      parameters: Dictionary(uniqueKeysWithValues: first.names.map { name in (name, all { $0[name] }) }),
      width: all(\.width), seed: all(\.seed))
  }
}
