extension Array where Element: Comparable {
  /// The index of a value in an ascending array; nil if it is not in it. Takes logarithmic time.
  public func index(of value: Element) -> Int? {
    let index = lastIndex(notAbove: value)
    return index >= 0 && self[index] == value ? index : nil
  }

  /// The index of the last element that is not above a value, in an ascending array; −1 if all are.
  public func lastIndex(notAbove value: Element) -> Int {
    var low = 0
    var high = count
    while low < high {
      let middle = (low + high) / 2
      if self[middle] <= value { low = middle + 1 } else { high = middle }
    }
    return low - 1
  }
}

extension Float {
  /// The nearest number that is not infinite: beyond the range of single precision, its end.
  public init(clamping value: Double) {
    let most = Double(Float.greatestFiniteMagnitude)
    self = Float(Swift.min(Swift.max(value, -most), most))
  }
}
