/// Numbers with names, such as `alpha: 1.5, beta: 0`: the coordinates of a run, or what it
/// measured.
///
/// The names are kept in ascending order, so that equal sets are equal whatever order they were
/// written in. Many values share one list of names; a copy costs two reference counts.
public struct NamedNumbers: Hashable, Sendable {
  /// The names, ascending, each once.
  public let names: [String]
  /// The values, in the order of the names.
  public let values: [Double]

  /// Numbers with names; of a repeated name the last value counts.
  public init(_ pairs: some Sequence<(name: String, value: Double)>) {
    let sorted = Dictionary(pairs.map { ($0.name, $0.value) }, uniquingKeysWith: { $1 })
      .sorted { $0.key < $1.key }
    names = sorted.map(\.key)
    values = sorted.map(\.value)
  }

  /// Values of names that are ascending already.
  ///
  /// - Precondition: as many names as values.
  public init(sortedNames names: [String], values: [Double]) {
    precondition(names.count == values.count, "a value for every name")
    self.names = names
    self.values = values
  }

  /// Whether a text may name a parameter, a quantity or an array: letters of ASCII, digits and `_`,
  /// a letter first, at most 64 in all; a quantity may have arguments, as in ``QuantityName``.
  public static func isName(_ text: String) -> Bool {
    isPlainName(text)
      || text.utf8.last == UInt8(ascii: ")") && text.utf8.count <= 64 && QuantityName(text)?.text == text
  }

  /// Whether it may, without arguments.
  static func isPlainName(_ text: String) -> Bool {
    guard let first = text.utf8.first, isLetter(first), text.utf8.count <= 64 else { return false }
    return text.utf8.allSatisfy { isLetter($0) || (0x30...0x39).contains($0) || $0 == UInt8(ascii: "_") }
  }

  private static func isLetter(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
  }

  /// No numbers.
  public static let none = NamedNumbers(sortedNames: [], values: [])

  /// How many there are.
  public var count: Int { names.count }
  /// Whether there are none.
  public var isEmpty: Bool { names.isEmpty }

  /// The value of a name; nil if it has none.
  public subscript(name: some StringProtocol) -> Double? {
    // There are few: a search from the start is quicker than a dictionary.
    for (i, own) in names.enumerated() where own == name { return values[i] }
    return nil
  }

  /// Names and values, by name.
  public var pairs: some RandomAccessCollection<(name: String, value: Double)> {
    names.indices.lazy.map { (name: names[$0], value: values[$0]) }
  }

  /// These numbers with another value for one name, which is added if it is not there.
  public func setting(_ name: String, to value: Double) -> NamedNumbers {
    NamedNumbers(Array(pairs) + [(name: name, value: value)])
  }

  /// Those whose names are not among `removed`.
  public func without(_ removed: some Collection<String>) -> NamedNumbers {
    let kept = names.indices.filter { !removed.contains(names[$0]) }
    return NamedNumbers(sortedNames: kept.map { names[$0] }, values: kept.map { values[$0] })
  }

  /// For people: `alpha = 1.5, beta = 0`.
  public var text: String {
    pairs.map { "\($0.name) = \(formattedNumber($0.value))" }.joined(separator: ", ")
  }
}

extension NamedNumbers: ExpressibleByDictionaryLiteral {
  /// A name.
  public typealias Key = String
  /// Its value.
  public typealias Value = Double

  /// Numbers as a dictionary literal has them.
  public init(dictionaryLiteral elements: (String, Double)...) {
    self.init(elements.map { (name: $0.0, value: $0.1) })
  }
}

extension NamedNumbers: Comparable {
  /// By the values in the order of the names; sets of other names by their names.
  public static func < (a: NamedNumbers, b: NamedNumbers) -> Bool {
    for i in 0..<Swift.min(a.count, b.count) {
      if a.names[i] != b.names[i] { return a.names[i] < b.names[i] }
      if a.values[i] != b.values[i] { return a.values[i] < b.values[i] }
    }
    return a.count < b.count
  }
}

extension NamedNumbers: Codable {
  /// Encodes an object with a member for each name.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: AnyName.self)
    for (name, value) in pairs { try container.encode(value, forKey: AnyName(name)) }
  }

  /// Decodes an object of numbers.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: AnyName.self)
    self.init(
      try container.allKeys.map {
        (name: $0.stringValue, value: try container.decode(Double.self, forKey: $0))
      })
  }
}

/// The parameters of a run: a point of the space that a sweep explores, such as the exponents γ and
/// γ' by which an initialisation scales with the width.
public typealias Setting = NamedNumbers

/// "1 run", "2 runs".
public func counted(_ number: Int, _ noun: String) -> String {
  "\(number) \(noun)\(number == 1 ? "" : "s")"
}

/// The shortest text that reads back as the same double: without a fraction where there is none,
/// and with a power of ten from 10¹⁶ on; ∞ for infinity.
public func formattedNumber(_ value: Double) -> String {
  if value.isInfinite { return value < 0 ? "−∞" : "∞" }
  let text = value.description
  return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
}
