/// FNV-1a on words of 64 bits: finds damage, not malice.
struct Checksum {
  private(set) var value: UInt64 = 0xcbf2_9ce4_8422_2325

  mutating func add(_ word: UInt64) {
    value = (value ^ word) &* 0x0000_0100_0000_01b3
    // Upwards only carries would leave low bits blind to high ones.
    value ^= value >> 32
  }
}
