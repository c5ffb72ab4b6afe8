extension GridReader {
  /// The entries of a mapping, checked for unknown and duplicate keys.
  struct Fields {
    /// What messages call the mapping: "axes.width", or "the grid".
    var path: String
    var position: Position
    var byKey: [String: YAMLTree.Entry] = [:]
    /// Keys that an unknown one probably stands for; that they are missing is not reported again.
    var meant: Set<String> = []
    /// Whether keys may be missing because a merge key was to supply them.
    var hasMergeKey = false

    subscript(key: String) -> YAMLTree? { byKey[key]?.value }

    /// In the order of the file.
    var entries: [YAMLTree.Entry] { byKey.values.sorted { $0.position < $1.position } }
  }

  mutating func fields(of tree: YAMLTree, _ section: Section) -> Fields? {
    guard case .map(let entries) = tree.content else {
      report(
        .type, at: tree.position,
        "\(section.path) must be a mapping"
          + (section.keys.map { " with the keys \(list($0, "and"))" } ?? " of names and values")
          + ", found \(tree.found)",
        hint: section.kind == .file
          ? "start from grids/quickstart.yaml"
          : "write { key: value, … } or indented lines of the form \"key: value\"")
      return nil
    }
    var fields = Fields(path: section.path, position: tree.position)
    for entry in entries {
      if entry.isMergeKey {
        fields.hasMergeKey = true
        report(entry.mergeKeyFlaw)
      } else if let keys = section.keys, !keys.contains(entry.key) {
        let meant = section.synonyms[entry.key] ?? nearest(to: entry.key, of: keys)
        if let meant { fields.meant.insert(meant) }
        report(
          .unknownKey, at: entry.position,
          "unknown key \"\(excerpt(entry.key))\" in \(section.path), expected \(list(keys, "or"))",
          hint: hint(unknown: entry.key, meant: meant, in: section))
      } else if let first = fields.byKey[entry.key] {
        report(
          .duplicateKey, at: entry.position,
          "the key \"\(entry.key)\" is given twice in \(section.path), first in line \(first.position.line)",
          hint: "keep one of them")
      } else {
        fields.byKey[entry.key] = entry
      }
    }
    return fields
  }

  /// The value of a key that must be there.
  ///
  /// - Parameter example: how it may look.
  mutating func required(_ key: String, in fields: Fields, example: String? = nil) -> YAMLTree? {
    if let tree = fields[key] { return tree }
    if !fields.meant.contains(key), !fields.hasMergeKey {
      report(
        .missingKey, at: fields.position, "\(fields.path) lacks the key \"\(key)\"",
        hint: "add it, for example: \(example ?? Section.example(of: key))")
    }
    return nil
  }

  private func hint(unknown key: String, meant: String?, in section: Section) -> String {
    if let name = section.synonyms[key] { return "\"\(key)\" is called \"\(name)\"" }
    if section.kind != .range {
      if let home = homes.first(where: { $0.path != section.path && $0.keys?.contains(key) == true }) {
        return "\"\(key)\" belongs in \(home.path)"
      }
      if section.kind == .block, Section.grid.keys?.contains(key) == true {
        return "\"\(key)\" belongs to the left margin, beside name and axes"
      }
    }
    if let meant { return "did you mean \"\(meant)\"?" }
    return section.dependsOnFamily && needsMethod
      ? "use one of the keys named, or \(methodAdvice)" : "remove it, or use one of the keys named"
  }
}
