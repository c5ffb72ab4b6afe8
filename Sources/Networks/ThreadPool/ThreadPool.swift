import Dispatch
import Synchronization
import VectorKernels

/// Threads that share pieces of work that take microseconds each. What is computed never depends on
/// their number.
///
/// To wake a thread takes longer than such a piece: an idle thread spins for a moment before it
/// ends. The calling thread never waits for another to start; it begins with the work, and threads
/// that arrive meanwhile take a share.
final class ThreadPool: Sendable {
  /// How many threads may work at a time, the calling one among them; at least 1.
  let threadCount: Int
  /// How many threads run beside the calling one.
  private let running = Atomic(0)
  /// The work at hand: ``Gate``.
  private let gate = Atomic(0)
  /// The number of the piece to be taken next.
  private let next = Atomic(0)
  /// Written while the gate is closed and no thread is inside, read by those inside.
  private let work = Mutex<Work?>(nil)

  /// How long an idle thread spins before it ends.
  private static let idleTimeout = Duration.microseconds(200)

  /// - Parameter threadCount: at least 1. Threads are started when there is work for them.
  init(threadCount: Int) { self.threadCount = max(1, threadCount) }

  /// The calling thread alone.
  static let serial = ThreadPool(threadCount: 1)

  /// Calls `body` once for every number below `pieces`, in any order and at the same time on
  /// several threads; returns when all calls have. Not to be called by two threads at once.
  func perform(_ pieces: Int, _ body: (Int) -> Void) {
    if threadCount > 1, pieces > 1 {
      share(pieces, body)
    } else {
      for piece in 0..<pieces { body(piece) }
    }
  }

  // MARK: Sharing work

  /// What is to be done: a call for every number below `pieces`.
  private struct Work: @unchecked Sendable {
    // Points to a closure on the stack of the caller, which does not return while a thread is
    // inside.
    let body: UnsafePointer<(Int) -> Void>
    let pieces: Int
  }

  /// A number that tells whether there is work, and how many threads are inside.
  private enum Gate {
    static let open = 1
    static let thread = 2
  }

  private func share(_ pieces: Int, _ body: (Int) -> Void) {
    withoutActuallyEscaping(body) { body in
      withUnsafePointer(to: body) { body in
        let work = Work(body: body, pieces: pieces)
        self.work.withLock { $0 = work }
        next.store(0, ordering: .relaxed)
        gate.store(Gate.open, ordering: .releasing)
        startThreads(max: pieces - 1)
        takePieces(of: work)
        _ = gate.bitwiseXor(Gate.open, ordering: .acquiringAndReleasing)
        // What was written inside is visible from here on.
        waitWhile { gate.load(ordering: .acquiring) != 0 }
      }
    }
  }

  private func startThreads(max wanted: Int) {
    let missing = min(threadCount - 1, wanted) - running.load(ordering: .relaxed)
    for _ in 0..<max(0, missing) {
      running.add(1, ordering: .relaxed)
      DispatchQueue.global().async { self.runThread() }
    }
  }

  /// Takes work until there has been none for a while.
  private func runThread() {
    let clock = ContinuousClock()
    var deadline = clock.now + Self.idleTimeout
    while clock.now < deadline {
      // Reading the clock costs more than a look at the gate.
      for _ in 0..<32 {
        let state = gate.load(ordering: .relaxed)
        if state & Gate.open == 0 {
          spin_wait(0)
        } else if gate.compareExchange(
          expected: state, desired: state + Gate.thread, ordering: .acquiringAndReleasing
        ).exchanged {
          if let work = work.withLock({ $0 }) { takePieces(of: work) }
          // There is no more until the gate has been closed.
          gate.subtract(Gate.thread, ordering: .releasing)
          waitWhile { gate.load(ordering: .relaxed) & Gate.open != 0 }
          deadline = clock.now + Self.idleTimeout
        }
      }
    }
    running.subtract(1, ordering: .relaxed)
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
