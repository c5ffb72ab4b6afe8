import Platform

/// Binds workers to the cores that this process may use, each slot to one: workers that live at the
/// same time share a core only if there are more of them than cores. Does nothing where the system
/// has no affinity masks.
struct CorePinning: Sendable {
  private let cores = CoreAffinity.cores

  /// Binds a process that has just been started to the core of its slot.
  func pin(_ pid: pid_t, toSlot slot: Int) {
    if !cores.isEmpty { CoreAffinity.bind(pid, to: cores[slot % cores.count]) }
  }
}
