import Foundation
import Model

/// What is wrong with the file of a manifest.
public enum ShardManifestError: Error, Hashable, Sendable, CustomStringConvertible {
  /// It is none, or of another version.
  case foreign
  /// It is not what was written.
  case damaged

  /// A phrase to follow the name of the file.
  public var description: String {
    switch self {
    case .foreign: "is not a manifest of shards as this version of gammaplane writes it"
    case .damaged: "is not what was written"
    }
  }
}

/// Which shard has which runs of which sweep: written by a submission, so that it is decided once.
///
/// The file begins with a line of text and a header in JSON, with the sweep as it was; the indices
/// of the runs follow, shard after shard, as differences in variable-length integers, so that a
/// task reads no more than its own.
public struct ShardManifest: Hashable, Sendable {
  /// The runs of one shard.
  public struct Entry: Hashable, Sendable, Codable {
    /// How many runs.
    public var runs: Int
    /// What they are expected to cost together, in CPU seconds.
    public var seconds: Double
    /// Where its bytes begin, counted from the end of the header.
    public var offset: Int
    /// How many bytes there are.
    public var bytes: Int
    /// The first 16 hexadecimal digits of their SHA-256.
    public var checksum: String
  }

  private struct Header: Codable {
    var sweep: Sweep
    var shards: [Entry]
  }

  /// The sweep.
  public let sweep: Sweep
  /// The shards, in the order of their numbers.
  public let shards: [Entry]
  /// Where the indices begin, in bytes.
  public let start: Int

  private static let mark = "gammaplane shards 1"
  /// The length of the first line, in bytes.
  public static let leadLength = 60

  /// How many runs all shards have together.
  public var runCount: Int { shards.reduce(0) { $0 + $1.runs } }

  /// The bytes of the file.
  public static func encode(_ division: ShardDivision, of sweep: Sweep) throws -> Data {
    var body = Data()
    let entries = division.parts.map { part in
      let bytes = encode(part.indices)
      defer { body += bytes }
      return Entry(
        runs: part.indices.count, seconds: part.seconds, offset: body.count, bytes: bytes.count,
        checksum: checksum(bytes))
    }
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    let header = try encoder.encode(Header(sweep: sweep, shards: entries))
    var lead = "\(mark) \(header.count) \(checksum(header))"
    lead += String(repeating: " ", count: max(0, leadLength - 1 - lead.utf8.count)) + "\n"
    return Data(lead.utf8) + header + body
  }

  /// How many bytes the first line and the header have together.
  ///
  /// - Parameter lead: at least the first ``leadLength`` bytes of the file.
  public static func headerEnd(lead: Data) throws(ShardManifestError) -> Int { try parse(lead).end }

  /// Reads the beginning of a file: ``headerEnd(lead:)`` bytes, or more.
  public init(header bytes: Data) throws(ShardManifestError) {
    let (end, sum) = try Self.parse(bytes)
    guard bytes.count >= end else { throw .damaged }
    let header = bytes.dropFirst(Self.leadLength).prefix(end - Self.leadLength)
    guard Self.checksum(header) == sum,
      let content = try? JSONDecoder().decode(Header.self, from: Data(header))
    else { throw .damaged }
    sweep = content.sweep
    shards = content.shards
    start = end
  }

  /// The indices of the runs of a shard, ascending.
  ///
  /// - Parameters:
  ///   - shard: which one.
  ///   - bytes: those that its entry names.
  public func indices(of shard: Shard, in bytes: Data) throws(ShardManifestError) -> [Int] {
    guard shard.count == shards.count else { throw .damaged }
    let entry = shards[shard.number - 1]
    guard bytes.count == entry.bytes, Self.checksum(bytes) == entry.checksum else { throw .damaged }
    var indices: [Int] = []
    indices.reserveCapacity(entry.runs)
    var (index, step, shift) = (0, 0, 0)
    for byte in bytes {
      step |= Int(byte & 0x7f) << shift
      shift += 7
      guard byte < 0x80 else { continue }
      index += step
      indices.append(index)
      (step, shift) = (0, 0)
    }
    guard indices.count == entry.runs else { throw .damaged }
    return indices
  }

  private static func parse(_ lead: Data) throws(ShardManifestError) -> (end: Int, checksum: String) {
    let line = String(decoding: lead.prefix(leadLength), as: UTF8.self)
    guard line.hasPrefix(mark + " "), line.hasSuffix("\n") else { throw .foreign }
    let words = line.dropFirst(mark.count).split(whereSeparator: \.isWhitespace)
    guard words.count == 2, let length = Int(words[0]), length > 0, length < 1 << 40 else { throw .damaged }
    return (leadLength + length, String(words[1]))
  }

  /// The first index, then the difference of each to the one before, seven bits a byte, the lowest
  /// first.
  private static func encode(_ indices: [UInt32]) -> Data {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(2 * indices.count)
    var previous: UInt32 = 0
    for index in indices {
      var step = index - previous
      while step >= 0x80 {
        bytes.append(UInt8(step & 0x7f) | 0x80)
        step >>= 7
      }
      bytes.append(UInt8(step))
      previous = index
    }
    return Data(bytes)
  }

  private static func checksum(_ bytes: some Sequence<UInt8>) -> String {
    var hash = SHA256()
    hash.update(bytes: bytes)
    return String(hash.finalize().description.prefix(16))
  }
}
