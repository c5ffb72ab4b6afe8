/// A mapping of the grid file and the keys it may have.
enum Section: CaseIterable {
  case grid, axes, also, axis, network, samples, stop, limits, keep, slurm

  /// The valid keys, in the order of the documentation.
  var keys: [String] {
    switch self {
    case .grid:
      [
        "name", "axes", "also", "network", "samples", "stop", "tolerance", "limits", "keep", "worker",
        "method", "database", "slurm",
      ]
    case .axes, .also: ["gamma", "gamma_prime", "width", "seed"]
    case .axis: ["from", "to", "step", "count", "per_decade"]
    case .network: ["activation", "bias", "antisymmetric"]
    case .samples: ["x", "y", "file", "target", "count", "from", "to"]
    case .stop: ["mean_squared_residual", "steps", "wall_seconds", "time"]
    case .limits: ["attempts", "memory", "run_memory", "silence", "grace"]
    case .keep: ["what", "gamma", "gamma_prime", "width", "seed"]
    case .slurm:
      ["tasks", "partition", "account", "time", "memory", "cpus_per_task", "scratch", "options"]
    }
  }

  /// The key whose value it is; none for the whole file, and for an axis, which has four names.
  var name: String? {
    switch self {
    case .grid, .axis: nil
    case .axes: "axes"
    case .also: "also"
    case .network: "network"
    case .samples: "samples"
    case .stop: "stop"
    case .limits: "limits"
    case .keep: "keep"
    case .slurm: "slurm"
    }
  }

  /// How a required key may look.
  static func example(of key: String) -> String {
    switch key {
    case "name": "name: quickstart"
    case "axes": "axes: with gamma, gamma_prime, width and seed below it"
    case "gamma": "gamma: { from: 0.5, to: 2.0, step: 0.125 }"
    case "gamma_prime": "gamma_prime: { from: -0.5, to: 1.0, step: 0.125 }"
    case "width": "width: { from: 1000, to: 100000, per_decade: 2 }"
    case "seed": "seed: { count: 2 }"
    case "samples": "samples: { x: [-1.0, 0.5], y: [0.2, -0.4] }"
    case "x": "x: [-1.0, 0.5]"
    case "y": "y: [0.2, -0.4]"
    case "count": "count: 40"
    case "from": "from: -1"
    case "to": "to: 1"
    case "what": "what: [trajectory]"
    default: "\(key):"
    }
  }
}

extension GridReader {
  /// The entries of a mapping, checked for unknown and duplicate keys.
  struct Fields {
    /// What messages call the mapping: "axes.width", or "the grid".
    var path: String
    var position: Position
    var byKey: [String: YAMLTree.Entry] = [:]
    /// Keys that an unknown one probably stands for; that they are missing need not be said again.
    var meant: Set<String> = []

    subscript(key: String) -> YAMLTree? { byKey[key]?.value }
  }

  /// - Parameter path: what messages call it, if that is not the section's name.
  mutating func fields(of tree: YAMLTree, _ section: Section, path: String? = nil) -> Fields? {
    let path = path ?? section.name ?? "the grid"
    guard case .map(let entries) = tree.content else {
      report(
        .type, at: tree.position,
        "\(path) must be a mapping with the keys \(oneOf(section.keys, "and")), found \(tree.found)",
        hint: section == .grid
          ? "start from grids/quickstart.yaml"
          : "write { key: value, … } or indented lines of the form \"key: value\"")
      return nil
    }
    var fields = Fields(path: path, position: tree.position)
    for entry in entries {
      let key = entry.key
      if !section.keys.contains(key) {
        let meant = nearest(to: key, of: section.keys)
        if let meant { fields.meant.insert(meant) }
        report(
          .unknownKey, at: entry.position,
          "unknown key \"\(excerpt(key))\" in \(path), expected \(oneOf(section.keys, "or"))",
          hint: hint(unknown: key, meant: meant, in: section))
      } else if let first = fields.byKey[key] {
        report(
          .duplicateKey, at: entry.position,
          "the key \"\(key)\" is given twice in \(path), first in line \(first.position.line)",
          hint: "keep one of them")
      } else {
        fields.byKey[key] = entry
      }
    }
    return fields
  }

