/// FNV-1a on words of 64 bits: finds damage, not malice.
struct Checksum {
  private(set) var value: UInt64 = 0xcbf2_9ce4_8422_2325

  mutating func add(_ word: UInt64) {
    value = (value ^ word) &* 0x0000_0100_0000_01b3
    // Upwards only carries would leave low bits blind to high ones.
    value ^= value >> 32
  }

  /// Adds the number of bytes, then the bytes in words of eight, the last one filled up with zeros.
  mutating func add(bytes: [UInt8]) {
    add(UInt64(bytes.count))
    bytes.withUnsafeBytes { bytes in
      for start in stride(from: 0, to: bytes.count, by: 8) {
        var word: UInt64 = 0
        for byte in bytes[start..<min(start + 8, bytes.count)].reversed() { word = word << 8 | UInt64(byte) }
        add(word)
      }
    }
  }
}
