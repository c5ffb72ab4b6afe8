import Model

/// Reads what a ``CheckpointWriter`` wrote, in the same order.
///
/// Every read throws ``CheckpointError/damaged`` where the checkpoint ends or holds something else,
/// or what the source of its bytes throws.
public struct CheckpointReader: ~Copyable {
  private var pending: [UInt8] = []
  private var next = 0
  private var checksum = Checksum()
  private let source: () throws -> [UInt8]

  /// Reads from a source that hands out the bytes in order, in portions of any size, none at the
  /// end.
  init(_ source: @escaping () throws -> [UInt8]) {
    self.source = source
  }

  /// Any 64 bits.
  public mutating func word() throws -> UInt64 {
    let word = try rawWord()
    checksum.add(word)
    return word
  }

  private mutating func rawWord() throws -> UInt64 {
    while pending.count - next < 8 {
      let more = try source()
      guard !more.isEmpty else { throw CheckpointError.damaged }
      pending.removeFirst(next)
      next = 0
      pending += more
    }
    let word = pending.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: next, as: UInt64.self) }
    next += 8
    return UInt64(littleEndian: word)
  }

  /// A number, to the last bit.
  public mutating func double() throws -> Double { Double(bitPattern: try word()) }

  /// A whole number of a range; anything else is damage.
  public mutating func int(in range: ClosedRange<Int>) throws -> Int {
    guard let number = Int(exactly: Int64(bitPattern: try word())), range.contains(number) else {
      throw CheckpointError.damaged
    }
    return number
  }

  /// A text of at most 4096 bytes.
  public mutating func string() throws -> String { String(decoding: try bytes(max: 4096), as: UTF8.self) }

  /// Bytes, of which there are at most so many.
  public mutating func bytes(max: Int) throws -> [UInt8] {
    var bytes: [UInt8] = []
    for _ in 0..<(try int(in: 0...max)) { bytes.append(UInt8(truncatingIfNeeded: try int(in: 0...255))) }
    return bytes
  }

  /// Arrays with names, each of at most 16 MiB.
  public mutating func arrays() throws -> RecordedArrays {
    var arrays: RecordedArrays = [:]
    for _ in 0..<(try int(in: 0...1000)) {
      let name = try string()
      let npy = try bytes(max: 1 << 24)
      guard let array = try? NumericArray(npy: npy) else { throw CheckpointError.damaged }
      arrays[name] = array
    }
    return arrays
  }

  /// Reads the format, with which every checkpoint begins.
  mutating func expectFormat(_ expected: String) throws {
    let found: String
    do { found = try string() } catch is CheckpointError { throw CheckpointError.notACheckpoint }
    guard found != expected else { return }
    throw found.hasPrefix("gammaplane") ? CheckpointError.otherFormat(found) : .notACheckpoint
  }

  /// Compares the checksum.
  consuming func finish() throws {
    let expected = checksum.value
    guard try rawWord() == expected else { throw CheckpointError.damaged }
  }
}
