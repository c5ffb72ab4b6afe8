import Dispatch
import Synchronization
import VectorKernels

/// Threads that help a run with pieces of work that take microseconds.
///
/// To wake a thread takes longer than such a piece: a helper that has nothing to do waits awake for a moment before it
/// goes. Nobody waits for a helper to come: who has work begins it, and whoever comes meanwhile takes a share.
final class Crew: Sendable {
  /// How many helpers there may be, ≥ 1.
  private let size: Int
  /// How many there are.
  private let present = Atomic(0)
  /// The work at hand: ``Gate``.
  private let gate = Atomic(0)
  /// The number of the piece to be taken next.
  private let next = Atomic(0)
  /// Written while the gate is closed and nobody is inside, read by those who are.
  private let work = Mutex<Work?>(nil)

  /// How long a helper waits for more work.
  private static let patience = Duration.microseconds(200)

  init(helpers: Int) { size = helpers }

  /// What is to be done: a call for every number below `pieces`.
  private struct Work: @unchecked Sendable {
    // Points to a closure on the stack of the caller, who does not return while anybody is inside.
    let body: UnsafePointer<(Int) -> Void>
    let pieces: Int
  }

  /// A number that says whether there is work, and how many helpers are at it.
  private enum Gate {
    static let open = 1
    static let helper = 2
  }

  /// Calls `body` once for every number below `pieces`, in any order and at the same time on several threads; returns
  /// when all calls have. Not to be called by two threads at once.
  func perform(_ pieces: Int, _ body: (Int) -> Void) {
    withoutActuallyEscaping(body) { body in
      withUnsafePointer(to: body) { body in
        let work = Work(body: body, pieces: pieces)
        self.work.withLock { $0 = work }
        next.store(0, ordering: .relaxed)
        gate.store(Gate.open, ordering: .releasing)
        callHelpers(atMost: pieces - 1)
        takePieces(of: work)
        _ = gate.bitwiseXor(Gate.open, ordering: .acquiringAndReleasing)
        // What was written inside is to be seen from here on.
        waitWhile { gate.load(ordering: .acquiring) != 0 }
      }
    }
  }

  private func callHelpers(atMost wanted: Int) {
    let absent = min(size, wanted) - present.load(ordering: .relaxed)
    for _ in 0..<max(0, absent) {
      present.add(1, ordering: .relaxed)
      DispatchQueue.global().async { self.help() }
    }
  }

  /// Helps until there has been nothing to do for a while.
  private func help() {
    let clock = ContinuousClock()
    var deadline = clock.now + Self.patience
    while clock.now < deadline {
      // The clock is read now and then only.
      for _ in 0..<32 {
        let state = gate.load(ordering: .relaxed)
        if state & Gate.open == 0 {
          spin_wait(0)
        } else if gate.compareExchange(
          expected: state, desired: state + Gate.helper, ordering: .acquiringAndReleasing
        ).exchanged {
          if let work = work.withLock({ $0 }) { takePieces(of: work) }
          // There is no more: nobody need look again before the gate is closed.
          gate.subtract(Gate.helper, ordering: .releasing)
          waitWhile { gate.load(ordering: .relaxed) & Gate.open != 0 }
          deadline = clock.now + Self.patience
        }
      }
    }
    present.subtract(1, ordering: .relaxed)
  }

  private func waitWhile(_ condition: () -> Bool) {
    var round: Int32 = 0
    while condition() {
      spin_wait(round)
      round = min(round + 1, 1000)
    }
  }

  /// In a function of its own, so that nothing of the closure is held when it returns.
  @inline(never) private func takePieces(of work: Work) {
    let body = work.body.pointee
    while true {
      let piece = next.add(1, ordering: .relaxed).oldValue
      guard piece < work.pieces else { return }
      body(piece)
    }
  }
}
