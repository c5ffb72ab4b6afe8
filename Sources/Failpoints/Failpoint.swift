import Platform
import Synchronization

/// A point in the code at which a test can have this process killed, as a power failure or an
/// out-of-memory killer would.
///
/// `GAMMAPLANE_FAILPOINT=NAME` in the environment kills the process (SIGKILL) when it reaches the
/// point for the first time, `NAME@3` for the third. Without the variable a point costs a
/// comparison.
public enum Failpoint: String, CaseIterable, Sendable {
  /// A worker process has been started.
  case workerStarted = "worker-started"
  /// A run is about to be given to a worker.
  case beforeAssignment = "before-assignment"
  /// A result has been received and is not yet on its way to the database.
  case resultReceived = "result-received"
  /// Rows have been written and the transaction is still open.
  case beforeCommit = "before-commit"
  /// The transaction is on the disk, and the scheduler does not know it yet.
  case afterCommit = "after-commit"
  /// The tables have been changed to a newer schema and the transaction is still open.
  case duringMigration = "during-migration"
  /// The copy of the database that a migration makes first is there under its draft's name.
  case duringBackup = "during-backup"
  /// The copy of a shard's database that is to be beside its sweep is there under its draft's name.
  case duringCopy = "during-copy"
  /// The earlier attempts at a shard have been merged, and their databases are about to be removed.
  case beforeRemoval = "before-removal"
  /// A batch of rows of shards has been written and the transaction is still open.
  case duringMerge = "during-merge"
  /// The sweep has ended and its fit is about to be stored.
  case beforeFit = "before-fit"
  /// The fit is stored and the figure is about to be written.
  case beforeFigure = "before-figure"

  private static let chosen: (point: Failpoint, visit: Int)? = {
    guard let value = getenv("GAMMAPLANE_FAILPOINT") else { return nil }
    let parts = String(cString: value).split(separator: "@", maxSplits: 1)
    guard let point = parts.first.flatMap({ Failpoint(rawValue: String($0)) }) else { return nil }
    return (point, parts.count > 1 ? Int(parts[1]) ?? 1 : 1)
  }()
  private static let visits = Atomic<Int>(0)

  /// Marks that the code has reached the point.
  public func pass() {
    guard let chosen = Self.chosen, chosen.point == self else { return }
    if Self.visits.wrappingAdd(1, ordering: .relaxed).newValue == chosen.visit { kill(getpid(), SIGKILL) }
  }
}
