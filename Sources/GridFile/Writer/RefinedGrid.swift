import Model

/// The text of a grid file to which blocks are added: an ordinary grid file. All keys but `name`,
/// `database` and `include` stay as they are, with their comments. The caller has to check that it
/// means the right thing before it replaces anything.
public enum RefinedGrid {
  /// What stands before the blocks that were added.
  static let heading = "# Added by `gammaplane refine`."

  /// Writes a grid file.
  ///
  /// - Parameters:
  ///   - text: the text of the grid file that is refined, or of one that this made.
  ///   - name: the name of the refined sweep.
  ///   - database: the folder of results that it shares.
  ///   - include: all blocks beside the axes, those of `text` included.
  ///   - axes: of the sweep; a block's widths and seeds are only written where they are others.
  /// - Returns: the text; nil if `text` is not laid out with `name` and `include` at the beginning
  ///   of lines.
  public static func text(
    refining text: String, name: String, database: String, include: [Axes], axes: Axes
  ) -> String? {
    var lines: [Substring] = []
    var isInside = false
    var hasName = false
    for line in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline) {
      if line == heading { continue }
      let key = line.prefix { $0 != ":" }.split(separator: " ").joined()
      let startsKey = line.first.map { !" #-]}".contains($0) } ?? false
      if startsKey { isInside = key == "include" }
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
    if !include.isEmpty {
      let blocks = GridText.include(merged(include), beside: axes)
      result += ([heading] + blocks).joined(separator: "\n") + "\n"
    }
    return result
  }

  /// Blocks that differ only in their last parameter, as one.
  private static func merged(_ blocks: [Axes]) -> [Axes] {
    var result: [Axes] = []
    for block in blocks {
      if let last = result.last, let both = last.joined(with: block) {
        result[result.count - 1] = both
      } else {
        result.append(block)
      }
    }
    return result
  }
}

extension Axes {
  /// This block and another one that differs from it at most in its last parameter; nil if it
  /// differs in more.
  fileprivate func joined(with other: Axes) -> Axes? {
    guard names == other.names, let last = names.last, width == other.width, seed == other.seed,
      names.dropLast().allSatisfy({ self[$0] == other[$0] })
    else { return nil }
    var values = Dictionary(uniqueKeysWithValues: parameters.map { ($0.name, $0.values) })
    values[last] = Set(self[last] + other[last]).sorted()
    return Axes(parameters: values, width: width, seed: seed)
  }
}
