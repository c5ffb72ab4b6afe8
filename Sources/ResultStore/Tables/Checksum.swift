import GRDB

/// A 64-bit checksum of the values of a row, by which a byte that has changed on the disk is seen
/// when the row is read.
///
/// SQLite checks how a database is built, not what is in it. Every step is a bijection of the
/// state, so that a change of a single value, whatever it is, never goes unseen. It is no
/// protection against changes on purpose.
struct Checksum: Hashable {
  private(set) var value: UInt64 = 0x9e37_79b9_7f4a_7c15

  private mutating func mix(_ word: UInt64) {
    value = (value ^ word) &* 0xff51_afd7_ed55_8ccd
    value ^= value >> 32
  }

  /// Adds a null.
  mutating func addNull() { mix(0x6e75_6c6c) }
  /// Adds an integer.
  mutating func add(_ value: Int64) { mix(UInt64(bitPattern: value) &+ 0x696e_7465) }
  /// Adds a number; SQLite does not tell −0 from 0.
  mutating func add(_ value: Double) { mix((value == 0 ? 0 : value).bitPattern ^ 0x7265_616c_0000_0000) }

  /// Adds a text.
  mutating func add(_ text: String) {
    var text = text
    text.withUTF8 { add(UnsafeRawBufferPointer($0)) }
  }

  /// Adds bytes, framed by their number.
  mutating func add(_ bytes: UnsafeRawBufferPointer) {
    mix(UInt64(bytes.count) ^ 0x7465_7874_0000_0000)
    let whole = bytes.count & ~7
    var offset = 0
    while offset < whole {
      mix(UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self)))
      offset += 8
    }
    guard offset < bytes.count else { return }
    var rest: UInt64 = 0
    while offset < bytes.count {
      rest = rest << 8 | UInt64(bytes[offset])
      offset += 1
    }
    mix(rest)
  }

  /// Adds a value of a column.
  mutating func add(_ value: DatabaseValue) {
    switch value.storage {
    case .null: addNull()
    case .int64(let number): add(number)
    case .double(let number): add(number)
    case .string(let text): add(text)
    case .blob(let bytes): bytes.withUnsafeBytes { add($0) }
    }
  }

  /// As the column `checksum` holds it.
  var stored: Int64 { Int64(bitPattern: value) }

  /// The checksum as a function of SQL, for rows that are changed in place.
  static let function = DatabaseFunction("gammaplane_checksum", pure: true) { values in
    var checksum = Checksum()
    for value in values { checksum.add(value) }
    return checksum.stored
  }
}
