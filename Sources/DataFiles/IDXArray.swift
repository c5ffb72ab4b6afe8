/// An array of bytes in the IDX format, in which the MNIST images and labels are published, or
/// such a file compressed by gzip.
///
/// Source: http://yann.lecun.com/exdb/mnist/, "The IDX file format".
public struct IDXArray: Sendable {
  /// The lengths of the axes, such as (60 000, 28, 28).
  public let shape: [Int]
  /// The numbers from 0 to 255, in C order.
  public let values: [UInt8]

  private static let maxBytes = 1 << 31

  /// Reads a file.
  ///
  /// - Throws: ``DataFileError``.
  public init(_ bytes: [UInt8]) throws(DataFileError) {
    var bytes = bytes
    if bytes.starts(with: [0x1F, 0x8B]) {
      guard let inflated = Inflate.bytes(bytes[...], .gzip, limit: Self.maxBytes) else { throw .damaged }
      bytes = inflated
    }
    guard bytes.count >= 4, bytes[0] == 0, bytes[1] == 0, bytes[3] > 0 else { throw .notIDX }
    guard bytes[2] == 0x08 else { throw .unsupported("it holds other numbers than unsigned bytes") }
    let axes = Int(bytes[3])
    guard bytes.count >= 4 + 4 * axes else { throw .damaged }
    shape = (0..<axes).map { axis in bytes[4 + 4 * axis..<8 + 4 * axis].reduce(0) { $0 << 8 | Int($1) } }
    var count = 1
    for axis in shape {
      let (product, overflow) = count.multipliedReportingOverflow(by: axis)
      guard !overflow else { throw .damaged }
      count = product
    }
    guard bytes.count == 4 + 4 * axes + count else { throw .damaged }
    values = Array(bytes[(4 + 4 * axes)...])
  }
}
