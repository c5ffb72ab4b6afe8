import HeapModule

/// Runs divided into shards of nearly equal cost.
///
/// Each run goes to the shard that costs least so far, the longest run first (R. L. Graham, Bounds
/// on multiprocessing timing anomalies, 1969): the largest shard costs at most 4/3 of what the best
/// division's would, and where no run is long, all shards differ by less than the run added last.
/// The division is a function of indices and costs alone: it is the same on all machines.
public struct ShardDivision: Sendable {
  /// The runs of one shard.
  public struct Part: Hashable, Sendable {
    /// Their indices among all runs of the sweep, ascending; below 2³².
    public var indices: [UInt32] = []
    /// What they are expected to cost together, in CPU seconds.
    public var seconds = 0.0
    /// What the longest of them is expected to cost, in CPU seconds.
    public var longest = 0.0
  }

  /// The shards, in the order of their numbers.
  public private(set) var parts: [Part]
  private var loads: Heap<Load>

  /// What a shard costs so far. Of shards that cost the same the first is the least.
  private struct Load: Comparable {
    var seconds: Double
    var shard: Int

    static func < (a: Load, b: Load) -> Bool { (a.seconds, a.shard) < (b.seconds, b.shard) }
  }

  /// No runs yet, in so many shards (at least 1).
  public init(shards: Int) {
    parts = Array(repeating: Part(), count: max(1, shards))
    loads = Heap(parts.indices.map { Load(seconds: 0, shard: $0) })
  }

  /// Adds a run; to be called with the longest first.
  public mutating func add(index: Int, cost: Double) {
    guard let shard = loads.min?.shard else { return }
    parts[shard].indices.append(UInt32(truncatingIfNeeded: index))
    parts[shard].seconds += cost
    parts[shard].longest = max(parts[shard].longest, cost)
    loads.replaceMin(with: Load(seconds: parts[shard].seconds, shard: shard))
  }

  /// Sorts the indices; to be called when all runs are there.
  public mutating func finish() {
    for shard in parts.indices { parts[shard].indices.sort() }
  }
}
