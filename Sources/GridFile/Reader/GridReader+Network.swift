import Model
import Networks

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// The keys `network`, `method`, `worker` and `parameters`: who computes the runs.
extension GridReader {
  /// Finds the family that is asked for, or the worker of one's own.
  mutating func owner(_ fields: Fields) -> Owner {
    let tree = fields["network"]
    var given: [String: JSONValue] = [:]
    if let tree {
      guard case .object(let members) = tree.json("network", { _ in }) else {
        report(
          .type, at: tree.position, "network must be a mapping, found \(tree.found)",
          hint: "write for example network: { bias: true }")
        return Owner()
      }
      given = members
    }
    let name = fields["method"].flatMap { method($0) }
    if name == nil, fields["method"] != nil { return Owner() }
    needsMethod = name == nil
    workerLacksMethod = needsMethod && fields["worker"] != nil

    if let family = families.family(method: name, network: given, inputs: data?.dimension) {
      return Owner(
        family: family, method: name ?? family.description.methods.first,
        network: network(tree, of: family, isNamed: name != nil))
    }
    if let name {
      if let family = families.all.first(where: { $0.description.methods.contains(name) }) {
        let before = issues.count
        let network = network(tree, of: family, isNamed: true)
        if issues.count == before {
          report(
            .range, at: tree?.position ?? fields["method"]?.position,
            "the method \(name) cannot train this network", hint: knownNetworks)
        }
        return Owner(family: family, method: name, network: network)
      }
      return ownWorker(name, fields)
    }
    if workerLacksMethod {
      report(
        .missingKey, at: fields["worker"]?.position,
        "a worker of one's own with a network of its own needs a method", hint: methodAdvice)
      return Owner(network: given)
    }
    let before = issues.count
    if let family = nearestFamily(to: given) { _ = network(tree, of: family, isNamed: false) }
    if issues.count == before {
      report(
        .range, at: tree?.position ?? fields.position, "no network of this program is like this one",
        hint: knownNetworks)
    }
    return Owner()
  }

  /// The worker of one's own that has a method.
  private mutating func ownWorker(_ method: String, _ fields: Fields) -> Owner {
    if fields["worker"] == nil {
      report(
        .missingKey, at: fields["method"]?.position,
        "no network of this program has the method \(method), and no worker is given that has it",
        hint: nearest(to: method, of: families.methods).map { "did you mean \"\($0)\"?" }
          ?? "add worker: [program, arguments…], or leave method out; \(knownNetworks)")
    }
    return Owner(method: method, network: fields["network"].flatMap { verbatim($0, "network") } ?? [:])
  }

  /// Values that a worker of one's own gets as they are; nil if it is no mapping, or holds what
  /// JSON has not.
  mutating func verbatim(_ tree: YAMLTree, _ what: String) -> [String: JSONValue]? {
    var flaws: [YAMLTree.Flaw] = []
    let value = tree.json(what) { flaws.append($0) }
    for flaw in flaws { report(flaw) }
    guard case .object(let members) = value else {
      report(
        .type, at: tree.position, "\(what) must be a mapping, found \(tree.found)",
        hint: "write for example \(what): { depth: 3 }")
      return nil
    }
    return flaws.isEmpty ? members : nil
  }

  /// The parameters that are the same for all runs.
  mutating func parameters(_ tree: YAMLTree) -> [String: JSONValue] {
    guard let family = owner.family else { return verbatim(tree, "parameters") ?? [:] }
    let names = family.description.parameters.map(\.name)
    report(
      .conflict, at: tree.position, "parameters are for a worker of one's own, whose method is named",
      hint: "the parameters of the \(family.description.title) are axes: \(list(names, "and"))")
    return [:]
  }

  // MARK: Families

  /// The keys of a family's network, checked, with defaults for those that are not given.
  ///
  /// - Parameter isNamed: whether the family was chosen by its method, so that no other can be
  ///   meant.
  private mutating func network(
    _ tree: YAMLTree?, of family: any NetworkFamily, isNamed: Bool
  ) -> [String: JSONValue] {
    var network = family.withDefaults()
    guard let tree, let fields = fields(of: tree, .network(family.networkKeys)) else { return network }
    for key in family.networkKeys {
      guard let tree = fields[key.name] else { continue }
      let value = tree.json("network.\(key.name)") { _ in }
      if key.accepts(value) {
        network[key.name] = value
      } else {
        report(key, tree, isNamed: isNamed)
      }
    }
    return network
  }

