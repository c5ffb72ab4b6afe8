import Dispatch
import Synchronization

/// The processor cores that a run may use. What is computed never depends on their number.
struct Cores: Sendable {
  /// At least 1.
  let count: Int

  /// Calls `body` once for every number below `pieces`, in any order and at the same time on several cores; returns
  /// when all calls have.
  func perform(_ pieces: Int, _ body: (Int) -> Void) {
    guard count > 1, pieces > 1 else {
      for piece in 0..<pieces { body(piece) }
      return
    }
    withoutActuallyEscaping(body) { body in
      // Calls share nothing: each has a piece of its own.
      nonisolated(unsafe) let body = body
      let next = Atomic(0)
      DispatchQueue.concurrentPerform(iterations: min(count, pieces)) { _ in
        while true {
          let piece = next.add(1, ordering: .relaxed).oldValue
          guard piece < pieces else { return }
          body(piece)
        }
      }
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
