/// Words that help, documents and public names do without.
public enum Words {
  /// What the program was called before.
  public static let oldName = ["phase", "sweep"].joined()

  /// Patterns, and what to write instead.
  private static let banned: [(pattern: String, instead: String)] = [
    (#"\bset aside\b"#, "failed"),
    (#"\bput(s|ting)? (it |them |runs? |long runs )?down\b"#, "suspend, checkpoint"),
    (#"\btak(e|es|en|ing) (it |them |runs )?up( again)?\b"#, "resume"),
    (#"\bcarr(y|ies|ied|ying) out\b"#, "run"),
    (#"\btak(e|es|en|ing) in\b"#, "merge"),
    (#"\bcrew\b"#, "thread pool"), (#"\bchatter\b"#, "rate limiter"),
    (#"\bmailbox\b"#, "event queue"), (#"\bdoom(ed)?\b"#, "termination reason"),
    (#"\bbury\b"#, "worker exited"), (#"\bfarewell\b"#, "termination grace period"),
    (#"\bstalled\b"#, "stationary"), (#"\b"# + oldName + #"\b"#, "gammaplane"),
    (#"\bnobody\b"#, "none, no process"), (#"\bbeing carried\b"#, "running"),
  ]

  /// The lines of a text that have such words, each with what to write instead.
  public static func offences(_ text: String) -> [String] {
    text.split(separator: "\n", omittingEmptySubsequences: false).enumerated().flatMap { number, line in
      banned.compactMap { word in
        guard let regex = try? Regex(word.pattern).ignoresCase(), line.firstMatch(of: regex) != nil else {
          return nil
        }
        return "line \(number + 1): \(line.drop { $0 == " " }) → \(word.instead)"
      }
    }
  }
}
