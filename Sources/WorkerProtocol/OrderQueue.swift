import Model
import Platform

/// The orders that were read and not yet obeyed, and which runs are to be suspended.
final class OrderQueue: Sendable {
  /// What the reading thread has found.
  enum Item: Sendable {
    case order(OrchestratorMessage)
    /// A line that is no order; nothing follows.
    case unusable(MalformedLine)
    /// Reading failed; nothing follows.
    case failed(SystemError)
    /// The end of the input.
    case end
  }

  private struct State: Sendable {
    var items: [Item] = []
    var underWay: RunIdentity?
    var toSuspend: Set<RunIdentity> = []

    func holds(_ run: RunIdentity) -> Bool {
      underWay == run
        || items.contains { if case .order(.run(let order)) = $0 { order.run == run } else { false } }
    }
  }

  /// An orchestrator gives one run at a time; only a file of orders has more.
  private static let capacity = 64

  private let state = Monitor(State())

  /// Whether more should be read.
  var hasRoom: Bool { state.read { $0.items.count < Self.capacity } }

  /// Appends what was read. An order to suspend a run is noted at once, or dropped if it comes too
  /// late.
  func add(_ item: Item) {
    state.change { state in
      if case .order(.checkpoint(let run)) = item {
        if state.holds(run) { state.toSuspend.insert(run) }
      } else {
        state.items.append(item)
      }
    }
  }

  /// Waits for the next item; the run that it orders is under way from now on.
  func next() -> Item {
    state.wait { state in
      guard !state.items.isEmpty else { return nil }
      let item = state.items.removeFirst()
      if case .order(.run(let order)) = item { state.underWay = order.run }
      return item
    }
  }

  /// The run under way has been answered.
  func finish(_ run: RunIdentity) {
    state.change { state in
      state.underWay = nil
      state.toSuspend.remove(run)
    }
  }

  func shouldSuspend(_ run: RunIdentity) -> Bool { state.read { $0.toSuspend.contains(run) } }
}
