import CPlatform

/// The cores that threads may use: their affinity masks, which not all systems have.
public enum CoreAffinity {
  /// Room for 8192 cores.
  private static let words = 128

  /// The numbers of the cores that this thread may use; none where there are no masks.
  public static var cores: [Int] {
    var mask = [UInt](repeating: 0, count: words)
    guard platform_get_affinity(0, &mask, mask.count) == 0 else { return [] }
    return mask.indices.flatMap { word in
      (0..<UInt.bitWidth).filter { mask[word] >> UInt($0) & 1 == 1 }.map { word * UInt.bitWidth + $0 }
    }
  }

  /// Binds this thread to its last core for a moment.
  ///
  /// - Returns: whether that worked; nil where there are no masks.
  public static func trial() -> Bool? {
    var before = [UInt](repeating: 0, count: words)
    guard platform_get_affinity(0, &before, words) == 0, let core = cores.last else { return nil }
    var mask = [UInt](repeating: 0, count: words)
    mask[core / UInt.bitWidth] = 1 << UInt(core % UInt.bitWidth)
    let isBound = platform_set_affinity(0, mask, words) == 0 && cores == [core]
    return platform_set_affinity(0, before, words) == 0 && isBound
  }

  /// Binds a process, with all its threads, to a core. Threads that they start later are bound with
  /// them.
  public static func bind(_ process: pid_t, to core: Int) {
    var mask = [UInt](repeating: 0, count: words)
    mask[core / UInt.bitWidth] = 1 << UInt(core % UInt.bitWidth)
    func bind(_ thread: pid_t) { _ = platform_set_affinity(thread, mask, mask.count) }
    bind(process)
    var bound: Set<pid_t> = [process]
    // Repeated until a listing shows no new thread, which an unbound one may have started
    // meanwhile.
    while let thread = threads(of: process).first(where: { !bound.contains($0) }) {
      bound.insert(thread)
      bind(thread)
    }
  }
}
