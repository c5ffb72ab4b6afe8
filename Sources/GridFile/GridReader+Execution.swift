import Model
import Platform

/// What says how runs are carried out, and where their results go.
extension GridReader {
  /// A name that is safe as that of a folder.
  mutating func folderName(_ tree: YAMLTree, _ what: String, example: String) -> String? {
    func isSafe(_ name: String) -> Bool {
      guard let first = name.unicodeScalars.first, isAlphanumeric(first) || first == "_" else { return false }
      return name.utf8.count <= 100
        && name.unicodeScalars.allSatisfy { isAlphanumeric($0) || "-_.".unicodeScalars.contains($0) }
    }
    if case .scalar(let text, _) = tree.content, isSafe(text) { return text }
    report(
      .type, at: tree.position,
      "\(what) must be 1 to 100 letters (a-z, A-Z), digits, '-', '_' or '.', beginning with a letter, digit or "
        + "'_', found \(tree.found)",
      hint: "the \(what) becomes a folder in results/, for example: \(what): \(example)")
    return nil
  }

  /// The name and revision of a method.
  mutating func method(_ tree: YAMLTree) -> String {
    func isMethod(_ text: String) -> Bool {
      let parts = text.split(separator: "/", omittingEmptySubsequences: false)
      return text.utf8.count <= 100 && parts.count == 2
        && parts.allSatisfy { part in
          !part.isEmpty && part.unicodeScalars.allSatisfy { isAlphanumeric($0) || $0 == "-" || $0 == "." }
        }
    }
    if case .scalar(let text, _) = tree.content, isMethod(text) { return text }
    report(
      .type, at: tree.position,
      "method must be a name and a revision of letters, digits, '-' and '.' with a '/' between, found "
        + tree.found,
      hint: "for example method: gradient-descent/1; the default is \(Problem.impulseMethod)")
    return Problem.impulseMethod
  }

  /// A program with its arguments.
  mutating func worker(_ tree: YAMLTree) -> WorkerProgram? {
    guard case .list(let items) = tree.content, !items.isEmpty else {
      report(
        .type, at: tree.position, "worker must be a list of a program and its arguments, found \(tree.found)",
        hint: "write for example worker: [python3, worker.py]")
      return nil
    }
    var arguments: [String] = []
    for item in items {
      guard case .scalar(let text, let isPlain) = item.content, !(isPlain && text.isEmpty),
        !text.utf8.contains(0), !(arguments.isEmpty && text.isEmpty)
      else {
        report(
          .type, at: item.position,
          "\(arguments.isEmpty ? "the program" : "an argument") of worker must be a text, found \(item.found)",
          hint: "write for example worker: [python3, worker.py]; quote what is not a word")
        return nil
      }
      arguments.append(text)
    }
    return WorkerProgram(arguments: arguments, folder: absoluteFolder)
  }

  /// The folder of the grid file from the root on: the worker may be started from anywhere, and much later.
  private var absoluteFolder: String {
    resolvedPath(baseDirectory.isEmpty ? "." : baseDirectory) ?? baseDirectory
  }

  mutating func limits(_ tree: YAMLTree) -> Limits {
    var limits = Limits()
    guard let fields = fields(of: tree, .limits) else { return limits }
    if let tree = fields["attempts"] {
      limits.attempts = integer(tree, "limits.attempts", from: 1, to: 1000) ?? limits.attempts
    }
    limits.memory = fields["memory"].flatMap { bytes($0, "limits.memory") }
    limits.runMemory = fields["run_memory"].flatMap { bytes($0, "limits.run_memory") }
    if let tree = fields["silence"] {
      let hint = "how long a worker may report no progress; the default is \(written(limits.silence))"
      limits.silence =
        number(tree, "limits.silence", "a number of seconds, at least 1", hint: hint) { $0 >= 1 }
        ?? limits.silence
    }
    if let tree = fields["grace"] {
      let hint = "how long stopping may take; the default is \(written(limits.grace))"
      limits.grace =
        number(tree, "limits.grace", "a number of seconds from 1 to 3600", hint: hint) {
          (1...3600).contains($0)
        } ?? limits.grace
    }
    if let all = limits.memory, let one = limits.runMemory, one > all {
      report(
        .range, at: fields["run_memory"]?.position,
        "limits.run_memory is more than limits.memory, so that no run could begin",
        hint: "lower run_memory, or raise memory")
    }
    return limits
  }

  mutating func bytes(_ tree: YAMLTree, _ what: String) -> Int? {
    if let bytes = tree.plain.flatMap({ memory($0) }) { return bytes }
    report(
      tree.plain == nil ? .type : .range, at: tree.position,
      "\(what) must be a number of bytes, at least 1, with or without a unit, found \(tree.found)",
      hint: "write for example 4GiB, 500MB or 2e9; units are B, kB, MB, GB, TB, KiB, MiB, GiB, TiB")
    return nil
  }
}

private func isAlphanumeric(_ c: Unicode.Scalar) -> Bool {
  c.isASCII && (c.properties.isAlphabetic || c.properties.numericType != nil)
}
