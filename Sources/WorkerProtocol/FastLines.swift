import Model
import Platform

// A sweep of short runs is mostly these two kinds of lines. Both ways around the general coding of
// JSON give exactly what that gives, and leave to it whatever is not plain; docs/benchmarks.md
// tells what they save.

extension RunOrder {
  /// The order as one line, line feed included: the same bytes as ``OrchestratorMessage/line()``.
  ///
  /// - Throws: ``UnwritableMessage`` if a number is not finite or the line would be too long.
  public func line() throws(UnwritableMessage) -> [UInt8] {
    if let line = plainLine() { return line }
    return try OrchestratorMessage.run(self).line()
  }

  /// The line, with its keys sorted; nil if a text or number in it is not plain.
  private func plainLine() -> [UInt8]? {
    guard isPlain(run.description), isPlain(problem), isPlain(checkpoint ?? ""), isPlain(definition.width),
      isPlain(budget.wallSeconds), isPlain(budget.time ?? 0), isPlain(budget.epochs ?? 0),
      isPlain(progressSeconds ?? 0),
      record.names.allSatisfy(isPlain), definition.setting.names.allSatisfy(isPlain),
      definition.setting.values.allSatisfy(isPlain)
    else { return nil }
    var line: [UInt8] = []
    line.reserveCapacity(512)
    func add(_ text: String) { line.append(contentsOf: text.utf8) }
    func add(_ key: String, _ value: some BinaryInteger & CustomStringConvertible) {
      add(key)
      add(value.description)
    }
    func add(_ key: String, _ value: Double) {
      add(key)
      add(formattedNumber(value))
    }
    func add(_ key: String, text: String) {
      add(key)
      add(text)
      add("\"")
    }
    add(#"{"attempt":"#, attempt)
    add(#","budget":{"#)
    if let epochs = budget.epochs { add(#""epochs":"#, epochs) }
    add(budget.epochs == nil ? #""steps":"# : #","steps":"#, budget.steps)
    if let time = budget.time { add(#","time":"#, time) }
    add(#","wall_seconds":"#, budget.wallSeconds)
    add("}")
    if let checkpoint { add(#","checkpoint":""#, text: checkpoint) }
    if let memory { add(#","memory":"#, memory) }
    add(#","problem":""#, text: problem)
    if let progressSeconds { add(#","progress_seconds":"#, progressSeconds) }
    for (i, name) in record.names.enumerated() { add(i == 0 ? #","record":[""# : ",\"", text: name) }
    if !record.isEmpty { add("]") }
    add(#","run":""#, text: run.description)
    add(#","seed":"#, definition.seed)
    add(#","setting":{"#)
    for (i, (name, value)) in definition.setting.pairs.enumerated() {
      add(i == 0 ? "\"" : ",\"")
      add(name)
      add("\":", value)
    }
    add(#"},"type":"run","width":"#, definition.width)
    add("}\n")
    return line.count <= maxLineLength ? line : nil
  }
}

/// Reads the lines of one worker: the same as ``WorkerMessage/init(line:)``, and quicker for plain
/// results.
public struct WorkerLineReader: Sendable {
  private var names = KnownNames()

  /// A reader that has not read yet.
  public init() {}

  /// Reads a line, given without its line feed.
  public mutating func read(_ line: ArraySlice<UInt8>) throws(MalformedLine) -> WorkerMessage {
    if line.count <= 4096, let plain = plainResult(line) { return plain }
    return try WorkerMessage(line: line)
  }

  /// A result with known keys, once each; nil if there is anything else about the line.
  private mutating func plainResult(_ line: ArraySlice<UInt8>) -> WorkerMessage? {
    line.withUnsafeBufferPointer { bytes in
      var parser = PlainResultParser(bytes: bytes)
      return parser.result(&names)
    }
  }
}

/// The names of the quantities of the latest result: the next one has the same, as a rule, and
/// shares them.
private struct KnownNames: Sendable {
  /// Ascending.
  private(set) var sorted: [String] = []
  /// Of each name, in the order of the line, its bytes and its index among the sorted.
  private(set) var written: [(bytes: [UInt8], index: Int)] = []

  init() {}

  init(_ names: [String], sorted: [String]) {
    self.sorted = sorted
    written = names.map { name in (Array(name.utf8), sorted.index(of: name) ?? 0) }
  }
}

/// Whether a text stands for itself in JSON.
private func isPlain(_ text: String) -> Bool {
  text.utf8.allSatisfy { $0 >= 0x20 && $0 < 0x7f && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "\\") }
}

private func isPlain(_ number: Double) -> Bool { number.isFinite && (number != 0 || number.sign == .plus) }

/// Reads a result of plain texts and numbers, byte by byte; gives up at anything else.
private struct PlainResultParser {
  let bytes: UnsafeBufferPointer<UInt8>
  private var next = 0

  init(bytes: UnsafeBufferPointer<UInt8>) { self.bytes = bytes }

  private struct Keys: OptionSet {
    let rawValue: UInt8
    static let type = Keys(rawValue: 1), run = Keys(rawValue: 2), outcome = Keys(rawValue: 4)
    static let reason = Keys(rawValue: 8), quantities = Keys(rawValue: 16), steps = Keys(rawValue: 32)
    static let wallSeconds = Keys(rawValue: 64), initialSeconds = Keys(rawValue: 128)
    static let needed: Keys = [.type, .run, .outcome, .quantities]
  }

  mutating func result(_ known: inout KnownNames) -> WorkerMessage? {
    var run = ""
    var result = RunResult(outcome: .converged, reason: "", quantities: .none, steps: 0, wallSeconds: 0)
    var seen: Keys = []
    guard take("{") else { return nil }
    while true {
      guard let key = key(), seen.insert(key).inserted, take(":") else { return nil }
      skipSpace()
      switch key {
      case .type: guard text() == "result" else { return nil }
      case .run:
        guard let value = text() else { return nil }
        run = value
      case .outcome:
        guard let value = text().flatMap({ Outcome(rawValue: $0) }) else { return nil }
        result.outcome = value
      case .reason:
        guard let value = text() else { return nil }
        result.reason = value
      case .quantities:
        guard let value = quantities(&known) else { return nil }
        result.quantities = value
      case .steps:
        guard let value = integer() else { return nil }
        result.steps = value
      case .wallSeconds:
        guard let value = double() else { return nil }
        result.wallSeconds = value
      default:
        guard let value = double() else { return nil }
        result.initialSeconds = value
      }
      if take(",") {
        skipSpace()
        continue
      }
      guard take("}"), next == bytes.count, seen.isSuperset(of: .needed) else { return nil }
      return .result(run: RunIdentity(run), result)
    }
  }

  private mutating func take(_ character: Unicode.Scalar) -> Bool {
    guard next < bytes.count, bytes[next] == UInt8(ascii: character) else { return false }
    next += 1
    return true
  }

  private mutating func skipSpace() { if next < bytes.count, bytes[next] == 0x20 { next += 1 } }

  private mutating func key() -> Keys? {
    guard let range = quoted() else { return nil }
    func matches(_ name: StaticString) -> Bool {
      range.count == name.utf8CodeUnitCount
        && bytes[range].elementsEqual(UnsafeBufferPointer(start: name.utf8Start, count: range.count))
    }
    if matches("type") { return .type }
    if matches("run") { return .run }
    if matches("outcome") { return .outcome }
    if matches("reason") { return .reason }
    if matches("quantities") { return .quantities }
    if matches("steps") { return .steps }
    if matches("wall_seconds") { return .wallSeconds }
    if matches("initial_seconds") { return .initialSeconds }
    return nil
  }

  /// An object of numbers with names, each once.
  private mutating func quantities(_ known: inout KnownNames) -> NamedNumbers? {
    let start = next
    if let values = values(of: known) { return NamedNumbers(sortedNames: known.sorted, values: values) }
    next = start
    guard take("{") else { return nil }
    var names: [String] = []
    var values: [Double] = []
    repeat {
      if !names.isEmpty { skipSpace() }
      guard let name = text(), MalformedLine.Reason.isUsable(name), take(":") else { return nil }
      skipSpace()
      guard let value = double() else { return nil }
      names.append(name)
      values.append(value)
    } while take(",")
    guard take("}") else { return nil }
    let numbers = NamedNumbers(zip(names, values).map { (name: $0, value: $1) })
    guard numbers.count == names.count else { return nil }
    known = KnownNames(names, sorted: numbers.names)
    return numbers
  }

  /// The values of an object that has exactly these names, in this order.
  private mutating func values(of known: KnownNames) -> [Double]? {
    guard take("{") else { return nil }
    var values = [Double](repeating: 0, count: known.sorted.count)
    for (i, name) in known.written.enumerated() {
      if i > 0 {
        guard take(",") else { return nil }
        skipSpace()
      }
      guard let range = quoted(), bytes[range].elementsEqual(name.bytes), take(":") else { return nil }
      skipSpace()
      guard let value = double() else { return nil }
      values[name.index] = value
    }
    return take("}") && !values.isEmpty ? values : nil
  }

  private mutating func text() -> String? {
    quoted().map { String(decoding: bytes[$0], as: UTF8.self) }
  }

  /// The inside of a string of printable ASCII without escapes.
  private mutating func quoted() -> Range<Int>? {
    guard take("\"") else { return nil }
    let start = next
    while next < bytes.count {
      let byte = bytes[next]
      if byte == UInt8(ascii: "\"") {
        next += 1
        return start..<(next - 1)
      }
      guard byte >= 0x20, byte < 0x7f, byte != UInt8(ascii: "\\") else { return nil }
      next += 1
    }
    return nil
  }

  /// Digits, few enough not to overflow.
  private mutating func digits(upTo limit: Int = .max) -> Range<Int>? {
    let start = next
    while next < bytes.count, bytes[next] &- 0x30 < 10 { next += 1 }
    return next > start && next - start <= limit ? start..<next : nil
  }

  /// An integer without sign, fraction or leading zeros.
  private mutating func integer() -> Int? {
    guard let range = digits(upTo: 18), range.count == 1 || bytes[range.lowerBound] != 0x30 else {
      return nil
    }
    return range.reduce(0) { 10 * $0 + Int(bytes[$1] &- 0x30) }
  }

  /// A number as JSON writes it, within the range of a double.
  private mutating func double() -> Double? {
    let start = next
    _ = take("-")
    guard let whole = digits(), whole.count == 1 || bytes[whole.lowerBound] != 0x30 else { return nil }
    if take("."), digits() == nil { return nil }
    if take("e") || take("E") {
      if !take("-") { _ = take("+") }
      guard digits(upTo: 3) != nil else { return nil }
    }
    // A number that ends the line is no object, and else the byte behind it stops the reading.
    guard next < bytes.count, let base = bytes.baseAddress else { return nil }
    let value = strtod(UnsafeRawPointer(base + start).assumingMemoryBound(to: CChar.self), nil)
    // Zero for other digits than zeros, and infinity, are out of range.
    let isInRange =
      value.isFinite && (value != 0 || !bytes[start..<next].contains { (0x31...0x39).contains($0) })
    return isInRange ? value : nil
  }
}
