import Foundation
import Model
import Testing

@testable import DataFiles

/// Archives and IDX files as other programs write them. The bytes were written by
/// `numpy.savez`, `numpy.savez_compressed` and Python's `gzip`.
struct DataFilesTests {
  private static func bytes(_ base64: String) throws -> [UInt8] {
    Array(try #require(Data(base64Encoded: base64)))
  }

  @Test(arguments: [Self.stored, Self.compressed])
  func archivesAreRead(text: String) throws {
    let arrays = try ArrayArchive(npz: Self.bytes(text)).arrays
    #expect(arrays.keys.sorted() == ["a", "w"])
    #expect(arrays["a"]?.values == [1.5, -2] && arrays["a"]?.shape == [2])
    #expect(arrays["w"]?.values == [1, 2, 3, 4, 5, 6] && arrays["w"]?.shape == [2, 3])
  }

  /// Cut anywhere, or with any byte of its contents changed, an archive is refused or read right.
  @Test func damagedArchivesAreRefused() throws {
    let whole = try Self.bytes(Self.compressed)
    for length in stride(from: 0, to: whole.count, by: 7) {
      #expect(throws: DataFileError.self, "\(length)") { try ArrayArchive(npz: Array(whole[..<length])) }
    }
    var refused = 0
    for place in whole.indices {
      var changed = whole
      changed[place] ^= 0x41
      if let arrays = try? ArrayArchive(npz: changed).arrays {
        for array in arrays.values { #expect([[1.5, -2], [1, 2, 3, 4, 5, 6]].contains(array.values)) }
      } else {
        refused += 1
      }
    }
    #expect(refused > whole.count / 2)
  }

  @Test func idxFilesAreRead() throws {
    let plain: [UInt8] = [0, 0, 8, 2, 0, 0, 0, 2, 0, 0, 0, 3, 1, 2, 3, 4, 5, 255]
    for bytes in [plain, try Self.bytes(Self.gzipped)] {
      let array = try IDXArray(bytes)
      #expect(array.shape == [2, 3] && array.values == [1, 2, 3, 4, 5, 255])
    }
    #expect(throws: DataFileError.damaged) { try IDXArray(Array(plain.dropLast())) }
    #expect(throws: DataFileError.damaged) { try IDXArray(Array(try Self.bytes(Self.gzipped).dropLast(9))) }
    #expect(throws: DataFileError.notIDX) { try IDXArray(Array("x,y\n1,2".utf8)) }
    #expect(throws: DataFileError.self) { try IDXArray([0, 0, 0x0D, 1, 0, 0, 0, 1, 0, 0, 0, 0]) }
  }

  private static let stored =
    "UEsDBC0AAAAAAAAAIQCwmMVB//////////8FABQAYS5ucHkBABAAkAAAAAAAAACQAAAAAAAAAJNOVU1QWQEAdgB7"
    + "J2Rlc2NyJzogJzxmOCcsICdmb3J0cmFuX29yZGVyJzogRmFsc2UsICdzaGFwZSc6ICgyLCksIH0gICAgICAgICAg"
    + "ICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAKAAAAAAAA+D8AAAAAAAAA"
    + "wFBLAwQtAAAAAAAAACEAfJzeov//////////BQAUAHcubnB5AQAQAJgAAAAAAAAAmAAAAAAAAACTTlVNUFkBAHYA"
    + "eydkZXNjcic6ICc8ZjQnLCAnZm9ydHJhbl9vcmRlcic6IEZhbHNlLCAnc2hhcGUnOiAoMiwgMyksIH0gICAgICAg"
    + "ICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgCgAAgD8AAABAAABAQAAA"
    + "gEAAAKBAAADAQFBLAQItAy0AAAAAAAAAIQCwmMVBkAAAAJAAAAAFAAAAAAAAAAAAAACAAQAAAABhLm5weVBLAQIt"
    + "Ay0AAAAAAAAAIQB8nN6imAAAAJgAAAAFAAAAAAAAAAAAAACAAccAAAB3Lm5weVBLBQYAAAAAAgACAGYAAACWAQAA"
    + "AAA="

  private static let compressed =
    "UEsDBC0AAAAIAAAAIQCwmMVB//////////8FABQAYS5ucHkBABAAkAAAAAAAAABNAAAAAAAAAJvsF+obEMnIUMZQ"
    + "rZ6SWpxcpG6loG6TZqGuo6Cell9UUpSYF59flJIKEndLzClOBYoXZyQWpAL5GkY6mjoKtQoUAC4GMPhhD6EZDgAA"
    + "UEsDBC0AAAAIAAAAIQB8nN6i//////////8FABQAdy5ucHkBABAAmAAAAAAAAABYAAAAAAAAAJvsF+obEMnIUMZQ"
    + "rZ6SWpxcpG6loG6TZqKuo6Cell9UUpSYF59flJIKEndLzClOBYoXZyQWpAL5GkY6CsaaOgq1CmQDLgaGBnsGBgYH"
    + "IALiBiBeAMQHHABQSwECLQMtAAAACAAAACEAsJjFQU0AAACQAAAABQAAAAAAAAAAAAAAgAEAAAAAYS5ucHlQSwEC"
    + "LQMtAAAACAAAACEAfJzeolgAAACYAAAABQAAAAAAAAAAAAAAgAGEAAAAdy5ucHlQSwUGAAAAAAIAAgBmAAAAEwEA"
    + "AAAA"

  private static let gzipped =
    "H4sIAAAAAAACA2Ng4GBiYGAAYWZGJmYW1v8A8N5fIRIAAAA="
}
