/// Values for a few numbers out of many, such as the groups to which the neurons of one group go.
/// Most often the same is asked for again.
struct FewByNumber<Value> {
  /// The values, in the order in which they were first asked for.
  private(set) var values: [(number: Int, value: Value)] = []
  private let initial: Value
  /// What was asked for last.
  private var latest = 0

  /// - Parameter initial: the value of a number that was not asked for yet.
  init(default initial: Value) { self.initial = initial }

  /// The value of a number.
  @inline(__always) subscript(_ number: Int) -> Value {
    mutating get {
      find(number)
      return values[latest].value
    }
    _modify {
      find(number)
      yield &values[latest].value
    }
  }

  @inline(__always) private mutating func find(_ number: Int) {
    if latest >= values.count || values[latest].number != number { search(number) }
  }

  private mutating func search(_ number: Int) {
    if let known = values.firstIndex(where: { $0.number == number }) {
      latest = known
    } else {
      latest = values.count
      values.append((number, initial))
    }
  }
}
