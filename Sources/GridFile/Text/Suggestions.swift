/// The least number of insertions, deletions, replacements and swaps of neighbours that make `a` of
/// `b` (optimal string alignment). Case does not count, and `-` is `_`.
func editDistance(_ a: String, _ b: String) -> Int {
  func letters(_ text: String) -> [Character] { text.lowercased().map { $0 == "-" ? "_" : $0 } }
  let (a, b) = (letters(a), letters(b))
  var beforeLast: [Int] = []
  var last = Array(0...b.count)
  for i in a.indices {
    var row = [i + 1]
    row.reserveCapacity(b.count + 1)
    for j in b.indices {
      var best = min(last[j + 1] + 1, row[j] + 1, last[j] + (a[i] == b[j] ? 0 : 1))
      if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] { best = min(best, beforeLast[j - 1] + 1) }
      row.append(best)
    }
    (beforeLast, last) = (last, row)
  }
  return last[b.count]
}

/// The candidate nearest to a misspelt word, the first of several; nil if none is near enough to be
/// meant.
public func nearest(to word: String, of candidates: [String]) -> String? {
  let best = candidates.enumerated().min {
    (editDistance(word, $0.element), $0.offset) < (editDistance(word, $1.element), $1.offset)
  }
  guard let best, editDistance(word, best.element) <= max(2, best.element.count / 3) else { return nil }
  return best.element
}

/// "a, b or c".
func list(_ words: [String], _ conjunction: String) -> String {
  guard let last = words.last, words.count > 1 else { return words.first ?? "" }
  return "\(words.dropLast().joined(separator: ", ")) \(conjunction) \(last)"
}
