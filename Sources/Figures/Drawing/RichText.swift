/// A line of text whose pieces are upright or, for mathematical symbols, in italics; with
/// exponents.
struct RichText: ExpressibleByStringLiteral {
  /// How a piece is set.
  enum Form {
    case upright
    /// In italics with serifs.
    case symbol
    /// An exponent.
    case raised
  }

  /// A piece of it.
  struct Piece {
    var text: String
    var form: Form
  }

  /// The pieces in order.
  var pieces: [Piece]

  init(stringLiteral text: String) { self.init(text) }
  init(_ text: String, _ form: Form = .upright) { pieces = [Piece(text: text, form: form)] }

  /// A text as a user writes it: Greek letters, with primes after them, are mathematical symbols.
  init(typed text: String) {
    pieces = []
    for character in text {
      let isGreek = character.unicodeScalars.allSatisfy { ("\u{391}"..."\u{3C9}").contains($0) }
      let isPrime = "'\u{2032}".contains(character) && pieces.last?.form == .symbol
      let form = isGreek || isPrime ? Form.symbol : .upright
      let letter = isPrime ? "\u{2032}" : String(character)
      if pieces.last?.form == form {
        pieces[pieces.count - 1].text += letter
      } else {
        pieces.append(Piece(text: letter, form: form))
      }
    }
  }

  /// The symbol of a parameter or quantity. One letter, with what belongs to it, is set as in
  /// mathematics: γ′, α₁; of longer names, such as RD, only Greek letters are.
  init(name symbol: String) {
    let isLetter = symbol.count(where: \.isLetter) == 1 && !symbol.contains(" ")
    self = isLetter ? .symbol(symbol.replacing("'", with: "\u{2032}")) : RichText(typed: symbol)
  }

  /// A mathematical symbol.
  static func symbol(_ text: String) -> RichText { RichText(text, .symbol) }

  /// A power of ten: 10 with an exponent.
  static func powerOfTen(_ exponent: Int) -> RichText { powerOfTen("\(exponent)") }

  /// A power of ten whose exponent is a numeral.
  static func powerOfTen(_ exponent: String) -> RichText {
    "10" + RichText(Decimal.typeset(exponent), .raised)
  }

  static func + (a: RichText, b: RichText) -> RichText {
    var result = a
    result.pieces += b.pieces
    return result
  }

  /// An upper bound of its width.
  func width(size: Double) -> Double {
    pieces.reduce(0) { $0 + TextMetrics.width($1.text, size: size * $1.form.scale) }
  }

  /// The text, or as much of its beginning as fits with an ellipsis after it.
  func truncated(size: Double, to limit: Double) -> RichText {
    guard width(size: size) > limit else { return self }
    var kept = self
    while !kept.pieces.isEmpty {
      let last = kept.pieces.count - 1
      guard !kept.pieces[last].text.isEmpty else {
        kept.pieces.removeLast()
        continue
      }
      kept.pieces[last].text.removeLast()
      let cut = kept + "…"
      if cut.width(size: size) <= limit { return cut }
    }
    return "…"
  }

  /// The text without its forms, for where there are none: exponents are of raised characters, as
  /// 10³ is not 103.
  var plain: String { pieces.map { $0.form == .raised ? Superscripts.text($0.text) : $0.text }.joined() }

  /// The text as HTML.
  var html: String {
    pieces.map { piece in
      switch piece.form {
      case .upright: escaped(piece.text)
      case .symbol: "<i>\(escaped(piece.text))</i>"
      case .raised: "<sup>\(escaped(piece.text))</sup>"
      }
    }.joined()
  }

  /// The content of a `text` element.
  func content(size: Double) -> [Element.Content] {
    // How far below the base line the piece before ended; `dy` is relative to it.
    var depth = 0.0
    return pieces.filter { !$0.text.isEmpty }.map { piece in
      let step = piece.form.depth * size - depth
      depth += step
      guard piece.form != .upright || step != 0 else { return .text(piece.text) }
      var span = Element("tspan", [:], text: piece.text)
      if piece.form == .symbol {
        span.attributes += [("font-family", Style.serif), ("font-style", "italic")]
      }
      if piece.form.scale != 1 {
        span.attributes.append(("font-size", (size * piece.form.scale).attributeText))
      }
      if step != 0 { span.attributes.append(("dy", step.attributeText)) }
      return .element(span)
    }
  }
}

extension RichText.Form {
  /// The size of its letters relative to upright ones. Serif letters look smaller than sans-serif
  /// ones of the same size.
  var scale: Double {
    switch self {
    case .upright: 1
    case .symbol: 1.12
    case .raised: 0.72
    }
  }

  /// How far below the base line it stands, relative to the size of upright letters.
  var depth: Double {
    switch self {
    case .upright, .symbol: 0
    case .raised: -0.38
    }
  }
}

/// Exponents in characters of their own.
private enum Superscripts {
  private static let digits = Array("⁰¹²³⁴⁵⁶⁷⁸⁹")

  /// A number, raised; other characters stay.
  static func text(_ numeral: String) -> String {
    String(
      numeral.map { character in
        if character == "\u{2212}" { return "⁻" }
        if character == "." { return "·" }
        guard let value = character.wholeNumberValue, digits.indices.contains(value) else { return character }
        return digits[value]
      })
  }
}
