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
        symbols.append(
          Symbol(length: UInt16(match.length), distance: UInt16(truncatingIfNeeded: match.distance)))
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
  private static func writeCodes(_ literal: HuffmanCode, _ distance: HuffmanCode, to output: inout BitWriter)
  {
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
      3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195,
      227, 258,
    ]
    static let lengthExtra = [
      0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0,
    ]
    static let distanceBase = [
      1, 2, 3, 4, 5, 7, 9, 13, 17, 25, 33, 49, 65, 97, 129, 193, 257, 385, 513, 769, 1025, 1537, 2049, 3073,
      4097, 6145,
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
