import Model

/// One of the four axes: what its values may be.
struct Axis {
  /// The key that holds the axis, for messages.
  var parent = "axes"
  var key: String
  var least: Double
  var most: Double
  /// Whether values are whole numbers; if not, they are rounded to 12 decimals.
  var isWhole: Bool

  // With |γ|, |γ'| ≤ 16 and m ≤ 10⁹, κ/κ' = m^(γ' − γ) is at most 10²⁸⁸: it neither overflows nor vanishes.
  static let gamma = Axis(key: "gamma", least: -16, most: 16, isWhole: false)
  static let gammaPrime = Axis(key: "gamma_prime", least: -16, most: 16, isWhole: false)
  static let width = Axis(key: "width", least: 1, most: 1e9, isWhole: true)
  static let seed = Axis(key: "seed", least: 0, most: Double(largestInteger), isWhole: true)
  static let all = [gamma, gammaPrime, width, seed]

  var path: String { "\(parent).\(key)" }

  var expected: String {
    "a \(isWhole ? "whole number" : "number") from \(written(least)) to \(written(most))"
  }

  func accepts(_ value: Double) -> Bool {
    value >= least && value <= most && (!isWhole || value.rounded() == value)
  }

  func rounded(_ value: Double) -> Double { isWhole ? value.rounded() : AxisRange.roundedExponent(value) }
}

extension GridReader {
  /// The four axes, expanded only if there are not too many runs.
  mutating func axes(_ tree: YAMLTree) -> Axes? {
    guard let fields = fields(of: tree, .axes) else { return nil }
    var ranges: [AxisRange?] = []
    for axis in Axis.all {
      ranges.append(required(axis.key, in: fields).flatMap { range($0, of: axis) })
    }
    guard checkRunCount(ranges.map { $0?.count ?? 1 }, fields) else { return nil }
    return Axes(values: zip(Axis.all, ranges).map { axis, range in range?.values(rounded: axis.rounded) })
  }

  /// The blocks of `also`; nil if any is wrong.
  ///
  /// - Parameter axes: the axes, whose widths and seeds are those of blocks that give none; nil if they are wrong.
  mutating func also(_ tree: YAMLTree, beside axes: Axes?) -> [Axes]? {
    guard case .list(let items) = tree.content else {
      report(
        .type, at: tree.position, "also must be a list of blocks, found \(tree.found)",
        hint: "write for example also: [{ gamma: [1.1, 1.2], gamma_prime: 0.5 }]")
      return nil
    }
    let widths = axes.map { AxisRange.list($0.width.map { Double($0) }) }
    let seeds = axes.map { AxisRange.list($0.seed.map { Double($0) }) }
    let blocks = items.map { block($0, widths: widths, seeds: seeds) }
    let whole = blocks.compactMap { $0 }
    return whole.count == blocks.count ? whole : nil
  }

  /// A block of `also`, which has these widths and seeds if it gives none.
  private mutating func block(_ tree: YAMLTree, widths: AxisRange?, seeds: AxisRange?) -> Axes? {
    guard let fields = fields(of: tree, .also, path: "a block of also") else { return nil }
    var ranges: [AxisRange?] = []
    for axis in Axis.all {
      var axis = axis
      axis.parent = "also"
      switch axis.key {
      case Axis.width.key where fields[axis.key] == nil: ranges.append(widths)
      case Axis.seed.key where fields[axis.key] == nil: ranges.append(seeds)
      default: ranges.append(required(axis.key, in: fields).flatMap { range($0, of: axis) })
      }
    }
    guard checkRunCount(ranges.map { $0?.count ?? 1 }, fields) else { return nil }
    return Axes(values: zip(Axis.all, ranges).map { axis, range in range?.values(rounded: axis.rounded) })
  }

  /// The values that occur on each axis of some blocks.
  func allValues(_ blocks: [Axes]) -> Axes {
    guard blocks.count > 1 else {
      return blocks.first ?? Axes(gamma: [], gammaPrime: [], width: [], seed: [])
    }
    func all<Value: Hashable & Comparable>(_ axis: KeyPath<Axes, [Value]>) -> [Value] {
      blocks.reduce(into: Set<Value>()) { $0.formUnion($1[keyPath: axis]) }.sorted()
    }
    return Axes(gamma: all(\.gamma), gammaPrime: all(\.gammaPrime), width: all(\.width), seed: all(\.seed))
  }

  /// Whether a block with so many values on its axes, beside those read before, spans no more runs than there may be.
  private mutating func checkRunCount(_ counts: [Double], _ fields: Fields) -> Bool {
    let product = counts.reduce(1, *)
    let most = Double(allowHuge ? GridFile.mostRunsEver : GridFile.mostRuns)
    let before = runCount
    runCount += product
    guard runCount > most else { return true }
    // Said once: whatever follows is more still.
    guard before <= most else { return false }
    // Point at the longest axis: it is the likeliest to be a mistake.
    let culprit = zip(Axis.all, counts).max { $0.1 < $1.1 }.flatMap { fields[$0.0.key]?.position }
    let factors = zip(Axis.all, counts).map { "\($0.0.key) \(written($0.1))" }.joined(separator: " × ")
    report(
      .tooManyRuns, at: culprit ?? fields.position,
      before == 0
        ? "the axes span \(written(product)) runs (\(factors)), more than \(written(most))"
        : "this block spans \(written(product)) runs (\(factors)), with the axes and the blocks before it "
          + "\(written(runCount)), more than \(written(most))",
      hint: allowHuge || runCount > Double(GridFile.mostRunsEver)
        ? "make the axes coarser, or split the sweep into several grids"
        : "make the axes coarser, or pass --yes if so many are meant")
    return false
  }