  /// Reports a value that a key cannot have.
  private mutating func report(_ key: NetworkKey, _ tree: YAMLTree, isNamed: Bool) {
    let path = "network.\(key.name)"
    guard case .choice = key.kind, let text = tree.text else {
      let advice = tree.plain.flatMap { numberAdvice($0) } ?? "write \(key.expected)"
      report(
        tree.text == nil ? .type : .range, at: tree.position,
        "\(path) must be \(key.expected), found \(tree.found)", hint: advice)
      return
    }
    // Other families may have other words.
    let all = isNamed ? [key] : families.all.flatMap(\.networkKeys).filter { $0.name == key.name }
    var words: [String] = []
    for case .choice(let own) in all.map(\.kind) { words += own.filter { !words.contains($0) } }
    let near = nearest(to: text, of: words).map { "did you mean \"\($0)\"?" }
    if isNamed {
      report(
        .range, at: tree.position, "\(path) must be \(list(words, "or")), found \(tree.found)",
        hint: near ?? "write \(list(words, "or"))")
    } else {
      report(
        .range, at: tree.position, "no network of this program has \(key.name) \(tree.found)",
        hint: near ?? "choose \(list(words, "or")), or \(methodAdvice)")
    }
  }

  /// The family that comes nearest to a network that none claims: the first with the least that is
  /// strange to it.
  private func nearestFamily(to network: [String: JSONValue]) -> (any NetworkFamily)? {
    func strangeness(_ family: any NetworkFamily) -> Int {
      network.reduce(0) { sum, given in
        let keys = family.networkKeys
        if let key = keys.first(where: { $0.name == given.key }) {
          return sum + (key.accepts(given.value) ? 0 : 1)
        }
        return sum + (nearest(to: given.key, of: keys.map(\.name)) == nil ? 3 : 2)
      }
    }
    return families.all.enumerated().min {
      (strangeness($0.element), $0.offset) < (strangeness($1.element), $1.offset)
    }?.element
  }

  /// What this program has, for hints.
  var knownNetworks: String {
    let known = families.all.map {
      "\($0.description.methods.joined(separator: ", ")) (\($0.description.title))"
    }
    return known.isEmpty
      ? "this program has no networks" : "this program has \(known.joined(separator: "; "))"
  }

  /// What to do about names that no family has.
  var methodAdvice: String {
    "name the method of \(workerLacksMethod ? "the worker" : "a worker of your own") with method: NAME/REVISION"
  }

  // MARK: Method and worker

  /// The name and revision of a method.
  private mutating func method(_ tree: YAMLTree) -> String? {
    func isMethod(_ text: String) -> Bool {
      let parts = text.split(separator: "/", omittingEmptySubsequences: false)
      return text.utf8.count <= 100 && parts.count == 2
        && parts.allSatisfy { part in
          !part.isEmpty && part.unicodeScalars.allSatisfy { isAlphanumeric($0) || $0 == "-" || $0 == "." }
        }
    }
    if let text = tree.text {
      if isMethod(text) { return text }
      // Without a revision, the one of this program.
      if let own = families.methods.first(where: { $0.hasPrefix(text + "/") }) { return own }
      if let near = nearest(to: text, of: families.methodNames) {
        report(
          .range, at: tree.position, "there is no method \(tree.found)", hint: "did you mean \"\(near)\"?")
        return nil
      }
    }
    report(
      .type, at: tree.position,
      "method must be a name and a revision of letters, digits, '-' and '.' with a '/' between, found "
        + tree.found,
      hint: "for example method: gradient-descent/1; \(knownNetworks)")
    return nil
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
      guard let text = item.text, item.plain != "", !text.utf8.contains(0),
        !(arguments.isEmpty && text.isEmpty)
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

  /// The folder of the grid file from the root on: the worker may be started from anywhere, and
  /// much later.
  private var absoluteFolder: String {
    if let resolved = realpath(baseDirectory.isEmpty ? "." : baseDirectory, nil) {
      defer { free(resolved) }
      return String(cString: resolved)
    }
    return baseDirectory
  }
}
