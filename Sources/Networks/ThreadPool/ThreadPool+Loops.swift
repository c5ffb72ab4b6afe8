extension ThreadPool {
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
