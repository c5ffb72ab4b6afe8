/// The counter-based generator Philox4x32-10: a bijection of 128-bit counters, chosen by a 64-bit key, whose
/// outputs pass for independent random bits.
///
/// Source: Salmon, Moraes, Dror, Shaw, *Parallel random numbers: as easy as 1, 2, 3*, SC 2011.
public struct Philox4x32: Sendable {
  /// Four words of 32 bits.
  public typealias Words = SIMD4<UInt32>

  private let key: SIMD2<UInt32>

  /// The generator with the given key; least significant word first.
  public init(key: SIMD2<UInt32>) { self.key = key }

  /// The four random words that belong to a counter.
  @inlinable
  public func callAsFunction(_ counter: Words) -> Words {
    var c = counter
    var k = keyWords
    for round in 0..<10 {
      if round > 0 { k = k &+ SIMD2(0x9E37_79B9, 0xBB67_AE85) }
      let p0 = UInt64(0xD251_1F53) &* UInt64(c[0])
      let p1 = UInt64(0xCD9E_8D57) &* UInt64(c[2])
      c = SIMD4(
        UInt32(truncatingIfNeeded: p1 >> 32) ^ c[1] ^ k[0], UInt32(truncatingIfNeeded: p1),
        UInt32(truncatingIfNeeded: p0 >> 32) ^ c[3] ^ k[1], UInt32(truncatingIfNeeded: p0))
    }
    return c
  }

  @usableFromInline var keyWords: SIMD2<UInt32> { key }
}
