import Model

/// The key by which the jobs of a sweep are known among all jobs of a cluster: it is in their names
/// and comments. Numbers of jobs are not reliable, since a controller that was killed assigns them
/// again.
public struct SweepKey: Hashable, Sendable, CustomStringConvertible {
  /// 12 hexadecimal digits.
  public let description: String
  /// The name of the sweep.
  public let sweep: String

  /// The key of a sweep whose results are in a folder.
  ///
  /// - Parameters:
  ///   - name: of the sweep.
  ///   - folder: the folder of its results, as an absolute path without symbolic links.
  public init(sweep name: String, folder: String) {
    var hash = SHA256()
    hash.update("gammaplane key 1")
    hash.update(folder)
    hash.update(name)
    description = String(hash.finalize().description.prefix(12))
    sweep = name
  }

  /// The name of the jobs of a submission.
  ///
  /// - Parameter role: `merge` for the one that merges; empty for the array.
  public func jobName(submission: String, role: String = "") -> String {
    "gammaplane-\(sweep)-\(description)-\(submission)" + (role.isEmpty ? "" : "-\(role)")
  }

  /// The comment of the jobs of a submission.
  ///
  /// - Parameter role: as of ``jobName(submission:role:)``.
  public func comment(submission: String, role: String = "") -> String {
    "gammaplane:\(description):\(submission)" + (role.isEmpty ? "" : ":\(role)")
  }

  /// Which submission of this sweep a job belongs to, by its name or else its comment; nil if it is
  /// none of its jobs.
  public func submission(jobName: String, comment: String) -> (name: String, isMerge: Bool)? {
    let prefix = "gammaplane-\(sweep)-\(description)-"
    if jobName.hasPrefix(prefix) {
      let parts = jobName.dropFirst(prefix.count).split(separator: "-", maxSplits: 1)
      guard let name = parts.first else { return nil }
      return (String(name), parts.count > 1)
    }
    let parts = comment.split(separator: ":")
    guard parts.count >= 3, parts[0] == "gammaplane", parts[1] == description else { return nil }
    return (String(parts[2]), parts.count > 3)
  }
}
