extension GridReader {
  /// A finite number.
  ///
  /// - Parameters:
  ///   - what: the value's path for messages.
  ///   - expected: a description of valid values, with an article.
  mutating func number(
    _ tree: YAMLTree, _ what: String, _ expected: String, hint: String, where isValid: (Double) -> Bool
  ) -> Double? {
    guard let text = tree.plain, let value = decimalNumber(text) else {
      var hint = hint
      if case .scalar(let text, let isPlain) = tree.content {
        hint = isPlain ? numberAdvice(text) ?? hint : decimalNumber(text) == nil ? hint : "remove the quotes"
      }
      let isNotFinite = tree.plain.map { isNonFiniteNumber($0) } ?? false
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
    _ tree: YAMLTree, _ what: String, from min: Int, to max: Int = maxInteger
  ) -> Int? {
    let value = number(
      tree, what, "a whole number from \(min) to \(max)", hint: "write it like 1000 or 1e3"
    ) { value in wholeNumber(value).map { $0 >= min && $0 <= max } ?? false }
    return value.map { Int($0) }
  }

  /// One of some words.
  mutating func choice(_ tree: YAMLTree, _ what: String, _ words: [String]) -> String? {
    if let text = tree.text, words.contains(text) { return text }
    let near = tree.text.flatMap { nearest(to: $0, of: words) }
    report(
      tree.text == nil ? .type : .range, at: tree.position,
      "\(what) must be \(list(words, "or")), found \(tree.found)",
      hint: near.map { "did you mean \"\($0)\"?" } ?? "write \(list(words, "or"))")
    return nil
  }

  /// A name made of letters, digits and `_` that begins with a letter, as parameters and what is
  /// recorded have.
  mutating func identifier(_ tree: YAMLTree, _ what: String) -> String? {
    if let text = tree.text, isIdentifier(text) { return text }
    report(
      .type, at: tree.position,
      "\(what) must be a name of letters (a-z, A-Z), digits and '_' that begins with a letter, found \(tree.found)",
      hint: "write for example learning_rate")
    return nil
  }
}

/// Whether a text can be the name of a parameter of a worker of one's own.
func isIdentifier(_ text: String) -> Bool {
  guard let first = text.unicodeScalars.first, isAlphanumeric(first), first.properties.isAlphabetic,
    text.utf8.count <= 100
  else { return false }
  return text.unicodeScalars.allSatisfy { isAlphanumeric($0) || $0 == "_" }
}

/// Whether a character is one of a-z, A-Z, 0-9.
func isAlphanumeric(_ c: Unicode.Scalar) -> Bool {
  c.isASCII && (c.properties.isAlphabetic || c.properties.numericType != nil)
}
