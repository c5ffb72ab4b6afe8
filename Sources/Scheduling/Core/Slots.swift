/// Numbers for workers that live at the same time, from 0: a new worker takes the smallest that is
/// free, so that what belongs to a slot, a log or a core, never belongs to two.
struct Slots {
  private var isTaken: [Bool] = []

  /// Takes the smallest that is free.
  mutating func take() -> Int {
    if let free = isTaken.firstIndex(of: false) {
      isTaken[free] = true
      return free
    }
    isTaken.append(true)
    return isTaken.count - 1
  }

  /// Gives one back that was taken.
  mutating func release(_ slot: Int) { isTaken[slot] = false }
}
