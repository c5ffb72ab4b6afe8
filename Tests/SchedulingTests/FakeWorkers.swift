import Model
import Synchronization
import WorkerProtocol

@testable import Scheduling

/// Workers that are no processes: what they do with an order is a function.
final class FakeWorkers: WorkerSpawner {
  /// What a worker does with the n-th order that any of them gets; it reports what it says.
  typealias Behaviour = @Sendable (_ worker: FakeWorker, _ order: RunOrder) -> Void

  let behaviour: Behaviour
  let abilities: WorkerAbilities
  let shortages: Atomic<Int>
  private let all = Mutex<[FakeWorker]>([])

  /// - Parameters:
  ///   - abilities: what they say they can do.
  ///   - shortages: how often the system cannot start one at first.
  init(abilities: WorkerAbilities = [], shortages: Int = 0, _ behaviour: @escaping Behaviour) {
    self.abilities = abilities
    self.shortages = Atomic(shortages)
    self.behaviour = behaviour
  }

  var workers: [FakeWorker] { all.withLock { $0 } }

  func worker(_ id: WorkerID) -> any WorkerConnection {
    let worker = FakeWorker(id, of: self)
    all.withLock { $0.append(worker) }
    return worker
  }
}

/// One of them.
final class FakeWorker: WorkerConnection {
  let id: WorkerID
  private let spawner: FakeWorkers
  private let said: AsyncStream<SchedulerEvent>
  private let mouth: AsyncStream<SchedulerEvent>.Continuation
  private let state = Mutex((bytes: Int?.none, lines: [String]()))

  init(_ id: WorkerID, of spawner: FakeWorkers) {
    self.id = id
    self.spawner = spawner
    (said, mouth) = AsyncStream.makeStream()
  }

  var pid: Int32? { Int32(id.number) }

  var residentBytes: Int? {
    get { state.withLock { $0.bytes } }
    set { state.withLock { $0.bytes = newValue } }
  }

  /// The lines it has been sent.
  var lines: [String] { state.withLock { $0.lines } }

  func say(_ event: SchedulerEvent) { mouth.yield(event) }

  func answer(_ order: RunOrder) { say(.result(id, run: order.run, plausibleResult())) }

  /// Ends, as it was asked to or not.
  func end(_ exit: WorkerExit) { say(.exited(id, exit, stderrTail: "")) }

  func run(clock: any SweepClock, report: @escaping @Sendable (SchedulerEvent) async -> Void) async {
    if spawner.shortages.wrappingSubtract(1, ordering: .relaxed).oldValue > 0 {
      return await report(.spawnFailed(id, reason: "no processes left", isShortage: true))
    }
    await report(.hello(id, protocolVersion: 1, methods: [sweepMethod], abilities: spawner.abilities))
    for await event in said {
      await report(event)
      if case .exited = event { return }
    }
  }

  func send(_ line: [UInt8]) {
    state.withLock { $0.lines.append(String(decoding: line, as: UTF8.self)) }
    guard case .run(let order)? = try? OrchestratorMessage(line: line.dropLast()) else { return }
    spawner.behaviour(self, order)
  }

  func closeInput() { end(.code(0)) }

  func kill() { end(.signal(9)) }
}

/// A clock of which a nap lasts a moment, and which jumps by a day at every look.
final class JumpingClock: SweepClock {
  private let looks = Mutex(0)

  var now: Duration {
    looks.withLock { looks in
      looks += 1
      return .seconds(86_400 * (looks % 2 == 0 ? looks : -looks))
    }
  }

  func nap(for duration: Duration) async throws { try await Task.sleep(for: .milliseconds(1)) }
}
