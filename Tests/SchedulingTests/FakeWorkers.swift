import Model
import Synchronization
import WorkerProtocol

@testable import Scheduling

/// Workers that are no processes: a function tells what they do with an order.
final class FakeWorkers: WorkerSpawner {
  /// What a worker does with an order.
  typealias Behaviour = @Sendable (_ worker: FakeWorker, _ order: RunOrder) -> Void

  let behaviour: Behaviour
  let abilities: WorkerAbilities
  let saysHello: Bool
  let shortages: Atomic<Int>
  private let all = Mutex<[FakeWorker]>([])

  /// - Parameters:
  ///   - abilities: what their hello says.
  ///   - saysHello: whether they introduce themselves.
  ///   - shortages: how often the system cannot start one at first.
  init(
    abilities: WorkerAbilities = [], saysHello: Bool = true, shortages: Int = 0,
    _ behaviour: @escaping Behaviour
  ) {
    self.abilities = abilities
    self.saysHello = saysHello
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
    var hello = testHello
    hello.abilities = spawner.abilities
    if spawner.saysHello { await report(.hello(id, hello)) }
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

/// A clock that sleeps a moment whatever it is asked for, and jumps by a day whenever it is read.
final class JumpingClock: SweepClock {
  private let readings = Mutex(0)

  var now: Duration {
    readings.withLock { readings in
      readings += 1
      return .seconds(86_400 * (readings % 2 == 0 ? readings : -readings))
    }
  }

  func sleep(for duration: Duration) async throws { try await Task.sleep(for: .milliseconds(1)) }
}
