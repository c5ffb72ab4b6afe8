import Testing

@testable import Report

struct DeflateTests {
  @Test func whatIsCompressedComesBack() throws {
    let seed = UInt64.random(in: .min ... .max)
    var random = SplitMix64(state: seed)
    var inputs: [[UInt8]] = [[], [7], [0, 0], [1, 2, 3], Array(repeating: 9, count: 70_000)]
    // From noise, in which nothing repeats, to a few letters, and to copies of what was there long before.
    for letters in [256, 17, 2] {
      inputs.append((0..<40_000).map { _ in UInt8.random(in: 0...UInt8(letters - 1), using: &random) })
    }
    let block = (0..<9000).map { _ in UInt8.random(in: 0...255, using: &random) }
    inputs.append((0..<12).flatMap { _ in block.shuffledPieces(using: &random) })
    for input in inputs {
      let packed = Deflate.compress(input)
      #expect(Inflate.expand(packed) == input, "\(input.count) bytes, seed \(seed)")
      #expect(packed.count < input.count + input.count / 50 + 160, "\(input.count) bytes, seed \(seed)")
    }
  }

  /// Counts as steep as Fibonacci's numbers have the longest words there are: some must be made shorter.
  @Test func wordsAreNoLongerThanAllowed() {
    var counts = [1, 1]
    for _ in 0..<38 { counts.append(counts[counts.count - 1] + counts[counts.count - 2]) }
    let code = HuffmanCode(counts, limit: 15)
    #expect(code.lengths.max() == 15)
    // Kraft's sum in units of 2⁻¹⁵: no more words than there can be, and none wasted.
    #expect(code.lengths.reduce(0) { $0 + 1 << (15 - $1) } == 1 << 15)
  }

  @Test func textOfPanelsBecomesSmall() {
    let line = "<path d=\"M12.5 30h0\" fill=\"none\" stroke=\"var(--gammaplane-series-1, #1560bd)\"/>\n"
    let input = Array((0..<2000).map { "\($0 * 31)" + line }.joined().utf8)
    #expect(Deflate.compress(input).count * 12 < input.count)
  }

  @Test(arguments: [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foobar", "Zm9vYmFy")])
  func base64(text: String, letters: String) {
    // RFC 4648, section 10.
    #expect(Base64.encode(Array(text.utf8)) == letters)
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

extension [UInt8] {
  /// The same bytes, cut in two at a random place and put together the other way round.
  fileprivate func shuffledPieces(using random: inout SplitMix64) -> [UInt8] {
    let cut = Int.random(in: 0...count, using: &random)
    return Array(self[cut...] + self[..<cut])
  }
}
