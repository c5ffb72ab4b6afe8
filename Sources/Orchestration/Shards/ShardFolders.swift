import Cluster
import Foundation
import Model
import Platform
import ResultStore

extension SweepFolder {
  /// Where shards are kept; absolute, for tasks that run elsewhere.
  package var shards: String { URL(fileURLWithPath: path).path + "/shards" }

  /// The key in the names of the sweep's jobs: the same by whatever path the folder is reached, and
  /// before it exists.
  package var key: SweepKey {
    var existing = URL(fileURLWithPath: path)
    var rest: [String] = []
    while existing.path != "/", access(existing.path, F_OK) != 0 {
      rest.insert(existing.lastPathComponent, at: 0)
      existing.deleteLastPathComponent()
    }
    let base = resolvedPath(existing.path) ?? existing.path
    return SweepKey(sweep: name, folder: ([base] + rest).joined(separator: "/"))
  }
}

extension SweepFolder {
  /// The users who have submitted to this folder: the owners of the folders of submissions.
  package var submitters: Set<uid_t> {
    ShardSet.all(in: self).filter(\.isSubmission).reduce(into: []) { users, set in
      if let status = fileStatus(set.path) { users.insert(status.st_uid) }
    }
  }

  /// The names of the sweeps that have been submitted from here, sorted.
  package var submittedNames: [String] {
    let names = ShardSet.all(in: self).filter(\.isSubmission).compactMap { try? $0.readManifest().sweep.name }
    return Set(names).sorted()
  }

  /// The sweep as it was submitted last.
  ///
  /// - Throws: ``Failure`` if it never was.
  package func submittedSweep() throws -> Sweep {
    for set in ShardSet.all(in: self).reversed() where set.isSubmission {
      let sweep = try set.readManifest().sweep
      if sweep.name == name { return sweep }
    }
    throw Failure(
      .noInput, "\(path) holds shards of \(name) and no database yet; name the grid file, or merge them first"
    )
  }
}

/// Shards of a sweep that belong together, in a folder below `shards`: those of a submission to
/// Slurm (`s1`, `s2`, …), or those into which `run --shard i/N` divides it (`of-N`).
package struct ShardSet: Hashable {
  /// The folder, absolute.
  package var path: String

  /// The shards in a folder.
  package init(path: String) { self.path = path }

  /// The name of the folder.
  package var name: String { URL(fileURLWithPath: path).lastPathComponent }
  /// Whether it was submitted: then it holds a manifest.
  package var isSubmission: Bool { Self.number(of: name) != nil }
  /// Which shard has which runs.
  package var manifest: String { path + "/manifest" }
  /// The batch scripts.
  package var arrayScript: String { path + "/array.sh" }
  package var mergeScript: String { path + "/merge.sh" }

  /// The shards of `run --shard i/N` of a sweep.
  package static func byHand(_ count: Int, in folder: SweepFolder) -> ShardSet {
    ShardSet(path: folder.shards + "/of-\(count)")
  }

  /// All sets of a sweep's folder, submissions last and in their order.
  package static func all(in folder: SweepFolder) -> [ShardSet] {
    let names = listFolder(folder.shards)
    return names.filter { number(of: $0) != nil || $0.hasPrefix("of-") }
      .sorted { (number(of: $0) ?? 0, $0) < (number(of: $1) ?? 0, $1) }
      .map { ShardSet(path: folder.shards + "/" + $0) }
  }

  /// Makes the folder of a new submission; the number is one that no other has.
  package static func makeSubmission(in folder: SweepFolder) throws -> ShardSet {
    var number = (all(in: folder).compactMap { Self.number(of: $0.name) }.max() ?? 0) + 1
    while true {
      let set = ShardSet(path: folder.shards + "/s\(number)")
      if mkdir(set.path, 0o755) == 0 { return set }
      guard errno == EEXIST else {
        throw Failure(
          .cannotOpen,
          "\(set.path) cannot be made (\(SystemError.last)); check the permissions")
      }
      number += 1
    }
  }

  /// Removes a submission of which no task has begun, and none will.
  package func removeUnused() {
    for file in [manifest, arrayScript, mergeScript] { unlink(file) }
    rmdir(path)
  }

  private static func number(of name: String) -> Int? { name.hasPrefix("s") ? Int(name.dropFirst()) : nil }

  /// The folder of a shard.
  package func task(_ number: Int) -> TaskFolder { TaskFolder(path: "\(path)/\(number)", number: number) }

  /// The folders of all shards that have been begun, in order.
  package var tasks: [TaskFolder] {
    let names = listFolder(path)
    return names.compactMap { Int($0) }.sorted().map { task($0) }
  }

  /// Which shard has which runs.
  ///
  /// - Throws: ``Failure`` if the file is missing or damaged.
  package func readManifest() throws -> ShardManifest {
    do {
      let lead = try bytes(from: 0, count: ShardManifest.leadLength)
      return try ShardManifest(header: try bytes(from: 0, count: try ShardManifest.headerEnd(lead: lead)))
    } catch let error as ShardManifestError {
      throw damaged(error)
    }
  }

  /// The indices of the runs of a shard.
  package func indices(of shard: Shard, by file: ShardManifest) throws -> [Int] {
    let entry = file.shards[shard.number - 1]
    do {
      return try file.indices(of: shard, in: try bytes(from: file.start + entry.offset, count: entry.bytes))
    } catch let error as ShardManifestError {
      throw damaged(error)
    }
  }

  private func damaged(_ error: ShardManifestError) -> Failure {
    Failure(
      .inputOutput,
      "\(manifest) \(error); what has been recorded is safe: `gammaplane merge` it, and submit the sweep again"
    )
  }

  private func bytes(from start: Int, count: Int) throws -> Data {
    guard let file = FileHandle(forReadingAtPath: manifest) else {
      throw Failure(
        .noInput,
        "\(manifest) cannot be read (\(SystemError.last)); name a grid file, or the folder of a submission"
      )
    }
    defer { try? file.close() }
    do {
      try file.seek(toOffset: UInt64(start))
      // Not more at once than is there: the length may be damaged.
      var bytes = Data()
      while bytes.count < count, let next = try file.read(upToCount: min(1 << 24, count - bytes.count)),
        !next.isEmpty
      {
        bytes += next
      }
      return bytes
    } catch {
      throw Failure(
        .inputOutput, "\(manifest) cannot be read (\(error.localizedDescription)); check the disk")
    }
  }
}

