import Model

/// The text of a grid file to which blocks are added: an ordinary grid file. All keys but `name`, `database` and `also` stay as
/// they are, with their comments. It is for the caller to check that it says what is meant before it replaces anything.
public enum RefinedGrid {
  /// What stands before the blocks that were added.
  static let heading = "# Added by `gammaplane refine`."

  /// Writes a grid file.
  ///
  /// - Parameters:
  ///   - text: the text of the grid file that is refined, or of one that this made.
  ///   - name: the name of the refined sweep.
  ///   - database: the folder of results that it shares.
  ///   - also: all blocks beside the axes, those of `text` included.
  ///   - axes: of the sweep; a block's widths and seeds are only written where they are others.
  /// - Returns: the text; nil if `text` is not laid out with `name` and `also` at the beginning of lines.
  public static func text(
    refining text: String, name: String, database: String, also: [Axes], axes: Axes
  ) -> String? {
    var lines: [Substring] = []
    var isInside = false
    var hasName = false
    for line in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline) {
      if line == heading { continue }
      let key = line.prefix { $0 != ":" }.split(separator: " ").joined()
      let startsKey = line.first.map { !" #-]}".contains($0) } ?? false
      if startsKey { isInside = key == "also" }
      // A comment at the beginning of a line may be about what follows.
      if isInside && !line.hasPrefix("#") || startsKey && key == "database" { continue }
      if startsKey && key == "name" {
        hasName = true
        let comment = line.firstRange(of: " #").map { line[$0.lowerBound...] } ?? ""
        lines.append("name: \(name)\(comment)"[...])
      } else {
        lines.append(line)
      }
    }
    guard hasName else { return nil }
    while lines.last?.isEmpty == true { lines.removeLast() }
    var result = lines.joined(separator: "\n") + "\ndatabase: \(database)\n"
    if !also.isEmpty {
      result += heading + "\nalso:\n" + merged(also).map { "  - " + line($0, axes) + "\n" }.joined()
    }
    return result
  }

  /// Blocks that differ in γ' only, as one.
  private static func merged(_ blocks: [Axes]) -> [Axes] {
    var result: [Axes] = []
    for block in blocks {
      if let last = result.last, last.gamma == block.gamma, last.width == block.width, last.seed == block.seed
      {
        result[result.count - 1].gammaPrime = Set(last.gammaPrime + block.gammaPrime).sorted()
      } else {
        result.append(block)
      }
    }
    return result
  }

  private static func line(_ block: Axes, _ axes: Axes) -> String {
    var parts = ["gamma: \(block.gamma)", "gamma_prime: \(block.gammaPrime)"]
    if block.width != axes.width { parts.append("width: \(block.width)") }
    if block.seed != axes.seed { parts.append("seed: \(block.seed)") }
    return "{ \(parts.joined(separator: ", ")) }"
  }
}
