import Model

extension GridReader {
  /// More samples than this have no place in a message to a worker. Families have limits of their
  /// own.
  static let maxSamples = 100_000

  /// The samples in any of the three forms.
  mutating func samples(_ tree: YAMLTree) -> SampleSet? {
    guard let fields = fields(of: tree, .samples) else { return nil }
    let forms = [["file"], ["target", "count", "from", "to"], ["x", "y"]]
    let keys = fields.byKey.values.sorted { $0.position < $1.position }
    guard let form = forms.first(where: { fields[$0[0]] != nil }) ?? (keys.isEmpty ? nil : forms[2]) else {
      if fields.meant.isEmpty {
        report(
          .missingKey, at: fields.position, "samples has no values",
          hint: "give x and y, or file, or target, count, from and to")
      }
      return nil
    }
    if let stranger = keys.first(where: { !form.contains($0.key) }) {
      let owner = keys.first { form.contains($0.key) }?.key ?? "x and y"
      report(
        .conflict, at: stranger.position, "samples cannot have \"\(stranger.key)\" beside \"\(owner)\"",
        hint: "give x and y, or file, or target, count, from and to")
      return nil
    }
    switch form[0] {
    case "file": return fields["file"].flatMap { samples(file: $0) }
    case "target": return samples(target: fields)
    default: return samples(inline: fields)
    }
  }

  // MARK: Forms

  private mutating func samples(file tree: YAMLTree) -> SampleSet? {
    guard case .scalar(let path, _) = tree.content, !path.isEmpty else {
      report(
        .type, at: tree.position, "samples.file must be the path of a CSV file, found \(tree.found)",
        hint: "for example file: samples.csv, in the folder of the grid file")
      return nil
    }
    let full = path.hasPrefix("/") || baseDirectory.isEmpty ? path : "\(baseDirectory)/\(path)"
    do {
      return try SampleFile(path: full).samples()
    } catch {
      // That the file cannot be read is this line's fault; what is wrong inside it is not.
      if let issue = error.issues.first, issue.kind == .file {
        report(
          .file, at: tree.position, "\(issue.file): \(issue.message)",
          hint: "\(issue.hint); paths are relative to the folder of the grid file")
      } else {
        report(error)
      }
      return nil
    }
  }

  private mutating func samples(target fields: Fields) -> SampleSet? {
    let names = NamedTarget.allCases.map(\.rawValue)
    let target = fields["target"].flatMap { choice($0, "samples.target", names) }
      .flatMap(NamedTarget.init(rawValue:))
    let count = required("count", in: fields)
      .flatMap { integer($0, "samples.count", from: 1, to: Self.maxSamples) }
    let from = required("from", in: fields).flatMap { coordinate($0, "samples.from") }
    let to = required("to", in: fields).flatMap { coordinate($0, "samples.to") }
    guard let target, let count, let from, let to else { return nil }
    guard from < to || (from == to && count == 1) else {
      report(
        .range, at: fields["from"]?.position,
        "samples is empty: from \(formattedNumber(from)) is not less than to \(formattedNumber(to))",
        hint: "exchange from and to, or move them apart")
      return nil
    }
    guard count > 1 || from == to else {
      report(
        .range, at: fields["count"]?.position, "samples.count must be at least 2, for both ends, found 1",
        hint: "give x and y if one sample is meant")
      return nil
    }
    let (x, y) = target.samples(count: count, from: from, to: to)
    do {
      return try SampleSet(x: x, y: y)
    } catch {
      report(.samples, at: fields.position, error.description, hint: "choose other values of from and to")
      return nil
    }
  }

  private mutating func samples(inline fields: Fields) -> SampleSet? {
    let xTree = required("x", in: fields)
    let yTree = required("y", in: fields)
    let x = xTree.flatMap { inputs($0) }
    let y = yTree.flatMap { tree in
      items(tree, "samples.y").flatMap { items in
        all(items.map { item in coordinate(item, "a value of samples.y").map { ($0, item.position) } })
      }
    }
    guard let x, let y, let yTree else { return nil }
    let rows = RawSamples(
      x: x.map(\.0), y: y.map(\.0), positions: x.map(\.1), end: yTree.position)
    do {
      return try rows.checked(in: source)
    } catch {
      report(error)
      return nil
    }
  }

  // MARK: Values

  private mutating func inputs(_ tree: YAMLTree) -> [([Double], Position)]? {
    guard let items = items(tree, "samples.x") else { return nil }
    return all(
      items.map { item in
        guard case .list(let components) = item.content, !components.isEmpty else {
          return coordinate(item, "a value of samples.x").map { ([$0], item.position) }
        }
        return all(components.map { coordinate($0, "a component of samples.x") }).map { ($0, item.position) }
      })
  }

  private mutating func items(_ tree: YAMLTree, _ what: String) -> [YAMLTree]? {
    if case .list(let items) = tree.content, !items.isEmpty { return items }
    report(
      .type, at: tree.position, "\(what) must be a list of numbers, found \(tree.found)",
      hint: "write for example [-1.0, 0.5]")
    return nil
  }

  private mutating func coordinate(_ tree: YAMLTree, _ what: String) -> Double? {
    number(tree, what, "a finite number", hint: "write it like 0.5 or 1e-3") { _ in true }
  }

  /// All values, if none is missing.
  private func all<Value>(_ values: [Value?]) -> [Value]? {
    let present = values.compactMap { $0 }
    return present.count == values.count ? present : nil
  }
}