/// The folder of one shard, and what lies in it. Every attempt has a database and a report of its
/// own, named by its fencing token, so that no file is ever written by two: not even when a node is
/// taken for dead and its processes are alive.
package struct TaskFolder: Hashable {
  /// The folder, absolute.
  package var path: String
  /// The number of the shard.
  package var number: Int

  /// Which attempt may record results.
  package struct Lease: Codable, Hashable {
    /// The fencing token of the attempt.
    package var token: String
    /// Counts from 1.
    package var attempt: Int
  }

  private var leaseFile: String { path + "/attempt.json" }
  /// Held by an attempt that was started by hand.
  package var lock: String { path + "/lock" }
  /// The checkpoints of suspended runs.
  package var checkpoints: String { path + "/checkpoints" }
  /// The runs under way, for the task after one that was killed.
  package var attempts: String { path + "/attempts" }
  /// What workers write to their standard error.
  package var logs: String { path + "/logs" }
  /// The database of an attempt.
  package func database(_ token: String) -> String { "\(path)/\(token).sqlite" }
  /// The report of an attempt.
  package func reportFile(_ token: String) -> String { "\(path)/\(token).json" }

  /// The databases of all attempts that have left one.
  package var databases: [String] {
    let names = listFolder(path)
    return names.filter { $0.hasSuffix(".sqlite") }.sorted().map { path + "/" + $0 }
  }

  /// The lease of the latest attempt; nil if there has been none.
  package var lease: Lease? {
    FileManager.default.contents(atPath: leaseFile).flatMap {
      try? JSONDecoder().decode(Lease.self, from: $0)
    }
  }

  /// Gives the lease to a new attempt.
  package func makeLease(_ lease: Lease) throws { try writeWhole(lease, to: leaseFile) }

  /// The report of the latest attempt.
  package var report: TaskReport? {
    guard let lease, let bytes = FileManager.default.contents(atPath: reportFile(lease.token)),
      let report = try? JSONDecoder().decode(TaskReport.self, from: bytes),
      report.version == TaskReport.currentVersion
    else { return nil }
    return report
  }

  /// How many results of this shard had been merged when it was merged last.
  package var merged: Int {
    get { number(in: "merged") }
    nonmutating set { keep(newValue, in: "merged") }
  }

  /// The latest attempt that Slurm has lost and for which the task was submitted again; 0: none.
  package var resubmittedAfter: Int {
    get { number(in: "resubmitted-after") }
    nonmutating set { keep(newValue, in: "resubmitted-after") }
  }

  private func number(in file: String) -> Int {
    FileManager.default.contents(atPath: "\(path)/\(file)")
      .flatMap { Int(String(decoding: $0, as: UTF8.self).filter { !$0.isWhitespace }) } ?? 0
  }

  private func keep(_ number: Int, in file: String) {
    try? AtomicFile.write(Array("\(number)\n".utf8), to: "\(path)/\(file)", durably: false)
  }
}

/// Puts a value into a file as JSON, whole or not at all.
package func writeWhole(_ value: some Encodable, to path: String) throws {
  let encoder = JSONEncoder()
  encoder.outputFormatting = [.sortedKeys]
  try writeWhole(text: String(decoding: encoder.encode(value), as: UTF8.self) + "\n", to: path)
}

/// Puts a text into a file, whole or not at all.
///
/// - Parameter durably: whether it is on the disk when this returns.
package func writeWhole(text: String, to path: String, durably: Bool = false) throws {
  do throws(SystemError) {
    try AtomicFile.write(Array(text.utf8), to: path, durably: durably)
  } catch {
    throw Failure(
      .cannotOpen,
      "\(path) cannot be written (\(error)); check the permissions of the folder and the space on the disk"
    )
  }
}

/// A lock that dies with its holder: `flock` on a file, which stays.
package final class FolderLock {
  private let file: OpenFile

  /// Takes the lock; nil if another process has it.
  package init?(_ path: String) throws {
    do throws(SystemError) {
      file = try OpenFile(path, O_RDWR | O_CREAT | O_NOFOLLOW)
    } catch {
      throw Failure(
        .cannotOpen, "\(path) cannot be opened (\(error)); check the permissions of the folder")
    }
    do throws(SystemError) {
      guard try file.lock() else { return nil }
    } catch {
      throw Failure(
        .cannotOpen, "\(path) cannot be locked (\(error)); the file system has to support flock")
    }
  }
}

/// Makes a folder and those above it.
package func makeFolders(_ path: String) throws {
  do throws(SystemError) {
    try makeFolder(path)
  } catch {
    throw Failure(
      .cannotOpen,
      "\(path) cannot be made (\(error)); check the permissions of the folder above it")
  }
}
