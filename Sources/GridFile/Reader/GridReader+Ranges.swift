import Model

extension GridReader {
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
      axis.kind == .parameter
      ? "write a number like 0.5, a list [a, b], or { from: a, to: b, step: c }"
      : "write a number like 1000 or 1e3, a list [a, b], or { from: a, to: b, … }"
    return number(tree, what, axis.expected, hint: hint) { axis.accepts($0) }
  }

  /// Whether no value is one way to give an axis: without widths there are the limits alone.
  private func mayBeEmpty(_ axis: Axis) -> Bool { axis.kind != .parameter && mayHaveLimit }

  private mutating func list(_ items: [YAMLTree], at position: Position, _ axis: Axis) -> AxisRange? {
    guard !items.isEmpty || mayBeEmpty(axis) else {
      report(.range, at: position, "\(axis.path) is an empty list", hint: "give at least one value")
      return nil
    }
    var values: Set<Double> = []
    var isValid = true
    for item in items {
      guard let value = value(item, "a value of \(axis.path)", axis) else {
        isValid = false
        continue
      }
      if !values.insert(value).inserted {
        report(
          .range, at: item.position, "\(axis.path) holds \(formattedNumber(value)) twice",
          hint: "remove one of them")
        isValid = false
      }
    }
    return isValid ? .list(values.sorted()) : nil
  }

  private mutating func range(mapping tree: YAMLTree, _ axis: Axis) -> AxisRange? {
    guard let fields = fields(of: tree, .range(axis.path)) else { return nil }
    let spacings = ["step", "count", "per_decade"].compactMap { key in fields.byKey[key] }
      .sorted { $0.position < $1.position }
    if spacings.count > 1 {
      report(
        .conflict, at: spacings[1].position,
        "\(axis.path) has both \"\(spacings[0].key)\" and \"\(spacings[1].key)\"",
        hint: "keep one of step, count and per_decade")
      return nil
    }
    if axis.kind == .seed, fields["from"] == nil, fields["to"] == nil, let count = fields["count"] {
      return integer(count, "\(axis.path).count", from: 1)
        .map { .stepped(from: 0, to: Double($0 - 1), step: 1) }
    }

    let from = required("from", in: fields).flatMap { value($0, "\(axis.path).from", axis) }
    let to = required("to", in: fields).flatMap { value($0, "\(axis.path).to", axis) }
    guard let from, let to else { return nil }
    guard from <= to else {
      report(
        .range, at: fields["from"]?.position,
        "\(axis.path) is empty: from \(formattedNumber(from)) is greater than to \(formattedNumber(to))",
        hint: "exchange from and to")
      return nil
    }
    guard let spacing = spacings.first else {
      if axis.kind == .seed { return .stepped(from: from, to: to, step: 1) }
      if fields.meant.isDisjoint(with: ["step", "count", "per_decade"]), !fields.hasMergeKey {
        report(
          .missingKey, at: fields.position, "\(axis.path) lacks one of the keys step, count and per_decade",
          hint: "add for example \(axis.kind == .parameter ? "step: 0.125" : "per_decade: 2")")
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
      let isWhole = axis.kind == .seed
      let negative = spacing.value.plain.flatMap { decimalNumber($0) }.flatMap { $0 < 0 ? -$0 : nil }
      return number(
        spacing.value, path, isWhole ? "a whole number above 0" : "a number above 0",
        hint: negative.map { "write step: \(formattedNumber($0)); values go up, from from to to" }
          ?? "from, from + step, … up to to"
      ) { step in step > 0 && (!isWhole || step.rounded() == step) }
      .map { .stepped(from: from, to: to, step: $0) }
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
          .range, at: spacing.position, "\(path) needs from above 0, found from \(formattedNumber(from))",
          hint: "use step or count")
        return nil
      }
      return .logarithmic(from: from, to: to, perDecade: perDecade)
    }
  }
}
