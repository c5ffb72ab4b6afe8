/// Compression in the DEFLATE format (RFC 1951), which every browser can undo. The same bytes always give the same bytes.
///
/// Matches are searched in chains of equal hashes, one step ahead (RFC 1951, section 4); every block has Huffman codes of its
/// own.
enum Deflate {
  /// The compressed form of some bytes.
  static func compress(_ input: [UInt8]) -> [UInt8] {
    var output = BitWriter()
    var symbols: [Symbol] = []
    symbols.reserveCapacity(blockSize)
    var finder = MatchFinder(input)
    var position = 0
    while position < input.count {
      let match = finder.match(at: position)
      // A longer match one byte later is worth a literal.
      if let match, match.length > 31 || (finder.match(at: position + 1)?.length ?? 0) <= match.length {
        symbols.append(Symbol(length: UInt16(match.length), distance: UInt16(truncatingIfNeeded: match.distance)))
        for i in position..<position + match.length { finder.insert(i) }
        position += match.length
      } else {
        symbols.append(Symbol(length: 0, distance: UInt16(input[position])))
        finder.insert(position)
        position += 1
      }
      if symbols.count == blockSize, position < input.count {
        writeBlock(symbols, isLast: false, to: &output)
        symbols.removeAll(keepingCapacity: true)
      }
    }
    writeBlock(symbols, isLast: true, to: &output)
    return output.finish()
  }

  /// So many literals and matches share a code.
  private static let blockSize = 1 << 16

  /// A match, or with length 0 the literal byte `distance`.
  private struct Symbol {
    var length: UInt16
    var distance: UInt16
  }

  private static func writeBlock(_ symbols: [Symbol], isLast: Bool, to output: inout BitWriter) {
    var literals = [Int](repeating: 0, count: 286)
    var distances = [Int](repeating: 0, count: 30)
    literals[256] = 1
    for symbol in symbols {
      if symbol.length == 0 {
        literals[Int(symbol.distance)] += 1
      } else {
        literals[Int(Tables.lengthCode[Int(symbol.length)])] += 1
        distances[Tables.distanceCode(Int(symbol.distance))] += 1
      }
    }
    // Decoders want a code of distances even where there is no match.
    if distances.allSatisfy({ $0 == 0 }) { distances[0] = 1 }
    let literalCode = HuffmanCode(literals, limit: 15)
    let distanceCode = HuffmanCode(distances, limit: 15)
    output.write(isLast ? 1 : 0, bits: 1)
    output.write(2, bits: 2)
    writeCodes(literalCode, distanceCode, to: &output)
    for symbol in symbols {
      if symbol.length == 0 {
        literalCode.write(Int(symbol.distance), to: &output)
        continue
      }
      let length = Int(symbol.length)
      let code = Int(Tables.lengthCode[length])
      literalCode.write(code, to: &output)
      output.write(length - Tables.lengthBase[code - 257], bits: Tables.lengthExtra[code - 257])
      let distance = Int(symbol.distance)
      let far = Tables.distanceCode(distance)
      distanceCode.write(far, to: &output)
      output.write(distance - Tables.distanceBase[far], bits: Tables.distanceExtra[far])
    }
    literalCode.write(256, to: &output)
  }

  /// The lengths of both codes, themselves coded (RFC 1951, 3.2.7).
  private static func writeCodes(_ literal: HuffmanCode, _ distance: HuffmanCode, to output: inout BitWriter) {
    let literalCount = max(257, (literal.lengths.lastIndex { $0 > 0 } ?? 0) + 1)
    let distanceCount = max(1, (distance.lengths.lastIndex { $0 > 0 } ?? 0) + 1)
    let lengths = Array(literal.lengths.prefix(literalCount) + distance.lengths.prefix(distanceCount))
    var items: [(code: Int, extra: Int, bits: Int)] = []
    var i = 0
    while i < lengths.count {
      var run = 1
      while i + run < lengths.count, lengths[i + run] == lengths[i] { run += 1 }
      var rest = run
      if lengths[i] == 0 {
        while rest >= 3 {
          let n = min(rest, 138)
          items.append(n <= 10 ? (17, n - 3, 3) : (18, n - 11, 7))
          rest -= n
        }
      } else {
        items.append((lengths[i], 0, 0))
        rest -= 1
        while rest >= 3 {
          let n = min(rest, 6)
          items.append((16, n - 3, 2))
          rest -= n
        }
      }
      for _ in 0..<rest { items.append((lengths[i], 0, 0)) }
      i += run
    }
    var counts = [Int](repeating: 0, count: 19)
    for item in items { counts[item.code] += 1 }
    let code = HuffmanCode(counts, limit: 7)
    let order = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15]
    let used = max(4, (order.lastIndex { code.lengths[$0] > 0 } ?? 0) + 1)
    output.write(literalCount - 257, bits: 5)
    output.write(distanceCount - 1, bits: 5)
    output.write(used - 4, bits: 4)
    for symbol in order.prefix(used) { output.write(code.lengths[symbol], bits: 3) }
    for item in items {
      code.write(item.code, to: &output)
      output.write(item.extra, bits: item.bits)
    }
  }

  /// Lengths and distances of matches as symbols with extra bits (RFC 1951, 3.2.5).
  private enum Tables {
    static let lengthBase = [
      3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195, 227, 258,
    ]
    static let lengthExtra = [
      0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0,
    ]
    static let distanceBase = [
      1, 2, 3, 4, 5, 7, 9, 13, 17, 25, 33, 49, 65, 97, 129, 193, 257, 385, 513, 769, 1025, 1537, 2049, 3073, 4097, 6145,
      8193, 12289, 16385, 24577,
    ]
    static let distanceExtra = [
      0, 0, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 8, 9, 9, 10, 10, 11, 11, 12, 12, 13, 13,
    ]
    /// The symbol of each length from 0 to 258.
    static let lengthCode: [UInt16] = (0...258).map { length in
      UInt16(257 + (lengthBase.lastIndex { $0 <= length } ?? 0))
    }

    static func distanceCode(_ distance: Int) -> Int {
      guard distance > 4 else { return distance - 1 }
      let log = Int.bitWidth - 1 - (distance - 1).leadingZeroBitCount
      return 2 * log + ((distance - 1) >> (log - 1) & 1)
    }
  }
}

