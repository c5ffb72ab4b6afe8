/// The runs that wait, in the order of the plan; gives out the first one that fits into the memory left.
///
/// A run that is put back regains its old place. A tree holds the least memory of every stretch of the plan, so
/// that each operation takes O(log n) time, also with a million runs of which few fit.
struct RunQueue: Sendable {
  /// Nodes of a complete binary tree: node i has the children 2i and 2i + 1, and run p is the leaf
  /// `leaves + p`. A node is the least memory below it, `absent` if nothing waits there.
  private var least: [Int]
  private let memory: [Int]
  private let leaves: Int
  /// How many runs wait.
  private(set) var count: Int

  private static let absent = Int.max

  /// A queue of runs 0, 1, …, given the memory each needs, in bytes; at first the ones in `waiting` wait.
  init(memory: [Int], where waiting: (Int) -> Bool = { _ in true }) {
    var leaves = 1
    while leaves < memory.count { leaves *= 2 }
    var least = [Int](repeating: Self.absent, count: 2 * leaves)
    var count = 0
    for position in memory.indices where waiting(position) {
      least[leaves + position] = memory[position]
      count += 1
    }
    for node in stride(from: leaves - 1, to: 0, by: -1) {
      least[node] = min(least[2 * node], least[2 * node + 1])
    }
    self.least = least
    self.memory = memory
    self.leaves = leaves
    self.count = count
  }

  /// Whether nothing waits.
  var isEmpty: Bool { count == 0 }

  /// Takes out the first waiting run that needs at most `limit` bytes; nil if there is none.
  mutating func take(fitting limit: Int) -> Int? {
    let limit = min(limit, Self.absent - 1)
    guard least[1] <= limit else { return nil }
    var node = 1
    while node < leaves { node = least[2 * node] <= limit ? 2 * node : 2 * node + 1 }
    set(node, to: Self.absent)
    count -= 1
    return node - leaves
  }

  /// Puts back a run that was taken.
  mutating func putBack(_ position: Int) {
    set(leaves + position, to: memory[position])
    count += 1
  }

  private mutating func set(_ leaf: Int, to value: Int) {
    least[leaf] = value
    var node = leaf / 2
    while node > 0 {
      least[node] = min(least[2 * node], least[2 * node + 1])
      node /= 2
    }
  }
}