  /// The value of a key that must be there.
  mutating func required(_ key: String, in fields: Fields) -> YAMLTree? {
    if let tree = fields[key] { return tree }
    if !fields.meant.contains(key) {
      report(
        .missingKey, at: fields.position, "\(fields.path) lacks the key \"\(key)\"",
        hint: "add it, for example: \(Section.example(of: key))")
    }
    return nil
  }

  /// The value of a key without a look at its neighbours, which have been checked before.
  func value(of key: String, in tree: YAMLTree) -> YAMLTree? {
    guard case .map(let entries) = tree.content else { return nil }
    return entries.first { $0.key == key }?.value
  }

  private func hint(unknown key: String, meant: String?, in section: Section) -> String {
    if let home = Section.allCases.first(where: { $0 != section && $0.name != nil && $0.keys.contains(key) }),
      let name = home.name, section != .axis
    {
      return "\"\(key)\" belongs in \(name)"
    }
    if section != .grid, section != .axis, Section.grid.keys.contains(key) {
      return "\"\(key)\" belongs to the left margin, beside name and axes"
    }
    if let meant { return "did you mean \"\(meant)\"?" }
    return "remove it, or use one of the keys named"
  }

  // MARK: Scalars

  /// A finite number.
  ///
  /// - Parameters:
  ///   - what: the value's path for messages.
  ///   - expected: a description of valid values, with an article.
  mutating func number(
    _ tree: YAMLTree, _ what: String, _ expected: String, hint: String, where isValid: (Double) -> Bool
  ) -> Double? {
    guard let text = tree.plain, let value = Grid.number(text) else {
      var hint = hint
      if case .scalar(let text, isPlain: false) = tree.content, Grid.number(text) != nil {
        hint = "remove the quotes"
      }
      let isNotFinite = tree.plain.map { isNamedNonFinite($0) } ?? false
      report(
        isNotFinite ? .range : .type, at: tree.position, "\(what) must be \(expected), found \(tree.found)",
        hint: hint)
      return nil
    }
    guard value.isFinite, isValid(value) else {
      report(.range, at: tree.position, "\(what) must be \(expected), found \(tree.found)", hint: hint)
      return nil
    }
    return value
  }

  /// A whole number in a range.
  mutating func integer(
    _ tree: YAMLTree, _ what: String, from least: Int, to most: Int = largestInteger
  ) -> Int? {
    let value = number(
      tree, what, "a whole number from \(least) to \(most)", hint: "write it like 1000 or 1e3"
    ) { value in wholeNumber(value).map { $0 >= least && $0 <= most } ?? false }
    return value.map { Int($0) }
  }

  mutating func boolean(_ tree: YAMLTree, _ what: String) -> Bool? {
    switch tree.plain {
    case "true": return true
    case "false": return false
    default:
      report(
        .type, at: tree.position, "\(what) must be true or false, found \(tree.found)",
        hint: "write true or false without quotes")
      return nil
    }
  }

  /// One of some words.
  mutating func choice(_ tree: YAMLTree, _ what: String, _ words: [String]) -> String? {
    var word: String?
    if case .scalar(let text, _) = tree.content {
      if words.contains(text) { return text }
      word = text
    }
    let near = word.flatMap { nearest(to: $0, of: words) }
    report(
      word == nil ? .type : .range, at: tree.position,
      "\(what) must be \(oneOf(words, "or")), found \(tree.found)",
      hint: near.map { "did you mean \"\($0)\"?" } ?? "write \(oneOf(words, "or"))")
    return nil
  }
}

/// "a, b or c".
func oneOf(_ words: [String], _ conjunction: String) -> String {
  guard let last = words.last, words.count > 1 else { return words.first ?? "" }
  return "\(words.dropLast().joined(separator: ", ")) \(conjunction) \(last)"
}

/// Whether a text is how some language writes infinity or not-a-number.
private func isNamedNonFinite(_ text: String) -> Bool {
  let bare = text.lowercased().drop { "+-.".contains($0) }
  return ["nan", "inf", "infinity"].contains(bare)
}