/// Finds earlier occurrences of what comes next.
private struct MatchFinder {
  private let input: [UInt8]
  /// The latest position of each hash, and the one before it of each position in the window; −1: none.
  private var head: [Int32]
  private var previous: [Int32]

  private static let window = 1 << 15
  private static let hashBits = 15
  /// So many occurrences are compared.
  private static let patience = 48
  private static let longest = 258

  init(_ input: [UInt8]) {
    self.input = input
    head = [Int32](repeating: -1, count: 1 << Self.hashBits)
    previous = [Int32](repeating: -1, count: Self.window)
  }

  private func hash(_ i: Int) -> Int {
    let three = UInt32(input[i]) | UInt32(input[i + 1]) << 8 | UInt32(input[i + 2]) << 16
    return Int((three &* 0x9E37_79B1) >> UInt32(32 - Self.hashBits))
  }

  /// Makes a position known; in ascending order.
  mutating func insert(_ i: Int) {
    guard i + 2 < input.count else { return }
    let hash = hash(i)
    previous[i & (Self.window - 1)] = head[hash]
    head[hash] = Int32(truncatingIfNeeded: i)
  }

  /// The longest match at a position; nil if there is none of three bytes or more.
  func match(at i: Int) -> (length: Int, distance: Int)? {
    guard i + 2 < input.count else { return nil }
    let most = min(Self.longest, input.count - i)
    return input.withUnsafeBufferPointer { bytes in
      var best = (length: 2, distance: 0)
      var candidate = Int(head[hash(i)])
      var tries = Self.patience
      while candidate >= 0, i - candidate < Self.window, tries > 0 {
        if bytes[candidate + best.length] == bytes[i + best.length] || best.length == most {
          var length = 0
          while length < most, bytes[candidate + length] == bytes[i + length] { length += 1 }
          if length > best.length {
            best = (length, i - candidate)
            if length == most { break }
          }
        }
        let next = Int(previous[candidate & (Self.window - 1)])
        // What the window has overwritten leads nowhere.
        if next >= candidate { break }
        candidate = next
        tries -= 1
      }
      return best.distance > 0 ? best : nil
    }
  }
}

/// A prefix code with short words for frequent symbols.
private struct HuffmanCode {
  /// The length of each symbol's word; 0: the symbol does not occur.
  let lengths: [Int]
  /// The words, the first bit lowest.
  private let words: [UInt32]

  /// - Parameters:
  ///   - counts: how often each symbol occurs.
  ///   - limit: no word is longer.
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
private struct BitWriter {
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

/// Bytes as text (RFC 4648, section 4).
enum Base64 {
  static func encode(_ bytes: [UInt8]) -> String {
    let letters = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
    var text: [UInt8] = []
    text.reserveCapacity((bytes.count + 2) / 3 * 4)
    for start in stride(from: 0, to: bytes.count, by: 3) {
      let rest = min(3, bytes.count - start)
      var group = UInt32(0)
      for i in 0..<3 { group = group << 8 | (i < rest ? UInt32(bytes[start + i]) : 0) }
      for i in 0..<4 {
        text.append(i <= rest ? letters[Int(group >> UInt32(18 - 6 * i) & 63)] : UInt8(ascii: "="))
      }
    }
    return String(decoding: text, as: UTF8.self)
  }
}
