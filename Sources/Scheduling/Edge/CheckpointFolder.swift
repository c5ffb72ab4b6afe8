import Model
import Platform

/// Where runs are suspended to: a file a run, which workers write and the orchestrator removes.
/// Several sweeps may share it.
///
/// A file is work done, so it is removed only when its run has a result, or when it is older than
/// ``lifetime`` days. Drafts, which workers leave that die while they write, are worth nothing.
public struct CheckpointFolder: Sendable {
  /// The path.
  public let path: String
  private static let suffix = ".checkpoint"
  /// Days for which a file is kept that has not been written to.
  static let lifetime = 30

  /// The folder at a path, there or not.
  public init(path: String) { self.path = path }

  /// What the file of a run is called, in whichever folder it is.
  public static func name(of run: RunIdentity) -> String { "\(run)\(suffix)" }

  /// The file of a run.
  func file(of run: RunIdentity) -> String { "\(path)/\(Self.name(of: run))" }

  /// Moves the files of runs that are not under way into another folder, from where they are
  /// resumed. Not to be called while workers live.
  public func move(to other: String) {
    let files = names.filter { $0.hasSuffix(Self.suffix) }
    guard !files.isEmpty else { return }
    CheckpointFolder(path: other).prepare()
    for name in files { _ = rename("\(path)/\(name)", "\(other)/\(name)") }
    _ = rmdir(path)
  }

  /// Makes the folder if it is not there; a worker that cannot write there complains.
  func prepare() { try? makeFolder(path) }

  /// Removes the file of a run that has been recorded, if there is one.
  func remove(_ run: RunIdentity) { _ = unlink(file(of: run)) }

  /// Removes what is incomplete. Not to be called while workers live.
  public func removeDrafts() {
    for name in names where !name.hasSuffix(Self.suffix) { _ = unlink("\(path)/\(name)") }
  }

  /// Removes the files of runs that are over, those that are too old, and drafts. Not to be called
  /// while workers live.
  ///
  /// - Parameter finished: those of these runs that have a result, so that they will not be
  ///   resumed; only asked for if there are files.
  public func removeStale(finished: (Set<RunIdentity>) throws -> Set<RunIdentity>) rethrows {
    removeDrafts()
    let runs = Set(names.map { RunIdentity(String($0.dropLast(Self.suffix.count))) })
    guard !runs.isEmpty else { return }
    let finished = try finished(runs)
    for run in runs where finished.contains(run) || isOld(file(of: run)) { remove(run) }
  }

  private var names: [String] { listFolder(path) }

  private func isOld(_ file: String) -> Bool {
    guard let written = fileStatus(file)?.modified.tv_sec else { return false }
    return written < time(nil) - Self.lifetime * 86_400
  }
}
