/// Numbers in memory that begins where the largest vectors may be loaded at once.
final class RowMemory<Number: BitwiseCopyable & AdditiveArithmetic> {
  /// How many there are.
  let count: Int
  /// The first of them.
  let start: UnsafeMutablePointer<Number>

  /// Room for so many, which hold anything.
  init(roomFor count: Int) {
    self.count = count
    start = UnsafeMutableRawPointer.allocate(
      byteCount: max(1, count) * MemoryLayout<Number>.stride, alignment: Self.alignment
    ).bindMemory(to: Number.self, capacity: max(1, count))
  }

  /// So many zeros.
  convenience init(count: Int) {
    self.init(roomFor: count)
    start.initialize(repeating: .zero, count: max(1, count))
  }

  /// Rows, each filled up with zeros to a length.
  convenience init(rows: [[Number]], length: Int) {
    self.init(count: rows.count * length)
    for (i, row) in rows.enumerated() {
      for (j, number) in row.enumerated() { start[i * length + j] = number }
    }
  }

  deinit { start.deallocate() }

  private static var alignment: Int { 64 }
}
