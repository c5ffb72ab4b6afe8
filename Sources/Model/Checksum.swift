/// A 64-bit checksum of words and bytes: finds damage, not malice.
///
/// Every step is a bijection of the state, so that a change of a single word, whatever it is, never
/// goes unseen.
@frozen public struct Checksum: Hashable, Sendable {
  @usableFromInline var state: UInt64 = 0x9e37_79b9_7f4a_7c15

  /// The checksum of what was added so far.
  @inlinable public var value: UInt64 { state }

  /// Of nothing yet.
  @inlinable public init() {}

  /// Adds a word.
  @inlinable public mutating func add(_ word: UInt64) {
    state = (state ^ word) &* 0xff51_afd7_ed55_8ccd
    // Upwards only carries would leave low bits blind to high ones.
    state ^= state >> 32
  }

  /// Adds bytes, framed by their number, which is mixed with a tag.
  @inlinable public mutating func add(_ bytes: UnsafeRawBufferPointer, tag: UInt64 = 0) {
    add(UInt64(bytes.count) ^ tag)
    let whole = bytes.count & ~7
    var offset = 0
    while offset < whole {
      add(UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self)))
      offset += 8
    }
    guard offset < bytes.count else { return }
    var rest: UInt64 = 0
    while offset < bytes.count {
      rest = rest << 8 | UInt64(bytes[offset])
      offset += 1
    }
    add(rest)
  }
}
