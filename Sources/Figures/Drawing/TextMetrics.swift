/// How wide a text can be, without asking a font.
///
/// A viewer takes the first font of ``Style/sans`` that it has. The widths here are the larger of
/// DejaVu Sans (wide, the fallback of a bare Linux system) and Liberation Sans (metrically Arial
/// and Helvetica), so that what fits by this table fits with all of them.
enum TextMetrics {
  /// An upper bound of the advance width of a text, in the unit of `size`.
  ///
  /// - Parameters:
  ///   - text: one line.
  ///   - size: the font size.
  ///   - bold: whether it is set in bold.
  static func width(_ text: String, size: Double, bold: Bool = false) -> Double {
    let hundredths = text.unicodeScalars.reduce(0) { $0 + width(of: $1, bold: bold) }
    return Double(hundredths) / 100 * size
  }

  /// The advance width of a text in Arial, and in Helvetica and Liberation Sans, which share its
  /// widths: the first fonts of ``Style/sans``. Nil if it has other characters than those of ASCII.
  ///
  /// A text that is written with this `textLength` is as wide with every other font.
  static func arialWidth(_ text: String, size: Double) -> Double? {
    var hundredths = 0
    for scalar in text.unicodeScalars {
      let index = Int(scalar.value) - 32
      guard arial.indices.contains(index) else { return nil }
      hundredths += arial[index]
    }
    return Double(hundredths) / 100 * size
  }

  /// The text, or as much of its beginning as fits with an ellipsis after it.
  static func truncated(_ text: String, size: Double, bold: Bool = false, to limit: Double) -> String {
    guard width(text, size: size, bold: bold) > limit else { return text }
    var kept = text
    while !kept.isEmpty && width(kept + "…", size: size, bold: bold) > limit { kept.removeLast() }
    return kept + "…"
  }

  /// A text in so many lines at most, broken at spaces; what is too long for the last is cut.
  static func wrapped(_ text: String, size: Double, to limit: Double, lines: Int) -> [String] {
    var rest = text.split(separator: " ").map(String.init)[...]
    var result: [String] = []
    while !rest.isEmpty, result.count < lines - 1 {
      var line = rest.removeFirst()
      while let next = rest.first, width("\(line) \(next)", size: size) <= limit {
        line += " " + next
        rest.removeFirst()
      }
      // A separator belongs to neither line.
      if rest.first == "·" { rest.removeFirst() }
      result.append(truncated(line, size: size, to: limit))
    }
    return rest.isEmpty ? result : result + [truncated(rest.joined(separator: " "), size: size, to: limit)]
  }

  /// Hundredths of an em.
  private static func width(of scalar: Unicode.Scalar, bold: Bool) -> Int {
    let index = Int(scalar.value) - 32
    if ascii.indices.contains(index) { return bold ? boldASCII[index] : ascii[index] }
    switch scalar {
    case "·", "′": return 38
    case "\u{2212}", "≤", "≥": return 84
    case "γ": return bold ? 66 : 60
    case "α"..."ω": return bold ? 91 : 84
    case "₀"..."₉", "⁰", "¹", "²", "³", "⁴"..."⁹": return bold ? 48 : 44
    case "–": return 56
    // Other letters are no wider than W and ideographs fill an em, but for rare ones.
    default: return 111
    }
  }

  /// Widths of the characters from space to tilde.
  private static let ascii = [
    32, 41, 46, 84, 64, 95, 78, 28, 39, 39, 50, 84, 32, 37, 32, 34,  // space ! " … /
    64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 34, 34, 84, 84, 84, 56,  // 0 … ?
    102, 69, 69, 73, 77, 67, 62, 78, 76, 30, 50, 67, 56, 87, 75, 79,  // @ A … O
    67, 79, 73, 67, 62, 74, 69, 99, 69, 67, 69, 39, 34, 39, 84, 56,  // P … _
    50, 62, 64, 55, 64, 62, 36, 64, 64, 28, 28, 58, 28, 98, 64, 62,  // ` a … o
    64, 64, 42, 53, 40, 64, 60, 82, 60, 60, 53, 64, 34, 64, 84,  // p … ~
  ]

  /// The same of Arial alone.
  private static let arial = [
    28, 28, 35, 56, 56, 89, 67, 19, 33, 33, 39, 58, 28, 33, 28, 28,  // space ! " … /
    56, 56, 56, 56, 56, 56, 56, 56, 56, 56, 28, 28, 58, 58, 58, 56,  // 0 … ?
    102, 67, 67, 72, 72, 67, 61, 78, 72, 28, 50, 67, 56, 83, 72, 78,  // @ … O
    67, 78, 72, 67, 61, 72, 67, 94, 67, 67, 61, 28, 28, 28, 47, 56,  // P … _
    33, 56, 56, 50, 56, 56, 28, 56, 56, 22, 22, 50, 22, 83, 56, 56,  // ` a … o
    56, 56, 33, 50, 28, 56, 50, 72, 50, 50, 50, 33, 26, 33, 58,  // p … ~
  ]

  /// The same in bold.
  private static let boldASCII = [
    35, 46, 53, 84, 70, 101, 88, 31, 46, 46, 53, 84, 38, 42, 38, 37,  // space ! " … /
    70, 70, 70, 70, 70, 70, 70, 70, 70, 70, 40, 40, 84, 84, 84, 62,  // 0 … ?
    100, 78, 77, 74, 84, 69, 69, 83, 84, 38, 56, 78, 64, 100, 84, 86,  // @ A … O
    74, 86, 78, 73, 69, 82, 78, 111, 78, 73, 73, 46, 37, 46, 84, 56,  // P … _
    50, 68, 72, 60, 72, 68, 44, 72, 72, 35, 35, 67, 35, 105, 72, 69,  // ` a … o
    72, 72, 50, 60, 48, 72, 66, 93, 65, 66, 59, 72, 37, 72, 84,  // p … ~
  ]
}
