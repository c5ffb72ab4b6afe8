import Figures

/// A table with a caption and a header, in a box that scrolls by itself where it is too wide.
struct Table {
  /// Read out as the name of the table.
  var caption: String
  /// The names of the columns, as HTML.
  var header: [String]
  /// HTML, one entry for each column.
  var rows: [[String]]
  /// Which columns hold words; the others hold numbers.
  var words: Set<Int> = []

  /// The table as HTML.
  var markup: String {
    func cells(_ texts: [String], _ tag: String, _ more: String = "") -> String {
      texts.enumerated().map { i, text in
        "<\(tag)\(more)\(words.contains(i) ? " class=w" : "")>\(text)</\(tag)>"
      }.joined()
    }
    let head = "<tr>\(cells(header, "th", " scope=col"))</tr>"
    let body = rows.map { "<tr>\(cells($0, "td"))</tr>" }.joined(separator: "\n")
    return
      "<div class=scroll tabindex=0 role=region aria-label=\"\(escaped(caption))\"><table><caption>\(escaped(caption))"
      + "</caption><thead>\(head)</thead><tbody>\n\(body)\n</tbody></table></div>\n"
  }
}

/// A list of terms and what there is to say of each.
func definitions(_ items: [(term: String, markup: String)]) -> String {
  "<dl>\n" + items.map { "<div><dt>\(escaped($0.term))</dt><dd>\($0.markup)</dd></div>\n" }.joined()
    + "</dl>\n"
}
