import RealModule

/// How something depends on the width m and the input dimension d: sums, products, quotients,
/// powers and square roots of positive numbers, m and d, such as `sqrt(2 / (m + d))`.
///
/// There is no subtraction, so that the value is positive, and a sum grows like the fastest of its
/// terms.
public struct WidthExpression: Sendable, Hashable {
  /// As it was written.
  public let text: String
  private let term: Term

  /// Reads an expression.
  ///
  /// - Throws: ``WidthExpressionError`` if it is none.
  public init(_ text: String) throws(WidthExpressionError) {
    var parser = Parser(text)
    self.text = text
    term = try parser.whole()
  }

  /// The value at a width and an input dimension, both at least 1.
  public func value(width m: Double, dimension d: Double) -> Double { term.value(m, d) }

  /// The p of m^p, like which the value grows as m → ∞ with d fixed.
  public var growth: Double { term.growth }
}

private indirect enum Term: Sendable, Hashable {
  case number(Double)
  case width
  case dimension
  case sum(Term, Term)
  case product(Term, Term)
  case quotient(Term, Term)
  case power(Term, Double)

  func value(_ m: Double, _ d: Double) -> Double {
    switch self {
    case .number(let x): x
    case .width: m
    case .dimension: d
    case .sum(let a, let b): a.value(m, d) + b.value(m, d)
    case .product(let a, let b): a.value(m, d) * b.value(m, d)
    case .quotient(let a, let b): a.value(m, d) / b.value(m, d)
    case .power(let a, let p): Double.pow(a.value(m, d), p)
    }
  }

  var growth: Double {
    switch self {
    case .number, .dimension: 0
    case .width: 1
    case .sum(let a, let b): Swift.max(a.growth, b.growth)
    case .product(let a, let b): a.growth + b.growth
    case .quotient(let a, let b): a.growth - b.growth
    case .power(let a, let p): a.growth * p
    }
  }
}

/// Why a text is no ``WidthExpression``.
public struct WidthExpressionError: Error, Hashable, CustomStringConvertible {
  /// The whole text.
  public let text: String
  /// Where it goes wrong, counted in characters from 1.
  public let column: Int
  /// What is wrong.
  public let cause: String

  /// The text, what is wrong with it, and how to write it.
  public var description: String {
    "“\(text)” is no expression in m and d: \(cause) at character \(column). "
      + "Write it as in sqrt(2/(m+d)), 1/m or m^-0.5"
  }
}

/// Recursive descent: sum → product → power → atom.
private struct Parser {
  private let text: String
  private let characters: [Character]
  private var place = 0
  private var depth = 0

  init(_ text: String) {
    self.text = text
    characters = Array(text)
  }

  mutating func whole() throws(WidthExpressionError) -> Term {
    let result = try sum()
    guard next == nil else { throw wrong("“\(characters[place])” does not belong there") }
    return result
  }

  private mutating func sum() throws(WidthExpressionError) -> Term {
    var result = try product()
    while take("+") { result = .sum(result, try product()) }
    if next == "-" { throw wrong("differences are not supported, which might vanish or be negative,") }
    return result
  }

  private mutating func product() throws(WidthExpressionError) -> Term {
    var result = try power()
    while true {
      if take("*") || take("·") {
        result = .product(result, try power())
      } else if take("/") {
        result = .quotient(result, try power())
      } else {
        return result
      }
    }
  }

  private mutating func power() throws(WidthExpressionError) -> Term {
    let base = try atom()
    guard take("^") else { return base }
    let isInParentheses = take("(")
    let sign = take("-") || take("−") ? -1.0 : 1.0
    var exponent = sign * (try number())
    if isInParentheses {
      if take("/") { exponent /= try number() }
      guard take(")") else { throw wrong("“)” is missing") }
    }
    return .power(base, exponent)
  }

  private mutating func atom() throws(WidthExpressionError) -> Term {
    guard let character = next else { throw wrong("a number, m, d or sqrt(…) is missing") }
    if character.isNumber || character == "." {
      let start = place
      let value = try number()
      guard value > 0 else { throw wrong("the number is not positive", at: start) }
      return .number(value)
    }
    if take("(") { return try parenthesised() }
    if take("√") { return .power(try atom(), 0.5) }
    let start = place
    var word = ""
    while place < characters.count, characters[place].isLetter {
      word.append(characters[place])
      place += 1
    }
    switch word {
    case "m": return .width
    case "d": return .dimension
    case "sqrt":
      guard take("(") else { throw wrong("“(” is missing") }
      return .power(try parenthesised(), 0.5)
    case "": throw wrong("“\(character)” does not belong there", at: start)
    default: throw wrong("there is no “\(word)”, only m, d and sqrt,", at: start)
    }
  }

  /// What follows an opening parenthesis, with the closing one.
  private mutating func parenthesised() throws(WidthExpressionError) -> Term {
    depth += 1
    guard depth <= 100 else { throw wrong("there are too many parentheses") }
    let result = try sum()
    guard take(")") else { throw wrong("“)” is missing") }
    depth -= 1
    return result
  }

  private mutating func number() throws(WidthExpressionError) -> Double {
    _ = next
    let start = place
    func isPart(_ i: Int) -> Bool {
      let c = characters[i]
      if c.isASCII && (c.isNumber || c == ".") { return true }
      if c == "e" || c == "E" { return i > start }
      return (c == "-" || c == "+") && i > start && (characters[i - 1] == "e" || characters[i - 1] == "E")
    }
    while place < characters.count, isPart(place) { place += 1 }
    guard let value = Double(String(characters[start..<place])), value.isFinite else {
      throw wrong("a number is missing", at: start)
    }
    return value
  }

  /// The next character that is no space.
  private var next: Character? {
    mutating get {
      while place < characters.count, characters[place].isWhitespace { place += 1 }
      return place < characters.count ? characters[place] : nil
    }
  }

  private mutating func take(_ character: Character) -> Bool {
    guard next == character else { return false }
    place += 1
    return true
  }

  private func wrong(_ cause: String, at place: Int? = nil) -> WidthExpressionError {
    WidthExpressionError(text: text, column: (place ?? self.place) + 1, cause: cause)
  }
}
