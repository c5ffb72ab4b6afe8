/// The runs that wait; gives out the one that is expected to take longest among those that fit into
/// the memory left.
///
/// Runs are in classes that share a factor between their estimated and their learned cost. Within a
/// class they are in order of their estimates, which learning does not change, so that only the
/// heads of the classes must be compared: giving out a run takes O(classes + log n) time as long as
/// the longest of a class fits, and putting one back O(log n).
struct RunQueue: Sendable {
  /// The runs of a class, longest first, then in the order of the plan, as leaves of a complete
  /// binary tree: node i has the children 2i and 2i + 1, and the run at index k is the leaf `leaves
  /// + k`. A node is the minimum of the memory that waiting runs below it need, `absent` if there
  /// are none.
  private struct Class: Sendable {
    let runs: [UInt32]
    let leaves: Int
    var minMemory: [Int]
    /// The index of the first that waits.
    var head: Int

    init(_ runs: [UInt32], memory: (Int) -> Int) {
      self.runs = runs
      var leaves = 1
      while leaves < runs.count { leaves *= 2 }
      self.leaves = leaves
      minMemory = Array(repeating: RunQueue.absent, count: 2 * leaves)
      head = 0
      for (index, run) in runs.enumerated() { minMemory[leaves + index] = memory(Int(run)) }
      for node in stride(from: leaves - 1, to: 0, by: -1) {
        minMemory[node] = min(minMemory[2 * node], minMemory[2 * node + 1])
      }
      head = first(fitting: RunQueue.absent - 1) ?? 0
    }

    /// The index of the first waiting run that needs at most `limit` bytes.
    func first(fitting limit: Int) -> Int? {
      guard minMemory[1] <= limit else { return nil }
      var node = 1
      while node < leaves { node = minMemory[2 * node] <= limit ? 2 * node : 2 * node + 1 }
      return node - leaves
    }

    mutating func set(_ index: Int, to memory: Int) {
      var node = leaves + index
      minMemory[node] = memory
      while node > 1 {
        node /= 2
        minMemory[node] = min(minMemory[2 * node], minMemory[2 * node + 1])
      }
      if memory == RunQueue.absent {
        if index == head { head = first(fitting: RunQueue.absent - 1) ?? 0 }
      } else if index < head || minMemory[leaves + head] == RunQueue.absent {
        head = index
      }
    }
  }

  private static let absent = Int.max

  private var classes: [Class]
  /// Of every run its class and its index there.
  private let locations: [(class: UInt32, index: UInt32)]
  private let cost: [Double]
  /// How many runs wait.
  private(set) var count: Int

  /// A queue of runs 0, 1, ….
  ///
  /// - Parameters:
  ///   - cost: the estimated cost of each.
  ///   - classes: the class of each, from 0 to `classCount` − 1.
  ///   - memory: the memory that each needs, in bytes; nil: it does not wait.
  init(cost: [Double], classes: [Int], classCount: Int, memory: (Int) -> Int?) {
    var members: [[UInt32]] = Array(repeating: [], count: classCount)
    for (run, own) in classes.enumerated() { members[own].append(UInt32(run)) }
    var locations = [(class: UInt32, index: UInt32)](repeating: (0, 0), count: cost.count)
    var waiting = 0
    self.classes = []
    for own in members.indices {
      // Sorted stably: the order of the plan decides between equals.
      members[own].sort { cost[Int($0)] > cost[Int($1)] || (cost[Int($0)] == cost[Int($1)] && $0 < $1) }
      for (index, run) in members[own].enumerated() { locations[Int(run)] = (UInt32(own), UInt32(index)) }
      self.classes.append(
        Class(members[own]) { run in
          guard let memory = memory(run) else { return Self.absent }
          waiting += 1
          return min(memory, Self.absent - 1)
        })
      members[own] = []
    }
    self.locations = locations
    self.cost = cost
    count = waiting
  }

  /// Whether nothing waits.
  var isEmpty: Bool { count == 0 }

  /// Takes out the waiting run with the largest learned cost that needs at most `limit` bytes; nil
  /// if there is none. Between equals the order of the plan decides.
  mutating func take(fitting limit: Int, costs: LearnedCosts) -> Int? {
    let limit = min(limit, Self.absent - 1)
    var best: (class: Int, index: Int, run: UInt32)?
    var maxCost = 0.0
    for own in classes.indices {
      guard classes[own].minMemory[1] <= limit else { continue }
      let ratio = costs.ratio(of: own)
      // No run of the class costs more than its head, whether that fits or not.
      var index = classes[own].head
      guard best == nil || ratio * cost[Int(classes[own].runs[index])] >= maxCost else { continue }
      if classes[own].minMemory[classes[own].leaves + index] > limit {
        guard let fitting = classes[own].first(fitting: limit) else { continue }
        index = fitting
      }
      let run = classes[own].runs[index]
      let learned = ratio * cost[Int(run)]
      if let best, learned < maxCost || (learned == maxCost && run > best.run) { continue }
      best = (own, index, run)
      maxCost = learned
    }
    guard let best else { return nil }
    classes[best.class].set(best.index, to: Self.absent)
    count -= 1
    return Int(best.run)
  }

  /// Puts back a run that was taken, which now needs so much memory, in bytes.
  mutating func putBack(_ run: Int, memory: Int) {
    let location = locations[run]
    classes[Int(location.class)].set(Int(location.index), to: min(memory, Self.absent - 1))
    count += 1
  }
}
