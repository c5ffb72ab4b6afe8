import Testing

@testable import Report

struct DeflateTests {
  @Test func whatIsCompressedComesBack() throws {
    let seed = UInt64.random(in: .min ... .max)
    var random = SplitMix64(state: seed)
    var inputs: [[UInt8]] = [[], [7], [0, 0], [1, 2, 3], Array(repeating: 9, count: 70_000)]
    // From noise, in which nothing repeats, to a few letters.
    for letters in [256, 17, 2] {
      inputs.append((0..<40_000).map { _ in UInt8.random(in: 0...UInt8(letters - 1), using: &random) })
    }
    for input in inputs {
      let packed = try Deflate.compress(input)
      #expect(inflated(packed) == input, "\(input.count) bytes, seed \(seed)")
      #expect(packed.count < input.count + input.count / 50 + 160, "\(input.count) bytes, seed \(seed)")
    }
  }

  @Test func textOfPanelsBecomesSmall() throws {
    let line = "<path d=\"M12.5 30h0\" fill=\"none\" stroke=\"var(--gammaplane-series-1, #1560bd)\"/>\n"
    let input = Array((0..<2000).map { "\($0 * 31)" + line }.joined().utf8)
    #expect(try Deflate.compress(input).count * 12 < input.count)
  }
}

/// SplitMix64 (Steele, Lea, Flood, OOPSLA 2014).
struct SplitMix64: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}
