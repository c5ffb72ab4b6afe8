import Yams

/// A YAML document as it stands in the text: every node with its place, scalars as written.
///
/// Numbers are not resolved here, because YAML 1.1 takes `1e6` for a string and `1:30` for a
/// number.
struct YAMLTree {
  enum Content {
    /// A plain or quoted scalar.
    case scalar(String, isPlain: Bool)
    case list([YAMLTree])
    case map([Entry])
  }

  struct Entry {
    var key: String
    var position: GridError.Position
    var value: YAMLTree
  }

  var position: GridError.Position
  var content: Content

  /// What a message calls it.
  var found: String {
    switch content {
    case .scalar("", isPlain: true): "nothing"
    case .scalar(let text, isPlain: true): excerpt(text)
    case .scalar(let text, isPlain: false): "the quoted text \"\(excerpt(text))\""
    case .list(let items): items.isEmpty ? "an empty list" : "a list"
    case .map: "a mapping"
    }
  }

  /// The text if it is a scalar, quoted or not.
  var text: String? {
    if case .scalar(let text, _) = content { text } else { nil }
  }

  /// The text if it is a scalar that is not quoted.
  var plain: String? {
    if case .scalar(let text, isPlain: true) = content { text } else { nil }
  }
}

extension YAMLTree {
  /// Aliases make a short text a huge tree; a grid needs none larger than this.
  private static let maxValues = 2_000_000
  /// How many duplicate keys are looked for before giving up.
  private static let maxDuplicates = 10

  /// Parses a document. Duplicate keys stay in the tree, in order.
  init(_ source: SourceText) throws(GridError) {
    // Yams refuses a mapping with equal keys and only says where the first stands. Renaming that
    // one and parsing again yields a tree with all of them, whose first has its name restored.
    var text = source.text
    var renamed: [GridError.Position: String] = [:]
    while true {
      do {
        guard let root = try Self.compose(text) else {
          throw GridError([
            source.issue(
              .file, at: nil, "the file holds nothing but blanks and comments",
              hint: "start from grids/quickstart.yaml")
          ])
        }
        var converter = Converter(source: source, renamed: renamed, left: Self.maxValues)
        self = try converter.tree(root)
        return
      } catch YamlError.duplicatedKeysInMapping(let names, let context) {
        let position = GridError.Position(line: context.mark.line, column: context.mark.column)
        renamed[position] = names.first ?? ""
        guard renamed.count <= Self.maxDuplicates, let changed = Self.rename(renamed.keys, in: source) else {
          throw GridError([
            source.issue(
              .duplicateKey, at: position, "this key is given more than once in the same mapping",
              hint: "keep one of them")
          ])
        }
        text = changed
      } catch let error as YamlError {
        throw GridError([source.issue(of: error)])
      } catch let error as GridError {
        throw error
      } catch {
        throw GridError([source.issue(of: .no)])
      }
    }
  }

  private static func compose(_ text: String) throws -> Node? {
    // The encoding is given because the library's default reads the environment and prints.
    try Yams.compose(yaml: text, .default, .default, .utf8)
  }

  /// Changes the first letter of the keys at some positions to characters that nothing else uses;
  /// nil if one is not a simple scalar.
  private static func rename(
    _ positions: some Collection<GridError.Position>, in source: SourceText
  ) -> String? {
    var scalars = Array(source.text.unicodeScalars)
    for (number, position) in positions.enumerated() {
      var index = source.offset(of: position)
      if index < scalars.count, scalars[index] == "\"" || scalars[index] == "'" { index += 1 }
      guard index < scalars.count, let unused = Unicode.Scalar(0xe000 + UInt32(number)) else { return nil }
      let first = scalars[index].properties
      guard first.isAlphabetic || first.numericType != nil || scalars[index] == "_" else { return nil }
      scalars[index] = unused
    }
    var changed = String.UnicodeScalarView()
    changed.append(contentsOf: scalars)
    return String(changed)
  }
}

/// From the library's nodes to the tree.
private struct Converter {
  let source: SourceText
  let renamed: [GridError.Position: String]
  var left: Int

  mutating func tree(_ node: Node) throws -> YAMLTree {
    let position = GridError.Position(line: node.mark?.line ?? 1, column: node.mark?.column ?? 1)
    left -= 1
    guard left >= 0 else {
      throw GridError([
        source.issue(
          .syntax, at: position, "the file has too many values", hint: "use aliases (*name) more sparingly")
      ])
    }
    switch node {
    case .scalar(let scalar):
      let isPlain = scalar.style == .plain && scalar.tag.description != Tag.Name.str.rawValue
      return YAMLTree(position: position, content: .scalar(scalar.string, isPlain: isPlain))
    case .sequence(let sequence):
      var items: [YAMLTree] = []
      for item in sequence { items.append(try tree(item)) }
      return YAMLTree(position: position, content: .list(items))
    case .mapping(let mapping):
      var entries: [YAMLTree.Entry] = []
      for (key, value) in mapping {
        let key = try tree(key)
        guard case .scalar(let name, _) = key.content else {
          throw GridError([
            source.issue(
              .type, at: key.position, "a key must be a word, found \(key.found)",
              hint: "check braces, brackets and indentation")
          ])
        }
        entries.append(
          .init(key: renamed[key.position] ?? name, position: key.position, value: try tree(value)))
      }
      return YAMLTree(position: position, content: .map(entries))
    case .alias(let alias):
      throw GridError([
        source.issue(
          .syntax, at: position, "the alias \(alias.anchor.rawValue) cannot be used here",
          hint: "write the value out")
      ])
    }
  }
}

extension SourceText {
  /// The library's error in our form.
  fileprivate func issue(of error: YamlError) -> GridError.Issue {
    let general = "check indentation, brackets, quotes and colons here and on the line before"
    switch error {
    case .scanner(let context, let problem, let mark, _), .parser(let context, let problem, let mark, _),
      .composer(let context, let problem, let mark, _):
      let position = GridError.Position(line: mark.line, column: mark.column)
      let rest = line(position.line).unicodeScalars.dropFirst(position.column - 1)
      if rest.first == "\t" {
        return issue(
          .syntax, at: position, "not valid YAML: a tab cannot indent",
          hint: "replace the tab by spaces")
      }
      if let context, isBlank(from: position) {
        // Something is not closed. Where it begins says more than where the file ends.
        return issue(
          .syntax, at: .init(line: context.mark.line, column: context.mark.column),
          "not valid YAML: \(problem) before the end of the file \(context.text)", hint: general)
      }
      return issue(.syntax, at: position, "not valid YAML: \(words(problem, context))", hint: general)
    case .reader(let problem, _, _, _):
      return issue(.encoding, at: nil, "not valid YAML: \(problem)", hint: "save the file as UTF-8 text")
    default:
      return issue(.syntax, at: nil, "not valid YAML", hint: general)
    }
  }

  private func words(_ problem: String, _ context: YamlError.Context?) -> String {
    if problem.hasPrefix("but found another document") { return "a second document begins here" }
    if problem.hasPrefix("Maximum nesting level") { return "lists and mappings are nested too deeply" }
    guard let context, !context.text.isEmpty else { return problem }
    return "\(problem) \(context.text) that begins at \(context.mark.line):\(context.mark.column)"
  }
}
