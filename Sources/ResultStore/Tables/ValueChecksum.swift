import GRDB
import Model

/// The checksum of the values of a row, by which a byte that has changed on the disk is seen when
/// the row is read: SQLite checks how a database is built, not what is in it.
extension Checksum {
  /// Adds a null.
  mutating func addNull() { add(0x6e75_6c6c as UInt64) }
  /// Adds an integer.
  mutating func add(_ value: Int64) { add(UInt64(bitPattern: value) &+ 0x696e_7465) }
  /// Adds a number; SQLite does not tell −0 from 0.
  mutating func add(_ value: Double) { add((value == 0 ? 0 : value).bitPattern ^ 0x7265_616c_0000_0000) }

  /// Adds a text.
  mutating func add(_ text: String) {
    var text = text
    text.withUTF8 { addText(UnsafeRawBufferPointer($0)) }
  }

  /// Adds the bytes of a text or blob.
  mutating func addText(_ bytes: UnsafeRawBufferPointer) { add(bytes, tag: 0x7465_7874_0000_0000) }

  /// Adds a value of a column.
  mutating func add(_ value: DatabaseValue) {
    switch value.storage {
    case .null: addNull()
    case .int64(let number): add(number)
    case .double(let number): add(number)
    case .string(let text): add(text)
    case .blob(let bytes): bytes.withUnsafeBytes { addText($0) }
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
