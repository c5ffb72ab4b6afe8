import Model

extension GridReader {
  /// More samples than this have no place in a message to a worker. Families have limits of their
  /// own.
  static let maxSamples = 100_000

  /// The largest dimension of random inputs.
  static let maxDimension = 100_000

  /// The keys of each form in which samples are given, the one that tells it first.
  static let forms = [
    ["file"], ["mnist"], ["target", "count", "from", "to", "inputs", "dimension", "seed"], ["x", "y"],
  ]

  private static let formAdvice = "give x and y, or file, or target, count, from and to, or mnist"

  /// The samples in any form, scaled.
  mutating func samples(_ tree: YAMLTree) -> SampleSet? {
    guard let fields = fields(of: tree, .samples) else { return nil }
    let keys = fields.entries.filter { $0.key != "scale" }
    let scale = fields["scale"].map { self.scale($0) }
    guard
      let form = Self.forms.first(where: { fields[$0[0]] != nil }) ?? (keys.isEmpty ? nil : Self.forms.last)
    else {
      if fields.meant.isEmpty {
        report(
          .missingKey, at: fields.position, "samples has no values", hint: Self.formAdvice)
      }
      return nil
    }
    if let stranger = keys.first(where: { !form.contains($0.key) }) {
      let owner = keys.first { form.contains($0.key) }?.key ?? "x and y"
      report(
        .conflict, at: stranger.position, "samples cannot have \"\(stranger.key)\" beside \"\(owner)\"",
        hint: Self.formAdvice)
      return nil
    }
    let samples: SampleSet?
    switch form[0] {
    case "file": samples = fields["file"].flatMap { self.samples(file: $0) }
    case "mnist": samples = fields["mnist"].flatMap { self.samples(mnist: $0) }
    case "target": samples = self.samples(target: fields)
    default: samples = self.samples(inline: fields)
    }
    guard let samples, let scale else { return samples }
    return scale.flatMap { set($0.scaled(samples.x), samples.y, at: fields["scale"]?.position) }
  }

  private mutating func scale(_ tree: YAMLTree) -> SampleScale? {
    switch tree.text {
    case SampleScale.unitName: return .unit
    case SampleScale.largestName: return .largest
    default:
      return number(
        tree, "samples.scale", "\(SampleScale.unitName), \(SampleScale.largestName) or a number above 0",
        hint: "unit makes every |x| 1, largest the largest of them"
      ) { $0 > 0 }.map { .factor($0) }
    }
  }

  /// A set of samples that were computed here.
  private mutating func set(_ x: [[Double]], _ y: [Double], at position: Position?) -> SampleSet? {
    do {
      return try SampleSet(x: x, y: y)
    } catch {
      report(.samples, at: position, error.description, hint: "choose other samples, or another scale")
      return nil
    }
  }

  // MARK: Forms

