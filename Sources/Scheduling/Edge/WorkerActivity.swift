import Model
import Synchronization
import WorkerProtocol

/// What a worker does at a moment.
public struct WorkerActivity: Hashable, Sendable {
  /// The worker.
  public var worker: WorkerID
  /// Its process; nil while it is being started.
  public var pid: Int32?
  /// Whether it has introduced itself.
  public var hasBegun: Bool
  /// For how long it has sent nothing, or held nothing to send something for; in seconds.
  public var secondsWithoutMessage: Double
  /// The run it holds; nil if it holds none.
  public var run: PlannedRun?
  /// Which attempt at the run this is, from 1; 0 without a run.
  public var attempt: Int
  /// For how long it has held the run, or been without one; in seconds.
  public var seconds: Double
  /// How long the run is expected to take in all, by what similar runs took; in seconds, 0 without
  /// a run.
  public var expectedSeconds: Double
  /// Its latest report on the run.
  public var progress: RunProgress?
  /// The memory that the process uses, in bytes; nil if that cannot be told.
  public var memory: Int?
}

/// The living workers and what each does; from any thread.
final class WorkerRegistry: Sendable {
  private struct Entry {
    let connection: any WorkerConnection
    var since: Duration
    var heard: Duration
    var hasBegun = false
    var assignment: Assignment?
    var progress: RunProgress?
  }

  private let entries = Mutex<[WorkerID: Entry]>([:])

  /// A worker is being started.
  func add(_ id: WorkerID, _ connection: any WorkerConnection, at now: Duration) {
    entries.withLock { $0[id] = Entry(connection: connection, since: now, heard: now) }
  }

  /// A worker has introduced itself.
  func noteHello(of id: WorkerID, at now: Duration) {
    entries.withLock { entries in
      entries[id]?.hasBegun = true
      entries[id]?.heard = now
    }
  }

  /// A worker has ended.
  func remove(_ id: WorkerID) { entries.withLock { $0[id] = nil } }

  /// A worker has been given a run, or has answered for the one it had.
  ///
  /// - Returns: the run that it had.
  @discardableResult
  func note(_ id: WorkerID, holds assignment: Assignment?, at now: Duration) -> PlannedRun? {
    entries.withLock { entries in
      guard let entry = entries[id] else { return nil }
      entries[id] = Entry(
        connection: entry.connection, since: now, heard: now, hasBegun: entry.hasBegun,
        assignment: assignment)
      return entry.assignment?.run
    }
  }

  /// A worker has reported how far it is.
  func note(_ id: WorkerID, isAt progress: RunProgress, of run: RunIdentity, at now: Duration) {
    entries.withLock { entries in
      guard entries[id]?.assignment?.run.identity == run else { return }
      entries[id]?.progress = progress
      entries[id]?.heard = now
    }
  }

  /// What every worker does, by its number.
  func activities(at now: Duration) -> [WorkerActivity] {
    entries.withLock { $0 }.sorted { $0.key.number < $1.key.number }.map { id, entry in
      WorkerActivity(
        worker: id, pid: entry.connection.pid, hasBegun: entry.hasBegun,
        secondsWithoutMessage: max(0, (now - entry.heard) / .seconds(1)), run: entry.assignment?.run,
        attempt: entry.assignment?.attempt ?? 0, seconds: max(0, (now - entry.since) / .seconds(1)),
        expectedSeconds: entry.assignment?.expectedSeconds ?? 0, progress: entry.progress,
        memory: entry.connection.residentBytes)
    }
  }

  /// For every run under way how long it has been so and how long it is expected to take, in
  /// seconds.
  func running(at now: Duration) -> [(elapsed: Double, expected: Double)] {
    entries.withLock { entries in
      entries.values.compactMap { entry in
        entry.assignment.map { (max(0, (now - entry.since) / .seconds(1)), $0.expectedSeconds) }
      }
    }
  }

  /// The workers that use more memory than their orders allow: which, the number of the order, and
  /// what they use.
  func excesses() -> [(worker: WorkerID, order: Int, bytes: Int)] {
    let limited = entries.withLock { $0.filter { $0.value.assignment?.memory != nil } }
    return limited.compactMap { id, entry in
      guard let assignment = entry.assignment, let allowed = assignment.memory,
        let used = entry.connection.residentBytes, used > allowed
      else { return nil }
      return (id, assignment.order, used)
    }
  }
}
