import Model

extension GridReader {
  /// What to record of which runs.
  ///
  /// - Parameter axes: the values that an entry may choose from; nil if they are not known.
  mutating func record(_ tree: YAMLTree, of axes: Axes?) -> [RecordRule] {
    let items: [YAMLTree]
    if case .list(let list) = tree.content { items = list } else { items = [tree] }
    var rules: [RecordRule] = []
    var words: [YAMLTree] = []
    for item in items {
      if case .map = item.content {
        if let rule = recordRule(item, of: axes) { rules.append(rule) }
      } else {
        words.append(item)
      }
    }
    if !words.isEmpty, let what = recordNames(words, "record") {
      rules.insert(RecordRule(what: what), at: 0)
    }
    return rules
  }

  private mutating func recordRule(_ tree: YAMLTree, of axes: Axes?) -> RecordRule? {
    let parameters = owner.parameterAxes ?? ownAxes
    guard let fields = fields(of: tree, .record(parameters?.map(\.key))) else { return nil }
    let what = required("what", in: fields).flatMap { tree -> RecordNames? in
      guard case .list(let items) = tree.content else { return recordNames([tree], "record.what") }
      guard !items.isEmpty else {
        report(
          .range, at: tree.position, "record.what is an empty list",
          hint: owner.recordables.map { "name \(list($0, "or"))" } ?? "name what the worker records")
        return nil
      }
      return recordNames(items, "record.what")
    }
    var values: [String: [Double]] = [:]
    for axis in parameters ?? [] {
      values[axis.key] = self.values(axis, in: fields, among: axes?[axis.key])
    }
    let width = self.values(.width, in: fields, among: axes?.width)
    let seed = self.values(.seed, in: fields, among: axes?.seed.map { Double($0) })
    return what.map {
      RecordRule(what: $0, parameters: values, width: width, seed: seed?.map { UInt64($0) })
    }
  }

  private mutating func recordNames(_ items: [YAMLTree], _ what: String) -> RecordNames? {
    if let family = owner.family, family.description.recordables.isEmpty {
      report(
        .range, at: items.first?.position, "of a \(family.description.title) nothing can be recorded",
        hint: "remove the entry")
      return nil
    }
    var names: [String] = []
    var areValid = true
    for item in items {
      guard let name = recordName(item, what) else {
        areValid = false
        continue
      }
      if names.contains(name) {
        report(.range, at: item.position, "\(what) holds \(name) twice", hint: "remove one of them")
        areValid = false
      }
      names.append(name)
    }
    return areValid ? RecordNames(names) : nil
  }

  /// The name under which results have what an item asks for.
  private mutating func recordName(_ item: YAMLTree, _ what: String) -> String? {
    guard let description = owner.family?.description else { return identifier(item, what) }
    if let name = item.text.flatMap(description.canonicalRecordName) { return name }
    return choice(item, what, description.recordables.map(\.name))
  }

  /// The values of an axis that an entry is about, all of them on the axis of the sweep; nil for
  /// all.
  private mutating func values(_ axis: Axis, in fields: Fields, among known: [Double]?) -> [Double]? {
    guard let tree = fields[axis.key] else { return nil }
    let axis = axis.below("record")
    guard let range = range(tree, of: axis), let known else { return nil }
    let axisValues = Set(known)
    // More values than the axis has need not be looked at one by one to know that some are not on
    // it.
    let areFew = range.count <= Double(10 * known.count)
    var values = areFew ? axis.values(range) : []
    if axis.kind == .width, range.isComputed {
      // As on the axis itself, a neighbour may have taken the place of a computed width.
      values = values.map { width in
        [width, width + 1, width - 1].first(where: axisValues.contains) ?? width
      }
    }
    if areFew, axisValues.isSuperset(of: values) { return values }
    guard let stranger = values.first(where: { !axisValues.contains($0) }) else {
      report(
        .range, at: tree.position,
        "\(axis.path) holds \(formattedNumber(range.count)) values, more than the axis \(axis.key)",
        hint: "leave the key out for all values")
      return nil
    }
    let near = known.min { abs($0 - stranger) < abs($1 - stranger) }
    report(
      .range, at: position(of: stranger, in: tree),
      "\(axis.path) holds \(formattedNumber(stranger)), which is not on the axis \(axis.key)",
      hint:
        "the nearest value there is \(near.map(formattedNumber) ?? "none"); leave the key out for all values")
    return nil
  }
}
