/// One of the parts into which the runs of a sweep are divided: "3/8" is the third of eight.
public struct Shard: Hashable, Sendable, Codable, CustomStringConvertible {
  /// Which of them, from 1.
  public var number: Int
  /// How many there are; at least 1.
  public var count: Int

  /// More shards than this are refused.
  public static let maxCount = 1_000_000

  /// The shard of that number; nil if there is none.
  public init?(number: Int, of count: Int) {
    guard (1...Self.maxCount).contains(count), (1...count).contains(number) else { return nil }
    self.number = number
    self.count = count
  }

  /// A shard as it is written, "3/8"; nil for anything else.
  public init?(_ text: String) {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    func digits(_ part: Substring) -> Int? {
      part.utf8.allSatisfy { (48...57).contains($0) } ? Int(part) : nil
    }
    guard parts.count == 2, let number = digits(parts[0]), let count = digits(parts[1]) else { return nil }
    self.init(number: number, of: count)
  }

  /// "3/8".
  public var description: String { "\(number)/\(count)" }
}
