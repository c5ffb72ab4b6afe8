import CZlib
import Model

/// The arrays of an `.npz` file, as `numpy.savez` and `numpy.savez_compressed` write them: a ZIP
/// archive of `.npy` files.
///
/// Source: PKWARE, *APPNOTE.TXT*, version 6.3.10, sections 4.3 and 4.5.3 (64-bit sizes).
public struct ArrayArchive: Sendable {
  /// The arrays by name, without `.npy`.
  public let arrays: RecordedArrays

  /// No array is larger than this, compressed or not: 4 GiB.
  private static let maxBytes = 1 << 32

  /// Reads an archive.
  ///
  /// - Throws: ``DataFileError``.
  public init(npz bytes: [UInt8]) throws(DataFileError) {
    var arrays: RecordedArrays = [:]
    for entry in try Self.entries(of: bytes) where entry.name.hasSuffix(".npy") {
      let name = String(entry.name.dropLast(4))
      do {
        arrays[name] = try NumericArray(npy: try Self.content(of: entry, in: bytes))
      } catch let error as NumericArrayError {
        throw .unsupported("the array “\(name)” \(error)")
      } catch let error as DataFileError {
        throw error
      } catch {
        throw .damaged
      }
    }
    guard !arrays.isEmpty else { throw .unsupported("it holds no arrays") }
    self.arrays = arrays
  }

  // MARK: The archive

  /// A file in the archive.
  private struct Entry {
    var name: String
    var method: UInt64
    var checksum: UInt64
    var compressed: UInt64
    var size: UInt64
    var offset: UInt64
  }

  /// Those of the central directory, which is at the end.
  private static func entries(of bytes: [UInt8]) throws(DataFileError) -> [Entry] {
    let endSize = 22
    guard bytes.count >= endSize, bytes.starts(with: [0x50, 0x4B]) else { throw .notAnArchive }
    // A comment of up to 65 535 bytes may follow.
    let first = max(0, bytes.count - endSize - 0xFFFF)
    guard
      let end = (first...bytes.count - endSize).reversed().first(where: {
        number(bytes, $0, 4) == 0x0605_4B50
      })
    else { throw .damaged }
    var count = number(bytes, end + 10, 2)
    var place = number(bytes, end + 16, 4)
    if count == 0xFFFF || place == 0xFFFF_FFFF, end >= 20, number(bytes, end - 20, 4) == 0x0706_4B50 {
      let wide = number(bytes, end - 12, 8)
      guard wide <= bytes.count - 56, number(bytes, Int(wide), 4) == 0x0606_4B50 else { throw .damaged }
      count = number(bytes, Int(wide) + 32, 8)
      place = number(bytes, Int(wide) + 48, 8)
    }
    var entries: [Entry] = []
    for _ in 0..<min(count, 1 << 20) {
      guard place <= bytes.count - 46, number(bytes, Int(place), 4) == 0x0201_4B50 else { throw .damaged }
      let head = Int(place)
      let lengths = [28, 30, 32].map { Int(number(bytes, head + $0, 2)) }
      let next = head + 46 + lengths.reduce(0, +)
      guard next <= bytes.count else { throw .damaged }
      var entry = Entry(
        name: String(decoding: bytes[head + 46..<head + 46 + lengths[0]], as: UTF8.self),
        method: number(bytes, head + 10, 2), checksum: number(bytes, head + 16, 4),
        compressed: number(bytes, head + 20, 4), size: number(bytes, head + 24, 4),
        offset: number(bytes, head + 42, 4))
      widen(&entry, by: bytes[head + 46 + lengths[0]..<head + 46 + lengths[0] + lengths[1]])
      entries.append(entry)
      place = UInt64(next)
    }
    return entries
  }

  /// Takes sizes and offset of a file beyond 4 GiB from the further fields of its entry.
  private static func widen(_ entry: inout Entry, by fields: ArraySlice<UInt8>) {
    let fields = Array(fields)
    var place = 0
    while place + 4 <= fields.count {
      let (tag, length) = (number(fields, place, 2), Int(number(fields, place + 2, 2)))
      place += 4
      guard place + length <= fields.count else { return }
      if tag == 1 {
        var inner = place
        for key in [\Entry.size, \.compressed, \.offset] where entry[keyPath: key] == 0xFFFF_FFFF {
          guard inner + 8 <= place + length else { return }
          entry[keyPath: key] = number(fields, inner, 8)
          inner += 8
        }
      }
      place += length
    }
  }

  private static func content(of entry: Entry, in bytes: [UInt8]) throws(DataFileError) -> [UInt8] {
    guard entry.size <= maxBytes, entry.compressed <= maxBytes, entry.offset < bytes.count else {
      throw .damaged
    }
    let head = Int(entry.offset)
    guard head + 30 <= bytes.count, number(bytes, head, 4) == 0x0403_4B50 else { throw .damaged }
    let start = head + 30 + Int(number(bytes, head + 26, 2)) + Int(number(bytes, head + 28, 2))
    let end = start + Int(entry.compressed)
    guard end <= bytes.count else { throw .damaged }
    let content: [UInt8]?
    switch entry.method {
    case 0: content = Array(bytes[start..<end])
    case 8: content = Inflate.bytes(bytes[start..<end], .raw, limit: Int(entry.size))
    default: throw .unsupported("it is compressed by method \(entry.method); write it with numpy.savez")
    }
    guard let content, content.count == entry.size, checksum(content) == entry.checksum else {
      throw .damaged
    }
    return content
  }

  private static func checksum(_ bytes: [UInt8]) -> UInt64 {
    var sum = crc32(0, nil, 0)
    var rest = bytes[...]
    // zlib counts in 32 bits.
    while !rest.isEmpty {
      let part = rest.prefix(1 << 30)
      sum = part.withUnsafeBufferPointer { crc32(sum, $0.baseAddress, uInt($0.count)) }
      rest = rest.dropFirst(part.count)
    }
    return UInt64(sum)
  }

  /// A number of some bytes, lowest first.
  private static func number(_ bytes: [UInt8], _ place: Int, _ size: Int) -> UInt64 {
    (0..<size).reduce(0) { $0 | UInt64(bytes[place + $1]) << UInt64(8 * $1) }
  }
}
