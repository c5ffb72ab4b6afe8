import Model

/// Writes the state of a run as a sequence of little-endian 64-bit words that ends with their
/// checksum.
///
/// Every write throws what the file of the checkpoint throws.
public struct CheckpointWriter: ~Copyable {
  private var pending: [UInt64] = []
  private var checksum = Checksum()
  private let sink: ([UInt8]) throws -> Void

  private static let portion = 1 << 13

  /// Writes to a sink that takes the bytes in order, in portions of 64 KiB.
  init(_ sink: @escaping ([UInt8]) throws -> Void) {
    self.sink = sink
    pending.reserveCapacity(Self.portion)
  }

  /// Writes any 64 bits.
  public mutating func write(_ word: UInt64) throws {
    checksum.add(word)
    pending.append(word)
    if pending.count == Self.portion { try flush() }
  }

  /// Writes a whole number.
  public mutating func write(_ number: Int) throws { try write(UInt64(bitPattern: Int64(number))) }

  /// Writes a number, to the last bit.
  public mutating func write(_ number: Double) throws { try write(number.bitPattern) }

  /// Writes a text of at most 4096 bytes.
  public mutating func write(_ text: String) throws { try write(bytes: Array(text.utf8)) }

  /// Writes bytes, each as a word: there are to be few.
  public mutating func write(bytes: [UInt8]) throws {
    try write(bytes.count)
    for byte in bytes { try write(UInt64(byte)) }
  }

  /// Writes arrays with names, each of at most 16 MiB.
  public mutating func write(_ arrays: RecordedArrays) throws {
    try write(arrays.count)
    for (name, array) in arrays.sorted(by: { $0.key < $1.key }) {
      try write(name)
      try write(bytes: array.npy)
    }
  }

  /// Writes the checksum and what is left.
  consuming func finish() throws {
    let end = checksum.value
    pending.append(end)
    try flush()
  }

  private mutating func flush() throws {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(8 * pending.count)
    for word in pending { withUnsafeBytes(of: word.littleEndian) { bytes.append(contentsOf: $0) } }
    try sink(bytes)
    pending.removeAll(keepingCapacity: true)
  }
}
