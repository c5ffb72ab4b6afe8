/// The processor cores that a run may use. What is computed never depends on their number.
struct Cores: Sendable {
  /// At least 1.
  let count: Int
  /// Those who work on the others.
  private let crew: Crew?

  /// - Parameter count: at least 1.
  init(count: Int) {
    self.count = count
    crew = count > 1 ? Crew(helpers: count - 1) : nil
  }

  /// One core only.
  static let one = Cores(count: 1)

  /// Calls `body` once for every number below `pieces`, in any order and at the same time on several cores; returns
  /// when all calls have.
  func perform(_ pieces: Int, _ body: (Int) -> Void) {
    if let crew, pieces > 1 {
      crew.perform(pieces, body)
    } else {
      for piece in 0..<pieces { body(piece) }
    }
  }

  /// The values of `body` for all numbers below `pieces`, in order.
  func map<Value>(_ pieces: Int, _ body: (Int) -> Value) -> [Value] {
    [Value](unsafeUninitializedCapacity: pieces) { buffer, count in
      guard let first = buffer.baseAddress else { return }
      perform(pieces) { (first + $0).initialize(to: body($0)) }
      count = pieces
    }
  }

  /// Calls `body` with every element of an array for it to change.
  func forEach<Value>(_ values: inout [Value], _ body: (Int, inout Value) -> Void) {
    values.withUnsafeMutableBufferPointer { buffer in
      guard let first = buffer.baseAddress else { return }
      perform(buffer.count) { body($0, &first[$0]) }
    }
  }
}
