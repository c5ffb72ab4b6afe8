/// Finds earlier occurrences of what comes next.
struct MatchFinder {
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
