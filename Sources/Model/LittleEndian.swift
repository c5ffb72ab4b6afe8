/// A number of fixed size that is stored with its lowest byte first.
protocol LittleEndian {
  associatedtype Bits: FixedWidthInteger
  var bitPattern: Bits { get }
  init(bitPattern: Bits)
}

extension Double: LittleEndian {}
extension Float: LittleEndian {}

extension LittleEndian {
  /// The bytes of some numbers, one after the other.
  static func bytes(of values: some Sequence<Self>) -> [UInt8] {
    var bytes: [UInt8] = []
    for value in values {
      withUnsafeBytes(of: value.bitPattern.littleEndian) { bytes.append(contentsOf: $0) }
    }
    return bytes
  }

  /// The numbers that some bytes hold; what is left over at the end is passed over.
  static func values(in bytes: [UInt8]) -> [Self] {
    let size = MemoryLayout<Bits>.size
    return bytes.withUnsafeBytes { buffer in
      (0..<buffer.count / size).map {
        Self(bitPattern: Bits(littleEndian: buffer.loadUnaligned(fromByteOffset: $0 * size, as: Bits.self)))
      }
    }
  }
}

extension Float {
  /// The nearest number that is not infinite: beyond the range of single precision, its end.
  public init(clamping value: Double) {
    let most = Double(Float.greatestFiniteMagnitude)
    self = Float(Swift.min(Swift.max(value, -most), most))
  }
}
