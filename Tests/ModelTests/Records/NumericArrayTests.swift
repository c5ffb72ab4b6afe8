import Foundation
import Testing

@testable import Model

/// Arrays in the form of NumPy's files.
struct NumericArrayTests {
  private let table = NumericArray(
    columns: [.init("time"), .init("rd", .float32)], rows: [[0, 0.5], [1, -2]])

  /// What `numpy.save` of NumPy 2.4 writes of that table.
  private let savedTable =
    "k05VTVBZAQB2AHsnZGVzY3InOiBbKCd0aW1lJywgJzxmOCcpLCAoJ3JkJywgJzxmNCcpXSwgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwg"
    + "J3NoYXBlJzogKDIsKSwgfSAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAoAAAAAAAAAAAAAAD8AAAAAAADwPwAAAMA="

  @Test func numpyAndThisProgramWriteTheSame() throws {
    #expect(Data(table.npy).base64EncodedString() == savedTable)
    #expect(try NumericArray(npy: try #require(Data(base64Encoded: savedTable))) == table)
  }

  /// A file with a header as NumPy writes it.
  private func npy(_ type: String, _ shape: String, order: String = "False", data: [UInt8]) -> [UInt8] {
    let header = "{'descr': '\(type)', 'fortran_order': \(order), 'shape': (\(shape)), }\n"
    return [0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(header.utf8.count), 0] + Array(header.utf8) + data
  }

  @Test(
    arguments: [
      (">i2", "2, 3", [0, 0, 0, 1, 0, 2, 255, 253, 0, 4, 127, 255], [2, 3], [0, 1, 2, -3, 4, 32767]),
      ("<i2", "2,", [1, 0, 255, 255], [2], [1, -1]), ("|u1", "2,", [255, 1], [2], [255, 1]),
      ("|b1", "2,", [1, 0], [2], [1, 0]), (">f4", "", [63, 128, 0, 0], [], [1]), ("<f8", "0,", [], [0], []),
      (">f8", "1, 1", [64, 8, 0, 0, 0, 0, 0, 0], [1, 1], [3]),
    ] as [(String, String, [UInt8], [Int], [Double])])
  func otherTypesAreConverted(
    type: String, axes: String, data: [UInt8], shape: [Int], values: [Double]
  ) throws {
    let array = try NumericArray(npy: npy(type, axes, data: data))
    #expect(array.shape == shape && array.values == values && array.fields.map(\.name) == [""])
    #expect(try NumericArray(npy: array.npy) == array)
  }

  @Test func whatIsNotSupportedIsNamed() {
    #expect(throws: NumericArrayError.unsupported("the type <c16")) {
      try NumericArray(npy: npy("<c16", "1,", data: [UInt8](repeating: 0, count: 16)))
    }
    #expect(throws: NumericArrayError.unsupported("Fortran order")) {
      try NumericArray(npy: npy("<f4", "1, 2", order: "True", data: [UInt8](repeating: 0, count: 8)))
    }
  }

  @Test func whatIsNoArrayIsNotRead() {
    let whole = table.npy
    for length in 0..<whole.count {
      #expect(throws: NumericArrayError.self) { try NumericArray(npy: whole[..<length]) }
    }
    #expect(throws: NumericArrayError.incomplete) { try NumericArray(npy: whole + [0]) }
    #expect(throws: NumericArrayError.notAnArray) { try NumericArray(npy: Array("PK".utf8) + whole) }
  }

  /// Whatever is done to the bytes, reading ends in an array or an error.
  @Test func damageIsNoCrash() {
    var generator = SystemRandomNumberGenerator()
    for _ in 0..<3000 {
      var bytes = table.npy
      for _ in 0..<Int.random(in: 1...3, using: &generator) {
        let place = Int.random(in: 6..<bytes.count, using: &generator)
        bytes[place] = UInt8.random(in: 0...255, using: &generator)
      }
      if let array = try? NumericArray(npy: bytes) {
        #expect(array.values.count == array.count * array.fields.count, "\(bytes)")
      }
    }
  }

  @Test func columnsAreFoundByName() {
    #expect(table.column("time") == [0, 1] && table.column("rd") == [0.5, -2] && table.column("x") == nil)
    #expect(table.shape == [2] && table.values == [0, 0.5, 1, -2] && table.data.count == 2 * 12)
    #expect(NumericArray(columns: [], rows: []).values.isEmpty)
  }

  @Test func singlePrecisionNumbersAreNeverInfinite() {
    let array = NumericArray([1e300, -1e300, 0.1], shape: [3], scalar: .float32)
    #expect(
      array.values == [
        Double(Float.greatestFiniteMagnitude), -Double(Float.greatestFiniteMagnitude), Double(Float(0.1)),
      ])
  }

  @Test func dataBeginAtAMultipleOf64Bytes() throws {
    for columns in 1...30 {
      let array = NumericArray(
        columns: (0..<columns).map { .init("column\($0)") }, rows: [[Double](repeating: 1, count: columns)])
      #expect((array.npy.count - array.data.count) % 64 == 0)
      #expect(try NumericArray(npy: array.npy) == array)
    }
  }

  /// Names may be whatever a worker calls its columns, and as many as it has.
  @Test func namesAreReadBackAsTheyAre() throws {
    let names = ["a'b", "shape", "back\\slash", "list]", "two((", "γ", "\"", "x', '<f4"]
    let table = NumericArray(columns: names.map { .init($0, .float32) }, rows: [names.map { _ in 1 }])
    #expect(try NumericArray(npy: table.npy).fields.map(\.name) == names)
    let many = (0..<5000).map { "a_long_name_of_a_column_\($0)" }
    let wide = NumericArray(columns: many.map { .init($0, .float64) }, rows: [many.map { _ in 0.5 }])
    #expect(wide.npy[6] == 2 && (wide.npy.count - wide.data.count) % 64 == 0)
    #expect(try NumericArray(npy: wide.npy) == wide)
  }
}
