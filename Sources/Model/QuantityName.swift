/// The name of a quantity with arguments in parentheses behind it, such as `clusters(0.9, 0.99)`.
public struct QuantityName: Hashable, Sendable {
  /// What stands before the parentheses.
  public let base: String
  /// The arguments; empty where there are no parentheses.
  public let arguments: [Double]

  /// A name with arguments.
  public init(_ base: String, _ arguments: [Double] = []) {
    self.base = base
    self.arguments = arguments
  }

  /// Reads a name; nil if the text is none. Spaces between arguments do not matter.
  public init?(_ text: String) {
    guard let open = text.firstIndex(of: "(") else {
      guard NamedNumbers.isPlainName(text) else { return nil }
      self.init(text, [])
      return
    }
    let base = String(text[..<open])
    guard NamedNumbers.isPlainName(base), text.last == ")" else { return nil }
    let inner = text[text.index(after: open)...].dropLast()
    var arguments: [Double] = []
    for part in inner.split(separator: ",", omittingEmptySubsequences: false) {
      let words = part.split(separator: " ")
      guard words.count == 1, words[0].allSatisfy({ "0123456789.e-".contains($0) }),
        let value = Double(words[0]), value.isFinite
      else { return nil }
      arguments.append(value)
    }
    self.init(base, arguments)
  }

  /// The name as results have it.
  public var text: String {
    guard !arguments.isEmpty else { return base }
    return "\(base)(\(arguments.map(formattedNumber).joined(separator: ", ")))"
  }
}

extension Recordable {
  /// The name under which results have what a name asks for: `clusters` for `clusters(0.95,0.99)`,
  /// where these are the defaults; nil if the name asks for something else.
  func canonicalName(_ name: String) -> String? {
    if name == self.name { return name }
    guard isQuantity, let asked = QuantityName(name), asked.base == self.name,
      asked.arguments.count == arguments.count, asked.arguments.allSatisfy({ $0 > 0 && $0 <= 1 })
    else { return nil }
    return asked.arguments == arguments ? self.name : asked.text
  }
}

extension FamilyDescription {
  /// What can be recorded under a name, which may have arguments; nil: nothing.
  public func recordable(_ name: String) -> Recordable? {
    recordables.first { $0.canonicalName(name) != nil }
  }

  /// The name under which results have what a name asks for; nil where nothing of it can be
  /// recorded.
  public func canonicalRecordName(_ name: String) -> String? {
    recordables.lazy.compactMap { $0.canonicalName(name) }.first
  }

  /// The quantities that results have only where a grid asks for them.
  public var recordedQuantities: [String] { recordables.filter(\.isQuantity).map(\.name) }
}
