/// The runs that wait; gives out the one that is expected to take longest among those that fit into the memory left.
///
/// Runs are in classes that share a factor between their estimated and their learned cost. Within a class they are
/// in order of their estimates, which learning does not change, so that a look at every class suffices: giving out
/// a run takes O(classes + log n) time as long as the longest of a class fits, and putting one back O(log n).
struct RunQueue: Sendable {
  /// The runs of a class, longest first, then in the order of the plan, as leaves of a complete binary tree: node i has
  /// the children 2i and 2i + 1, and place p is the leaf `leaves + p`. A node is the least memory that a waiting run below
  /// it needs, `absent` if there is none.
  private struct Class: Sendable {
    let runs: [UInt32]
    let leaves: Int
    var least: [Int]
    /// The place of the first that waits.
    var head: Int

    init(_ runs: [UInt32], memory: (Int) -> Int) {
      self.runs = runs
      var leaves = 1
      while leaves < runs.count { leaves *= 2 }
      self.leaves = leaves
      least = Array(repeating: RunQueue.absent, count: 2 * leaves)
      head = 0
      for (place, run) in runs.enumerated() { least[leaves + place] = memory(Int(run)) }
      for node in stride(from: leaves - 1, to: 0, by: -1) {
        least[node] = min(least[2 * node], least[2 * node + 1])
      }
      head = first(fitting: RunQueue.absent - 1) ?? 0
    }

    /// The place of the first waiting run that needs at most `limit` bytes.
    func first(fitting limit: Int) -> Int? {
      guard least[1] <= limit else { return nil }
      var node = 1
      while node < leaves { node = least[2 * node] <= limit ? 2 * node : 2 * node + 1 }
      return node - leaves
    }

    mutating func set(_ place: Int, to memory: Int) {
      var node = leaves + place
      least[node] = memory
      while node > 1 {
        node /= 2
        least[node] = min(least[2 * node], least[2 * node + 1])
      }
      if memory == RunQueue.absent {
        if place == head { head = first(fitting: RunQueue.absent - 1) ?? 0 }
      } else if place < head || least[leaves + head] == RunQueue.absent {
        head = place
      }
    }
  }

  private static let absent = Int.max

  private var classes: [Class]
  /// Of every run its class and its place there.
  private var homes: [(class: UInt32, place: UInt32)]
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
    for (run, index) in classes.enumerated() { members[index].append(UInt32(run)) }
    var homes = [(class: UInt32, place: UInt32)](repeating: (0, 0), count: cost.count)
    var waiting = 0
    self.classes = []
    for index in members.indices {
      // Sorted stably: the order of the plan decides between equals.
      members[index].sort { cost[Int($0)] > cost[Int($1)] || (cost[Int($0)] == cost[Int($1)] && $0 < $1) }
      for (place, run) in members[index].enumerated() { homes[Int(run)] = (UInt32(index), UInt32(place)) }
      self.classes.append(
        Class(members[index]) { run in
          guard let memory = memory(run) else { return Self.absent }
          waiting += 1
          return min(memory, Self.absent - 1)
        })
      members[index] = []
    }
    self.homes = homes
    self.cost = cost
    count = waiting
  }

  /// Whether nothing waits.
  var isEmpty: Bool { count == 0 }

  /// Takes out the waiting run with the largest learned cost that needs at most `limit` bytes; nil if there is none.
  /// Between equals the order of the plan decides.
  mutating func take(fitting limit: Int, costs: LearnedCosts) -> Int? {
    let limit = min(limit, Self.absent - 1)
    var best: (index: Int, place: Int, run: UInt32)?
    var largest = 0.0
    for index in classes.indices {
      guard classes[index].least[1] <= limit else { continue }
      let ratio = costs.ratio(of: index)
      // No run of the class costs more than its head, whether that fits or not.
      var place = classes[index].head
      guard best == nil || ratio * cost[Int(classes[index].runs[place])] >= largest else { continue }
      if classes[index].least[classes[index].leaves + place] > limit {
        guard let fitting = classes[index].first(fitting: limit) else { continue }
        place = fitting
      }
      let run = classes[index].runs[place]
      let learned = ratio * cost[Int(run)]
      if let best, learned < largest || (learned == largest && run > best.run) { continue }
      best = (index, place, run)
      largest = learned
    }
    guard let best else { return nil }
    classes[best.index].set(best.place, to: Self.absent)
    count -= 1
    return Int(best.run)
  }

  /// Puts back a run that was taken, which now needs so much memory, in bytes.
  mutating func putBack(_ run: Int, memory: Int) {
    let home = homes[run]
    classes[Int(home.class)].set(Int(home.place), to: min(memory, Self.absent - 1))
    count += 1
  }
}
