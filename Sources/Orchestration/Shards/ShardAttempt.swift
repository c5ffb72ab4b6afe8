import Cluster
import Failpoints
import Foundation
import Model
import Platform
import ResultStore
import Scheduling
import Synchronization

/// One attempt at a shard: its database, which only it writes, and its lease.
///
/// The database is beside the sweep, or on a disk of the node, and then copied beside the sweep
/// every minute and at the end. What earlier attempts have left is merged at the beginning, and
/// their databases are removed when it is safe beside the sweep under this attempt's name. So a
/// shard has one database at rest, several for a moment, and no result is ever in none.
package final class ShardAttempt: Sendable {
  /// Another attempt has the lease.
  package struct Superseded: Error { var by: TaskFolder.Lease }

  package let shard: Shard
  package let folder: TaskFolder
  package let lease: TaskFolder.Lease
  package let store: ResultStore
  /// The folder on the disk of the node; nil: the database is beside the sweep.
  package let scratch: String?
  /// How often the database is copied and the report written, in seconds.
  package let interval: Double
  private let log: any MessageLog

  private struct State {
    var copied: (results: Int, failures: Int)?
    var lastCheck: ContinuousClock.Instant?
    /// Runs that were over when the workers began.
    var atBeginning: Int?
    /// When runs had been suspended before the workers began, by the names of their checkpoints.
    var checkpoints: [String: Date] = [:]
    var report: TaskReport
  }

  private let state: Mutex<State>
  private let total: Int
  /// Copies never overlap.
  private let copying = Mutex(())

  /// Begins an attempt: from now on it has the lease.
  ///
  /// - Parameters:
  ///   - shard: what it is to run.
  ///   - folder: the shard's folder, made if it is not there.
  ///   - scratch: where to make a folder on the disk of the node; nil: none.
  ///   - sweep: whose results these are.
  ///   - total: how many runs the shard has.
  package init(
    _ shard: Shard, in folder: TaskFolder, scratch root: String?, of sweep: Sweep, total: Int,
    _ log: any MessageLog
  ) throws {
    self.log = log
    self.shard = shard
    self.folder = folder
    self.total = total
    try makeFolders(folder.path)
    let token = String(format: "%012llx", UInt64.random(in: 0..<1 << 48))
    lease = TaskFolder.Lease(token: token, attempt: (folder.lease?.attempt ?? 0) + 1)
    interval = Self.chosenInterval
    let disk = root.map { "\($0)/\(Self.scratchPrefix(folder))\(token)" }
    let (store, scratch) = try Self.makeStore(
      on: disk, beside: folder.database(token), shard, log)
    var hasBegun = false
    defer {
      // Nothing is in it yet that is not elsewhere.
      if !hasBegun, let scratch { try? FileManager.default.removeItem(atPath: scratch) }
    }
    self.store = store
    self.scratch = scratch
    let earlier = folder.report
    try folder.makeLease(lease)
    try store.register(sweep)
    let process = LockHolder.current
    let environment = ProcessInfo.processInfo.environment
    state = Mutex(
      State(
        report: TaskReport(
          shard: shard, token: token, attempt: lease.attempt, pid: process.pid, host: process.host,
          job: SlurmTask(environment)?.id, scratch: scratch, started: Date().timeIntervalSince1970,
          interval: interval,
          total: total)))
    writeReport()
    try mergeEarlier(root)
    hasBegun = true
    mentionLeftovers(of: earlier)
  }

  /// What databases and reports have to wait for; a variable for tests.
  private static var chosenInterval: Double {
    let chosen = ProcessInfo.processInfo.environment["GAMMAPLANE_COPY_SECONDS"].flatMap { Double($0) }
    return chosen.flatMap { (0.1...1e6).contains($0) ? $0 : nil } ?? 60
  }

  /// Makes the database in a folder on the disk of the node, or beside the sweep if that fails: a
  /// variable of the machine that submitted may name a folder that is not possible here, and the
  /// disk may be full.
  private static func makeStore(
    on disk: String?, beside path: String, _ shard: Shard, _ log: any MessageLog
  ) throws -> (store: ResultStore, scratch: String?) {
    if let disk {
      do {
        try makeFolders(disk)
        return (try ResultStore.open(at: disk + "/" + ResultStore.fileName), disk)
      } catch {
        try? FileManager.default.removeItem(atPath: disk)
        let cause = (error as? Failure)?.message ?? "\(error)"
        log.note(
          "shard \(shard): the database cannot be in \(disk) on this machine, so it is kept beside the sweep: "
            + cause
        )
      }
    }
    return (try ResultStore.open(at: path), nil)
  }

  /// The folders of all attempts at this shard on the disk of a node begin so.
  private static func scratchPrefix(_ folder: TaskFolder) -> String {
    let key = SweepKey(sweep: "", folder: folder.path)
    return "gammaplane-\(getuid())-\(key)-"
  }

  // MARK: What came before

  /// Merges what earlier attempts have left beside the sweep and, if they died here, on the disk of
  /// this node.
  private func mergeEarlier(_ root: String?) throws {
    let own = folder.database(lease.token)
    let beside = folder.databases.filter { $0 != own }
    let abandoned = root.map(abandonedFolders) ?? []
    let left = abandoned.map { $0 + "/" + ResultStore.fileName }
    guard !beside.isEmpty || !left.isEmpty else { return }
    let report = try store.merge(beside + left)
    for issue in report.issues where !issue.hasVanished {
      log.note("shard \(shard): \(issue.path) is skipped (\(issue.cause))")
    }
    let unusable = Set(report.issues.map(\.path))
    if report.conflictCount > 0 {
      // Both stay where they are: `merge` will show them.
      log.note("shard \(shard): earlier attempts contradict each other; `gammaplane merge` shows where")
    }
    try copyBack(always: true)
    Failpoint.beforeRemoval.pass()
    for database in beside where !unusable.contains(database) && report.conflictCount == 0 {
      remove(database)
    }
    for (leftover, database) in zip(abandoned, left) where !unusable.contains(database) {
      try? FileManager.default.removeItem(atPath: leftover)
    }
  }

  /// Mentions what an earlier attempt may have left on the disk of another node, where it is not
  /// searched for.
  private func mentionLeftovers(of earlier: TaskReport?) {
    guard let earlier, let leftover = earlier.scratch, earlier.ending == nil || earlier.ending == .failed,
      earlier.host != LockHolder.current.host
    else { return }
    log.note(
      "shard \(shard): attempt \(earlier.attempt) did not end on \(earlier.host); what it has left in "
        + "\(leftover) there can be removed when its process is gone")
  }

  /// Folders of attempts at this shard on the disk of this node that no process writes.
  private func abandonedFolders(_ root: String) -> [String] {
    let names = listFolder(root)
    return names.filter { $0.hasPrefix(Self.scratchPrefix(folder)) && !$0.hasSuffix(lease.token) }
      .map { root + "/" + $0 }
      .filter { ResultStore.writer(of: $0 + "/" + ResultStore.fileName) == nil }
  }

  /// Removes the database of an earlier attempt, with what belongs to it. Should that attempt be
  /// alive, it has lost its lease.
  private func remove(_ database: String) {
    for end in ["", "-wal", "-shm", "-journal", ".lock", ".part"] { unlink(database + end) }
    unlink(String(database.dropLast(".sqlite".count)) + ".json")
  }

  // MARK: The lease

  /// Checks whether this attempt still has the lease; reads the file at most every few seconds.
  ///
  /// - Throws: ``Superseded``.
  package func check() throws {
    let now = ContinuousClock().now
    let isDue = state.withLock { state in
      if let last = state.lastCheck, now - last < .seconds(min(5, interval)) { return false }
      state.lastCheck = now
      return true
    }
    // A file system that is away for a moment revokes no lease.
    if isDue, let present = folder.lease, present.token != lease.token { throw Superseded(by: present) }
  }

  // MARK: Beside the sweep

  /// Copies the database beside the sweep, if it is elsewhere and anything is new in it.
  ///
  /// - Throws: ``Superseded``; what the store throws.
  package func copyBack(always: Bool = false) throws {
    guard scratch != nil else { return }
    try copying.withLock { _ in
      if let present = folder.lease, present.token != lease.token { throw Superseded(by: present) }
      let totals = try store.totals()
      let copied = state.withLock { $0.copied }
      if !always, let copied, copied == totals { return }
      if !always, copied == nil, totals == (0, 0) { return }
      try store.copy(to: folder.database(lease.token))
      state.withLock {
        $0.copied = totals
        $0.report.kept = totals.results
      }
    }
  }

  /// Notes which runs have been suspended before; to be called before the workers begin.
  package func noteCheckpoints() {
    let present = checkpointDates
    state.withLock { $0.checkpoints = present }
  }

  /// Whether anything came of this attempt: a run has ended in it, or was suspended farther than it
  /// was.
  package var hasAchieved: Bool {
    let present = checkpointDates
    return state.withLock { state in
      state.report.done + state.report.failed > state.atBeginning ?? 0
        || present.contains { state.checkpoints[$0.key] != $0.value }
    }
  }

  private var checkpointDates: [String: Date] {
    let names = listFolder(folder.checkpoints)
    return names.reduce(into: [:]) { dates, name in
      let attributes = try? FileManager.default.attributesOfItem(atPath: "\(folder.checkpoints)/\(name)")
      dates[name] = attributes?[.modificationDate] as? Date
    }
  }

  /// Notes the state of the shard.
  ///
  /// - Parameter elsewhere: how many of the runs done have their result in the sweep's database and
  ///   not in this attempt's; nil: as before.
  package func update(done: Int, failed: Int, rate: Double, eta: Double?, elsewhere: Int? = nil) {
    state.withLock {
      if let elsewhere { $0.report.elsewhere = elsewhere }
      if $0.atBeginning == nil { $0.atBeginning = done + failed }
      $0.report.done = done
      $0.report.failed = failed
      $0.report.rate = rate
      $0.report.etaSeconds = eta
      if scratch == nil { $0.report.kept = done }
    }
  }

  /// Writes the report; that it cannot be written is no reason to end.
  package func writeReport(ending: TaskReport.Ending? = nil) {
    let report = state.withLock { state in
      state.report.updated = Date().timeIntervalSince1970
      state.report.ending = ending
      return state.report
    }
    try? writeWhole(report, to: folder.reportFile(lease.token))
  }

  /// How long to wait before copying once more at the end, in seconds: a file system that is away
  /// for a moment should not cost the results, and a process that is notified of its end has half a
  /// minute.
  private static let pauses = [2.0, 5, 10]

  /// Copies the database beside the sweep for the last time, trying several times if necessary.
  ///
  /// - Throws: ``Superseded``; what the store throws.
  private func copyBackAtLast() throws {
    for pause in Self.pauses.map({ min($0, interval) }) {
      do {
        return try copyBack()
      } catch let error as StoreError {
        log.note(
          "shard \(shard): the results cannot be copied beside the sweep (\(error)); trying again, until then they "
            + "are in \(scratch ?? "")")
        Thread.sleep(forTimeInterval: pause)
      }
    }
    try copyBack()
  }

  /// Ends the attempt; when this returns, what it has recorded is beside the sweep, and nothing is
  /// left on the disk of the node.
  ///
  /// - Throws: what the store throws; then the database stays where it is.
  package func end(_ ending: TaskReport.Ending) throws {
    if ending != .superseded { try copyBackAtLast() }
    try store.close()
    // What was not copied before the lease was lost is done again by its new holder.
    if let scratch { try? FileManager.default.removeItem(atPath: scratch) }
    writeReport(ending: ending)
  }
}

/// Records what the scheduler finishes as long as an attempt has its lease.
package struct FencedSink: ResultSink {
  package var sink: StoreSink
  package var attempt: ShardAttempt

  package func record(_ batch: [FinishedRun]) async throws {
    try attempt.check()
    try await sink.record(batch)
  }
}
