import Foundation

/// Words that help, documents, comments and public names do without.
public enum Words {
  /// What the program was called before.
  public static let oldName = ["phase", "sweep"].joined()

  /// Patterns, and what to write instead.
  private static let banned: [(pattern: String, instead: String)] = [
    (#"\bset aside\b"#, "failed"),
    (#"\bput(s|ting)? (it |them |runs? |long runs )?down\b"#, "suspend, checkpoint"),
    (#"\btak(e|es|en|ing) (it |them |runs )?up( again)?\b(?! to)"#, "resume"),
    (#"\bcarr(y|ies|ied|ying) (a sweep |it |them |the statement )?out\b"#, "run"),
    (#"\btak(e|es|en|ing) in\b(?! all)"#, "merge"),
    (#"\bcrew\b"#, "thread pool"), (#"\bchatter(s|ing)?\b"#, "rate limiter, oscillate"),
    (#"\bmailbox\b"#, "event queue"), (#"\bdoom(ed)?\b"#, "termination reason"),
    (#"\bbury\b"#, "worker exited"), (#"\bfarewell\b"#, "termination grace period"),
    (#"\bpatience\b"#, "timeout"), (#"\bsilence\b"#, "missing heartbeats, heartbeat_timeout"),
    (#"\bverdicts?\b"#, "trend, result"), (#"\bscatter(s|ed|ing)?\b"#, "dispersion"),
    (#"\busual\b"#, "default"), (#"\bwidest\b"#, "maximum"),
    (#"\bstalled\b"#, "stationary"), (#"\b"# + oldName + #"\b"#, "gammaplane"),
    (#"\b(no|any|some|every)(body|one)\b"#, "no process, a user, all"), (#"\bwhoever\b"#, "the reader"),
    (#"\bbeing carried\b"#, "running"), (#"\blook(s|ed)? again\b"#, "refresh"),
    (#"\bbalanced ?split\b"#, "division into shards"),
  ]

  /// The patterns, made once: there are many lines to read.
  private static let expressions = banned.compactMap { word in
    (try? NSRegularExpression(pattern: word.pattern, options: .caseInsensitive)).map {
      (expression: $0, instead: word.instead)
    }
  }

  /// The lines of a text that have such words, each with what to write instead.
  public static func offences(_ text: String) -> [String] {
    let whole = text as NSString
    return expressions.flatMap { word in
      word.expression.matches(in: text, range: NSRange(location: 0, length: whole.length)).map { match in
        let line = whole.substring(with: whole.lineRange(for: match.range)).split(separator: "\n").first ?? ""
        let number = whole.substring(to: match.range.location).count { $0 == "\n" } + 1
        return "line \(number): \(line.drop { $0 == " " }) → \(word.instead)"
      }
    }
  }
}
