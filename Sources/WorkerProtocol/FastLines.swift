import Model
import Platform

// A sweep of short runs is mostly these two kinds of lines. Both ways around the general coding of JSON give exactly what
// that gives, and leave to it whatever is not plain.

extension RunOrder {
  /// The order as one line, line feed included: the same bytes as ``OrchestratorMessage/line()``.
  ///
  /// - Throws: ``UnwritableMessage`` if a number is not finite or the line would be too long.
  public func line() throws(UnwritableMessage) -> [UInt8] {
    if let line = plainLine() { return line }
    return try OrchestratorMessage.run(self).line()
  }

  /// The line, with its keys sorted; nil if a text or number in it needs thought.
  private func plainLine() -> [UInt8]? {
    let numbers = [
      definition.point.gamma, definition.point.gammaPrime, budget.wallSeconds, budget.time ?? 0,
      progressSeconds ?? 0,
    ]
    let texts = [run.description, problem, checkpoint ?? ""]
    guard keep.isEmpty, numbers.allSatisfy(isPlain), texts.allSatisfy(isPlain) else { return nil }
    var line: [UInt8] = []
    line.reserveCapacity(512)
    func add(_ text: String) { line.append(contentsOf: text.utf8) }
    add(#"{"attempt":"#)
    add("\(attempt)")
    add(#","budget":{"steps":"#)
    add("\(budget.steps)")
    if let time = budget.time {
      add(#","time":"#)
      add(number(time))
    }
    add(#","wall_seconds":"#)
    add(number(budget.wallSeconds))
    add("}")
    if let checkpoint {
      add(#","checkpoint":""#)
      add(checkpoint)
      add("\"")
    }
    add(#","gamma":"#)
    add(number(definition.point.gamma))
    add(#","gamma_prime":"#)
    add(number(definition.point.gammaPrime))
    if let memory {
      add(#","memory":"#)
      add("\(memory)")
    }
    add(#","problem":""#)
    add(problem)
    if let progressSeconds {
      add(#"","progress_seconds":"#)
      add(number(progressSeconds))
      add(#","run":""#)
    } else {
      add(#"","run":""#)
    }
    add(run.description)
    add(#"","seed":"#)
    add("\(definition.seed)")
    add(#","type":"run","width":"#)
    add("\(definition.width)")
    add("}\n")
    return line.count <= maximumLineLength ? line : nil
  }
}

extension WorkerMessage {
  /// Reads a line, given without its line feed: the same as ``init(line:)``, and quicker for plain results.
  public static func read(_ line: ArraySlice<UInt8>) throws(MalformedLine) -> WorkerMessage {
    if let plain = plainResult(line) { return plain }
    return try WorkerMessage(line: line)
  }

  /// A result with all its keys, once each, and no others; nil if there is anything else about the line.
  private static func plainResult(_ line: ArraySlice<UInt8>) -> WorkerMessage? {
    guard line.count <= 4096 else { return nil }
    return line.withUnsafeBufferPointer { bytes in
      var reader = PlainObject(bytes: bytes)
      return reader.result()
    }
  }
}

/// Whether a text stands for itself in JSON.
private func isPlain(_ text: String) -> Bool {
  text.utf8.allSatisfy { $0 >= 0x20 && $0 < 0x7f && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "\\") }
}

private func isPlain(_ number: Double) -> Bool { number.isFinite && (number != 0 || number.sign == .plus) }

/// The shortest text that reads back as the same double; without a fraction where there is none.
private func number(_ value: Double) -> String {
  let text = value.description
  return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
}

/// Reads an object of plain texts and numbers, byte by byte; gives up at anything else.
private struct PlainObject {
  let bytes: UnsafeBufferPointer<UInt8>
  private var next = 0

  init(bytes: UnsafeBufferPointer<UInt8>) { self.bytes = bytes }

  private enum Key: Int {
    case type, run, outcome, reason, rd, supRD, meanSquaredResidual, time, steps, wallSeconds, initialSeconds
  }

  mutating func result() -> WorkerMessage? {
    var run = ""
    var outcome: Outcome?
    var result = RunResult(
      outcome: .converged, reason: "", rd: 0, supRD: 0, meanSquaredResidual: 0, time: 0, steps: 0,
      wallSeconds: 0, initialSeconds: 0)
    var seen = 0
    guard take("{") else { return nil }
    while true {
      guard let key = key(), seen & 1 << key.rawValue == 0, take(":") else { return nil }
      seen |= 1 << key.rawValue
      skipSpace()
      switch key {
      case .type: guard text() == "result" else { return nil }
      case .run:
        guard let value = text() else { return nil }
        run = value
      case .outcome:
        outcome = text().flatMap { Outcome(rawValue: $0) }
        guard outcome != nil else { return nil }
      case .reason:
        guard let value = text() else { return nil }
        result.reason = value
      case .steps:
        guard let value = integer() else { return nil }
        result.steps = value
      case .rd: guard double(&result.rd) else { return nil }
      case .supRD: guard double(&result.supRD) else { return nil }
      case .meanSquaredResidual: guard double(&result.meanSquaredResidual) else { return nil }
      case .time: guard double(&result.time) else { return nil }
      case .wallSeconds: guard double(&result.wallSeconds) else { return nil }
      case .initialSeconds: guard double(&result.initialSeconds) else { return nil }
      }
      if take(",") {
        skipSpace()
        continue
      }
      guard take("}"), next == bytes.count, seen == 1 << 11 - 1, let outcome else { return nil }
      result.outcome = outcome
      return .result(run: RunIdentity(run), result)
    }
  }

  private mutating func take(_ character: Unicode.Scalar) -> Bool {
    guard next < bytes.count, bytes[next] == UInt8(ascii: character) else { return false }
    next += 1
    return true
  }

  private mutating func skipSpace() { if next < bytes.count, bytes[next] == 0x20 { next += 1 } }

  private mutating func key() -> Key? {
    guard let range = quoted() else { return nil }
    func matches(_ name: StaticString) -> Bool {
      range.count == name.utf8CodeUnitCount
        && bytes[range].elementsEqual(UnsafeBufferPointer(start: name.utf8Start, count: range.count))
    }
    if matches("type") { return .type }
    if matches("run") { return .run }
    if matches("outcome") { return .outcome }
    if matches("reason") { return .reason }
    if matches("rd") { return .rd }
    if matches("sup_rd") { return .supRD }
    if matches("mean_squared_residual") { return .meanSquaredResidual }
    if matches("time") { return .time }
    if matches("steps") { return .steps }
    if matches("wall_seconds") { return .wallSeconds }
    if matches("initial_seconds") { return .initialSeconds }
    return nil
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
  private mutating func digits(upTo most: Int = .max) -> Range<Int>? {
    let start = next
    while next < bytes.count, bytes[next] &- 0x30 < 10 { next += 1 }
    return next > start && next - start <= most ? start..<next : nil
  }

  /// An integer without sign, fraction or leading zeros.
  private mutating func integer() -> Int? {
    guard let range = digits(upTo: 18), range.count == 1 || bytes[range.lowerBound] != 0x30 else {
      return nil
    }
    return range.reduce(0) { 10 * $0 + Int(bytes[$1] &- 0x30) }
  }

  /// A number as JSON writes it, within the range of a double.
  private mutating func double(_ value: inout Double) -> Bool {
    let start = next
    _ = take("-")
    guard let whole = digits(), whole.count == 1 || bytes[whole.lowerBound] != 0x30 else { return false }
    if take("."), digits() == nil { return false }
    if take("e") || take("E") {
      if !take("-") { _ = take("+") }
      guard digits(upTo: 3) != nil else { return false }
    }
    // A number that ends the line is no object, and else the byte behind it stops the reading.
    guard next < bytes.count, let base = bytes.baseAddress else { return false }
    value = strtod(UnsafeRawPointer(base + start).assumingMemoryBound(to: CChar.self), nil)
    return value.isFinite && (value != 0 || !bytes[start..<next].contains { (0x31...0x39).contains($0) })
  }
}
