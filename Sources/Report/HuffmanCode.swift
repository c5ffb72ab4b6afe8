/// A prefix code with short words for frequent symbols.
struct HuffmanCode {
  /// The length of each symbol's word; 0: the symbol does not occur.
  let lengths: [Int]
  /// The words, the first bit lowest.
  private let words: [UInt32]

  /// - Parameters:
  ///   - counts: how often each symbol occurs.
  ///   - limit: no word is longer; at most 15.
  init(_ counts: [Int], limit: Int) {
    var counts = counts
    var lengths = Self.lengths(counts)
    while (lengths.max() ?? 0) > limit {
      // Evener counts have shorter words; all equal ones fit.
      counts = counts.map { $0 > 0 ? ($0 + 3) / 2 : 0 }
      lengths = Self.lengths(counts)
    }
    self.lengths = lengths
    // Canonical words (RFC 1951, 3.2.2), turned round.
    var words = [UInt32](repeating: 0, count: lengths.count)
    var next: UInt32 = 0
    for length in 1...max(1, lengths.max() ?? 1) {
      next <<= 1
      for symbol in lengths.indices where lengths[symbol] == length {
        var (word, turned) = (next, UInt32(0))
        for _ in 0..<length {
          turned = turned << 1 | word & 1
          word >>= 1
        }
        words[symbol] = turned
        next += 1
      }
    }
    self.words = words
  }

  func write(_ symbol: Int, to output: inout BitWriter) {
    output.write(Int(words[symbol]), bits: lengths[symbol])
  }

  /// Huffman's lengths; a lone symbol has 1.
  private static func lengths(_ counts: [Int]) -> [Int] {
    let used = counts.indices.filter { counts[$0] > 0 }.sorted { (counts[$0], $0) < (counts[$1], $1) }
    var lengths = [Int](repeating: 0, count: counts.count)
    guard used.count > 1 else {
      if let only = used.first { lengths[only] = 1 }
      return lengths
    }
    // Two queues, both ascending: leaves, and the nodes made of them.
    var weights = used.map { counts[$0] }
    var parents = [Int](repeating: 0, count: 2 * used.count - 1)
    var (leaf, inner) = (0, used.count)
    func take(_ made: Int) -> Int {
      if leaf < used.count, inner >= made || weights[leaf] <= weights[inner] {
        leaf += 1
        return leaf - 1
      }
      inner += 1
      return inner - 1
    }
    for made in used.count..<2 * used.count - 1 {
      let (a, b) = (take(made), take(made))
      parents[a] = made
      parents[b] = made
      weights.append(weights[a] + weights[b])
    }
    var depths = [Int](repeating: 0, count: parents.count)
    for node in stride(from: parents.count - 2, through: 0, by: -1) {
      depths[node] = depths[parents[node]] + 1
      if node < used.count { lengths[used[node]] = depths[node] }
    }
    return lengths
  }
}

/// Bits, the lowest of each byte first.
struct BitWriter {
  private var bytes: [UInt8] = []
  private var pending: UInt64 = 0
  private var count = 0

  mutating func write(_ value: Int, bits: Int) {
    pending |= UInt64(truncatingIfNeeded: value) << UInt64(count)
    count += bits
    while count >= 8 {
      bytes.append(UInt8(truncatingIfNeeded: pending))
      pending >>= 8
      count -= 8
    }
  }

  mutating func finish() -> [UInt8] {
    if count > 0 { bytes.append(UInt8(truncatingIfNeeded: pending)) }
    return bytes
  }
}
