/// Initial values from a file, so that any other implementation can be compared on the same numbers.
extension InitialValues {
  /// Reads a table with the header `a,w,b` and one neuron a line.
  ///
  /// - Throws: ``InitialValuesCSVError`` with the line at fault.
  public init(csv text: String) throws(InitialValuesCSVError) {
    var a: [Double] = []
    var w: [Double] = []
    var b: [Double] = []
    var headerSeen = false
    for (number, line) in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
      .enumerated()
    {
      let fields = line.split(separator: ",", omittingEmptySubsequences: false).map {
        $0.trimmingSpaces
      }
      if fields == [""] { continue }
      guard headerSeen else {
        guard fields == ["a", "w", "b"] else { throw .header(line: number + 1, found: String(line)) }
        headerSeen = true
        continue
      }
      let values = fields.compactMap { Double($0) }.filter(\.isFinite)
      guard fields.count == 3, values.count == 3 else {
        throw .row(line: number + 1, found: String(line))
      }
      a.append(values[0])
      w.append(values[1])
      b.append(values[2])
    }
    guard !a.isEmpty else { throw .empty }
    self.init(a: a, w: w, b: b)
  }
}

extension Substring {
  fileprivate var trimmingSpaces: Substring {
    let blank: (Character) -> Bool = { $0 == " " || $0 == "\t" }
    var text = drop(while: blank)
    while let last = text.last, blank(last) { text.removeLast() }
    return text
  }
}

/// What is wrong with a table of initial values; lines count from 1.
public enum InitialValuesCSVError: Error, Equatable, CustomStringConvertible {
  /// The first line does not name the columns.
  case header(line: Int, found: String)
  /// A line does not hold three finite numbers.
  case row(line: Int, found: String)
  /// There is no neuron.
  case empty

  /// One sentence for the user.
  public var description: String {
    switch self {
    case .header(let line, let found):
      "line \(line): expected the header a,w,b, found “\(found.prefix(60))”"
    case .row(let line, let found):
      "line \(line): expected three finite numbers a,w,b, found “\(found.prefix(60))”"
    case .empty:
      "there is no neuron; expected the header a,w,b and one line a neuron"
    }
  }
}
