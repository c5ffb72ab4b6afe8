import Model

extension GridReader {
  /// What to keep of which runs.
  ///
  /// - Parameter axes: the values that an entry may choose from; nil if they are not known.
  mutating func keep(_ tree: YAMLTree, of axes: Axes?) -> [KeepRule] {
    let items: [YAMLTree]
    if case .list(let list) = tree.content { items = list } else { items = [tree] }
    var rules: [KeepRule] = []
    var words: [YAMLTree] = []
    for item in items {
      if case .map = item.content {
        if let rule = keepRule(item, of: axes) { rules.append(rule) }
      } else {
        words.append(item)
      }
    }
    if !words.isEmpty, let what = observables(words, "keep") { rules.insert(KeepRule(what: what), at: 0) }
    return rules
  }

  private mutating func keepRule(_ tree: YAMLTree, of axes: Axes?) -> KeepRule? {
    guard let fields = fields(of: tree, .keep) else { return nil }
    let what = required("what", in: fields).flatMap { tree -> Observables? in
      guard case .list(let items) = tree.content else { return observables([tree], "keep.what") }
      guard !items.isEmpty else {
        report(
          .range, at: tree.position, "keep.what is an empty list",
          hint: "name \(oneOf(Observables.allNames, "or"))")
        return nil
      }
      return observables(items, "keep.what")
    }
    let gamma = values(.gamma, in: fields, among: axes?.gamma)
    let gammaPrime = values(.gammaPrime, in: fields, among: axes?.gammaPrime)
    let width = values(.width, in: fields, among: axes?.width.map { Double($0) })
    let seed = values(.seed, in: fields, among: axes?.seed.map { Double($0) })
    return what.map { what in
      KeepRule(
        what: what, gamma: gamma, gammaPrime: gammaPrime, width: width?.map { Int($0) },
        seed: seed?.map { UInt64($0) })
    }
  }

  private mutating func observables(_ items: [YAMLTree], _ what: String) -> Observables? {
    var result: Observables = []
    var isValid = true
    for item in items {
      guard let member = choice(item, what, Observables.allNames).flatMap({ Observables(name: $0) }) else {
        isValid = false
        continue
      }
      if !result.insert(member).inserted {
        report(
          .range, at: item.position, "\(what) holds \(item.found) twice", hint: "remove one of them")
        isValid = false
      }
    }
    return isValid ? result : nil
  }

  /// The values of an axis that an entry is about, all of them on the axis of the sweep; nil for all.
  private mutating func values(_ axis: Axis, in fields: Fields, among known: [Double]?) -> [Double]? {
    guard let tree = fields[axis.key] else { return nil }
    var axis = axis
    axis.parent = "keep"
    guard let range = range(tree, of: axis), let known else { return nil }
    let axisValues = Set(known)
    // More values than the axis has need not be looked at one by one to know that some are not on it.
    let few = range.count <= Double(10 * known.count)
    let values = few ? range.values(rounded: axis.rounded) : []
    if few, axisValues.isSuperset(of: values) { return values }
    guard let stranger = values.first(where: { !axisValues.contains($0) }) else {
      report(
        .range, at: tree.position,
        "\(axis.path) holds \(written(range.count)) values, more than the axis \(axis.key)",
        hint: "leave the key out for all values")
      return nil
    }
    let near = known.min { abs($0 - stranger) < abs($1 - stranger) }
    report(
      .range, at: position(of: stranger, in: tree, axis),
      "\(axis.path) holds \(written(stranger)), which is not on the axis \(axis.key)",
      hint: "the nearest value there is \(near.map(written) ?? "none"); leave the key out for all values")
    return nil
  }

  /// Where a value is written: at its place in a list, else where the values are.
  private func position(of value: Double, in tree: YAMLTree, _ axis: Axis) -> Position {
    guard case .list(let items) = tree.content else { return tree.position }
    return items.first { $0.plain.flatMap { Grid.number($0) }.map(axis.rounded) == value }?.position
      ?? tree.position
  }
}
