/// DEFLATE undone, after RFC 1951 alone: the shortest way, with no table but those of the document.
struct Inflate {
  private let bytes: [UInt8]
  private var position = 0
  private var output: [UInt8] = []

  /// The bytes that were compressed; nil if these are no whole stream.
  static func expand(_ bytes: [UInt8]) -> [UInt8]? {
    var inflate = Inflate(bytes: bytes)
    return inflate.run() ? inflate.output : nil
  }

  private init(bytes: [UInt8]) { self.bytes = bytes }

  private mutating func bits(_ count: Int) -> Int? {
    var value = 0
    for i in 0..<count {
      guard position < 8 * bytes.count else { return nil }
      value |= Int(bytes[position / 8] >> UInt8(position % 8) & 1) << i
      position += 1
    }
    return value
  }

  private mutating func run() -> Bool {
    while true {
      guard let isLast = bits(1), let kind = bits(2), kind == 2, block() else { return false }
      if isLast == 1 { return (8 * bytes.count) - position < 8 }
    }
  }

  /// Words by length and value; whether they are a code at all: no more words than there can be.
  private static func code(_ lengths: [Int]) -> [Int: Int]? {
    var words: [Int: Int] = [:]
    var next = 0
    for length in 1...15 {
      next <<= 1
      for (symbol, l) in lengths.enumerated() where l == length {
        words[1 << length | next] = symbol
        next += 1
      }
      if next > 1 << length { return nil }
    }
    return words
  }

  private mutating func symbol(_ code: [Int: Int]) -> Int? {
    var word = 1
    for _ in 0..<15 {
      guard let bit = bits(1) else { return nil }
      word = word << 1 | bit
      if let symbol = code[word] { return symbol }
    }
    return nil
  }

  private mutating func block() -> Bool {
    guard let a = bits(5), let b = bits(5), let c = bits(4) else { return false }
    var lengths = [Int](repeating: 0, count: 19)
    for place in [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15].prefix(c + 4) {
      guard let length = bits(3) else { return false }
      lengths[place] = length
    }
    guard let code = Self.code(lengths) else { return false }
    var all: [Int] = []
    while all.count < a + 257 + b + 1 {
      guard let symbol = symbol(code) else { return false }
      switch symbol {
      case 16:
        guard let last = all.last, let n = bits(2) else { return false }
        all += [Int](repeating: last, count: n + 3)
      case 17, 18:
        guard let n = bits(symbol == 17 ? 3 : 7) else { return false }
        all += [Int](repeating: 0, count: n + (symbol == 17 ? 3 : 11))
      default: all.append(symbol)
      }
    }
    guard all.count == a + 257 + b + 1, let literals = Self.code(Array(all.prefix(a + 257))),
      let distances = Self.code(Array(all.dropFirst(a + 257)))
    else { return false }
    while let symbol = symbol(literals) {
      if symbol == 256 { return true }
      if symbol < 256 {
        output.append(UInt8(symbol))
        continue
      }
      guard let length = long(symbol - 257, direct: 8, groups: 4, base: 3, last: 28),
        let far = self.symbol(distances), let distance = long(far, direct: 4, groups: 2, base: 1, last: nil),
        distance <= output.count
      else { return false }
      for _ in 0..<length { output.append(output[output.count - distance]) }
    }
    return false
  }

  /// A length or distance from its symbol: `direct` values of their own, then `groups` symbols for each further extra bit.
  private mutating func long(_ symbol: Int, direct: Int, groups: Int, base: Int, last: Int?) -> Int? {
    if symbol == last { return 258 }
    if symbol < direct { return base + symbol }
    let extra = symbol / groups - 1
    let start = (symbol % groups + groups) << extra
    return bits(extra).map { base + start + $0 }
  }
}