  private mutating func samples(file tree: YAMLTree) -> SampleSet? {
    guard let full = path(tree, "samples.file", "for example file: samples.csv") else { return nil }
    do {
      return try SampleFile.samples(path: full)
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

  /// A path, from the folder of the grid file.
  private mutating func path(_ tree: YAMLTree, _ what: String, _ example: String) -> String? {
    guard case .scalar(let path, _) = tree.content, !path.isEmpty else {
      report(
        .type, at: tree.position, "\(what) must be the path of a file, found \(tree.found)",
        hint: "\(example), in the folder of the grid file")
      return nil
    }
    return path.hasPrefix("/") || baseDirectory.isEmpty ? path : "\(baseDirectory)/\(path)"
  }

  private mutating func samples(mnist tree: YAMLTree) -> SampleSet? {
    guard let fields = fields(of: tree, .mnist) else { return nil }
    let file = required("file", in: fields)
      .flatMap { path($0, "samples.mnist.file", "for example file: train-images-idx3-ubyte") }
    let labels = fields["labels"]
      .map { path($0, "samples.mnist.labels", "for example labels: train-labels-idx1-ubyte") }
    let count = required("images", in: fields)
      .flatMap { integer($0, "samples.mnist.images", from: 1, to: Self.maxSamples) }
    if let labels, labels == nil { return nil }
    guard let file, let count else { return nil }
    do throws(MNISTError) {
      let (x, y) = try MNISTImages(file: file, labels: labels ?? nil).samples(count)
      return set(x, y, at: fields.position)
    } catch {
      report(
        .file, at: fields["file"]?.position, "\(error.file): \(error.reason)",
        hint: "paths are relative to the folder of the grid file; docs/grid-files.md says how to get MNIST")
      return nil
    }
  }

  private mutating func samples(target fields: Fields) -> SampleSet? {
    let seed = fields["seed"].map { integer($0, "samples.seed", from: 0).map { UInt64($0) } } ?? 0
    let names = NamedTarget.allCases.map(\.rawValue) + [TargetValues.noiseName]
    let word = fields["target"].flatMap { choice($0, "samples.target", names) }
    let count = required("count", in: fields)
      .flatMap { integer($0, "samples.count", from: 1, to: Self.maxSamples) }
    let inputs = self.inputs(fields, seed: seed ?? 0, count: count)
    guard let word, let count, let inputs, let seed else { return nil }
    let values: TargetValues = NamedTarget(rawValue: word).map { .named($0) } ?? .noise(seed: seed)
    let x = inputs.points(count)
    return set(x, values.values(at: x), at: fields.position)
  }

  /// The rule of the inputs of a named target.
  private mutating func inputs(_ fields: Fields, seed: UInt64, count: Int?) -> InputSet? {
    let rules = ["even", "uniform", "normal"]
    let rule = fields["inputs"].map { choice($0, "samples.inputs", rules) }
    let dimension = fields["dimension"]
      .map { integer($0, "samples.dimension", from: 1, to: Self.maxDimension) }
    if let rule, rule == nil { return nil }
    if let dimension, dimension == nil { return nil }
    let d = (dimension ?? nil) ?? 1
    let chosen = (rule ?? nil) ?? (d == 1 && fields["seed"] == nil ? "even" : "uniform")
    if chosen == "normal" {
      for key in ["from", "to"] {
        guard let stranger = fields.byKey[key] else { continue }
        report(
          .conflict, at: stranger.position, "normal inputs have no \"\(key)\"",
          hint: "remove it, or write inputs: uniform")
        return nil
      }
      return .normal(dimension: d, seed: seed)
    }
    let from = required("from", in: fields).flatMap { coordinate($0, "samples.from") }
    let to = required("to", in: fields).flatMap { coordinate($0, "samples.to") }
    guard let from, let to else { return nil }
    guard chosen == "even" else {
      guard from < to else {
        reportEmpty(fields, from: from, to: to)
        return nil
      }
      return .uniform(from: from, to: to, dimension: d, seed: seed)
    }
    guard d == 1 else {
      report(
        .conflict, at: fields["dimension"]?.position, "even inputs lie on a line, not in \(d) dimensions",
        hint: "write inputs: uniform or inputs: normal")
      return nil
    }
    guard let count else { return nil }
    return even(fields, from: from, to: to, count: count)
  }

  private mutating func reportEmpty(_ fields: Fields, from: Double, to: Double) {
    report(
      .range, at: fields["from"]?.position,
      "samples is empty: from \(formattedNumber(from)) is not less than to \(formattedNumber(to))",
      hint: "exchange from and to, or move them apart")
  }

  private mutating func even(_ fields: Fields, from: Double, to: Double, count: Int) -> InputSet? {
    guard from < to || (from == to && count == 1) else {
      reportEmpty(fields, from: from, to: to)
      return nil
    }
    guard count > 1 || from == to else {
      report(
        .range, at: fields["count"]?.position, "samples.count must be at least 2, for both ends, found 1",
        hint: "give x and y if one sample is meant")
      return nil
    }
    return .even(from: from, to: to)
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