  /// Values in any of the forms of an axis.
  mutating func range(_ tree: YAMLTree, of axis: Axis) -> AxisRange? {
    switch tree.content {
    case .scalar: return value(tree, axis.path, axis).map { .list([$0]) }
    case .list(let items): return list(items, at: tree.position, axis)
    case .map: return range(mapping: tree, axis)
    }
  }

  private mutating func value(_ tree: YAMLTree, _ what: String, _ axis: Axis) -> Double? {
    let hint =
      axis.isWhole
      ? "write a number like 1000 or 1e3, a list [a, b], or { from: a, to: b, … }"
      : "write a number like 0.5, a list [a, b], or { from: a, to: b, step: c }"
    return number(tree, what, axis.expected, hint: hint) { axis.accepts($0) }
  }

  private mutating func list(_ items: [YAMLTree], at position: Position, _ axis: Axis) -> AxisRange? {
    guard !items.isEmpty else {
      report(.range, at: position, "\(axis.path) is an empty list", hint: "give at least one value")
      return nil
    }
    var values: [Double] = []
    var isValid = true
    var lines: [Double: Position] = [:]
    for item in items {
      guard let value = value(item, "a value of \(axis.path)", axis).map(axis.rounded) else {
        isValid = false
        continue
      }
      if lines.updateValue(item.position, forKey: value) != nil {
        report(
          .range, at: item.position, "\(axis.path) holds \(written(value)) twice", hint: "remove one of them")
        isValid = false
      }
      values.append(value)
    }
    return isValid ? .list(values.sorted()) : nil
  }

  private mutating func range(mapping tree: YAMLTree, _ axis: Axis) -> AxisRange? {
    guard let fields = fields(of: tree, .axis, path: axis.path) else { return nil }
    let spacings = ["step", "count", "per_decade"].compactMap { key in fields.byKey[key] }
      .sorted { $0.position < $1.position }
    if spacings.count > 1 {
      report(
        .conflict, at: spacings[1].position,
        "\(axis.path) has both \"\(spacings[0].key)\" and \"\(spacings[1].key)\"",
        hint: "keep one of step, count and per_decade")
      return nil
    }
    if axis.key == Axis.seed.key, fields["from"] == nil, fields["to"] == nil, let count = fields["count"] {
      return integer(count, "\(axis.path).count", from: 1)
        .map { .stepped(from: 0, to: Double($0 - 1), step: 1) }
    }

    let from = required("from", in: fields).flatMap { value($0, "\(axis.path).from", axis) }
    let to = required("to", in: fields).flatMap { value($0, "\(axis.path).to", axis) }
    guard let from, let to else { return nil }
    guard from <= to else {
      report(
        .range, at: fields["from"]?.position,
        "\(axis.path) is empty: from \(written(from)) is greater than to \(written(to))",
        hint: "exchange from and to")
      return nil
    }
    guard let spacing = spacings.first else {
      if axis.key == Axis.seed.key { return .stepped(from: from, to: to, step: 1) }
      if fields.meant.isDisjoint(with: ["step", "count", "per_decade"]) {
        report(
          .missingKey, at: fields.position, "\(axis.path) lacks one of the keys step, count and per_decade",
          hint: "add for example \(axis.isWhole ? "per_decade: 2" : "step: 0.125")")
      }
      return nil
    }
    return range(from: from, to: to, spacing, axis)
  }

  private mutating func range(
    from: Double, to: Double, _ spacing: YAMLTree.Entry, _ axis: Axis
  ) -> AxisRange? {
    let path = "\(axis.path).\(spacing.key)"
    switch spacing.key {
    case "step":
      let expected = axis.isWhole ? "a whole number above 0" : "a number of at least 1e-12"
      return number(spacing.value, path, expected, hint: "from, from + step, … up to to") { step in
        axis.isWhole ? step > 0 && step.rounded() == step : step >= 1e-12
      }.map { .stepped(from: from, to: to, step: $0) }
    case "count":
      guard let count = integer(spacing.value, path, from: 1) else { return nil }
      guard (count == 1) == (from == to) else {
        report(
          .range, at: spacing.value.position,
          from == to
            ? "\(path) must be 1 where from equals to, found \(count)"
            : "\(path) must be at least 2, for both ends, found \(count)",
          hint: "give a single number instead of a range if one value is meant")
        return nil
      }
      return .spaced(from: from, to: to, count: count)
    default:
      guard let perDecade = integer(spacing.value, path, from: 1, to: 1000) else { return nil }
      guard from > 0 else {
        report(
          .range, at: spacing.position, "\(path) needs from above 0, found from \(written(from))",
          hint: "use step or count")
        return nil
      }
      return .logarithmic(from: from, to: to, perDecade: perDecade)
    }
  }
}

extension Axes {
  /// The axes with the values of γ, γ', width and seed; nil if any of them lacks.
  fileprivate init?(values: [[Double]?]) {
    guard let gamma = values[0], let gammaPrime = values[1], let width = values[2], let seed = values[3]
    else { return nil }
    self.init(
      gamma: gamma, gammaPrime: gammaPrime, width: width.map { Int($0) }, seed: seed.map { UInt64($0) })
  }
}
