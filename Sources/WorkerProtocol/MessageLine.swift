import Model

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// The longest line either side may send, in bytes, without its line feed: 1 MiB.
public let maxLineLength = 1 << 20

/// The keys of the flat form: one object a line, of which `type` names the message.
enum MessageKeys: String, CodingKey {
  case type, problem, run, reason, arrays, cause, detail
  case protocolVersion = "protocol"
}

extension OrchestratorMessage {
  /// The message as one line, line feed included.
  ///
  /// - Throws: ``UnwritableMessage`` if a number is not finite or the line would be too long.
  public func line() throws(UnwritableMessage) -> [UInt8] { try encodedLine(self) }

  /// Reads a line, given without its line feed.
  public init(line: some Collection<UInt8>) throws(MalformedLine) { self = try decoded(line) }
}

extension WorkerMessage {
  /// The message as one line, line feed included.
  ///
  /// - Throws: ``UnwritableMessage`` if a number is not finite or the line would be too long.
  public func line() throws(UnwritableMessage) -> [UInt8] { try encodedLine(self) }

  /// Reads a line, given without its line feed.
  public init(line: some Collection<UInt8>) throws(MalformedLine) { self = try decoded(line) }
}

private func encodedLine(_ message: some Encodable) throws(UnwritableMessage) -> [UInt8] {
  let encoder = JSONEncoder()
  // Sorted, so that the same message is always the same line.
  encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
  let data: Data
  do {
    data = try encoder.encode(message)
  } catch EncodingError.invalidValue(let value, let context) {
    throw .notFinite(key: keyPath(context.codingPath), value: "\(value)")
  } catch {
    throw .notFinite(key: "", value: "\(error)")
  }
  guard data.count <= maxLineLength else { throw .tooLong(bytes: data.count) }
  var line = [UInt8](data)
  line.append(lineFeed)
  return line
}

private func decoded<Message: Decodable>(_ line: some Collection<UInt8>) throws(MalformedLine) -> Message {
  let reason: MalformedLine.Reason
  do {
    guard line.count <= maxLineLength else { throw MalformedLine.Reason.tooLong }
    let bytes = Array(line)
    // Foundation would guess UTF-16 from the first bytes.
    guard String(validating: bytes, as: UTF8.self) != nil else { throw MalformedLine.Reason.notUTF8 }
    return try JSONDecoder().decode(Message.self, from: Data(bytes))
  } catch let known as MalformedLine.Reason {
    reason = known
  } catch DecodingError.keyNotFound(let key, let context) {
    reason = .missingKey(keyPath(context.codingPath + [key]))
  } catch DecodingError.typeMismatch(_, let context), DecodingError.valueNotFound(_, let context) {
    reason = context.codingPath.isEmpty ? .notAnObject : .wrongValue(key: keyPath(context.codingPath))
  } catch DecodingError.dataCorrupted(let context) {
    reason =
      context.codingPath.isEmpty
      ? notFinite(in: line) ?? tooLarge(in: line) ?? .notJSON : .wrongValue(key: keyPath(context.codingPath))
  } catch let error as SampleSetError {
    reason = .samples(error)
  } catch {
    reason = .notJSON
  }
  throw MalformedLine(reason, line: line)
}

/// The first key whose value is a bare NaN or Infinity, as many languages write them, if there is
/// one.
private func notFinite(in line: some Collection<UInt8>) -> MalformedLine.Reason? {
  let text = String(decoding: line, as: UTF8.self)
  return text.firstMatch(of: /"([^"\\]*)" *: *(-?(?:NaN|nan|Infinity|inf))\b/)
    .map { .notFinite(key: String($0.1), value: String($0.2)) }
}

/// The first key whose value is a number that no double is near to, if there is one.
private func tooLarge(in line: some Collection<UInt8>) -> MalformedLine.Reason? {
  let text = String(decoding: line, as: UTF8.self)
  return text.matches(of: /"([^"\\]*)" *: *(-?[0-9][0-9.eE+-]*)/)
    .first { Double(String($0.2))?.isInfinite ?? false }
    .map { .tooLarge(key: String($0.1), value: String($0.2.prefix(40))) }
}

private func keyPath(_ path: [any CodingKey]) -> String {
  path.map(\.stringValue).joined(separator: ".")
}
