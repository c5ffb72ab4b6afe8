/// Text as XML and as HTML, inside of elements and of attributes: a figure may stand in a page.
///
/// What either would act on is written as references. What they forbid (XML 1.0, section 2.2; HTML,
/// section 13.2.3.5), a carriage return, which they would read as a line feed, and what turns the
/// direction of the text around it is replaced by U+FFFD.
public func escaped(_ text: String) -> String {
  var result = ""
  result.reserveCapacity(text.utf8.count)
  for scalar in text.unicodeScalars {
    switch scalar {
    case "&": result += "&amp;"
    case "<": result += "&lt;"
    case ">": result += "&gt;"
    case "\"": result += "&quot;"
    case "'": result += "&#39;"
    case "\t", "\n": result.unicodeScalars.append(scalar)
    case "\u{0}"..<"\u{20}", "\u{7F}"..<"\u{A0}", "\u{202A}"..."\u{202E}", "\u{2066}"..."\u{2069}",
      "\u{FFFE}",
      "\u{FFFF}":
      result.unicodeScalars.append("\u{FFFD}")
    default: result.unicodeScalars.append(scalar)
    }
  }
  return result
}
