import Foundation
import Platform

/// What kind of file system a database lies on, as far as that decides how it is kept.
public struct FileSystem: Hashable, Sendable {
  /// Its type as the kernel calls it: "ext4", "nfs4", "fuse.sshfs".
  public var type: String

  /// One of the given type.
  public init(type: String) { self.type = type }

  /// Types whose files may be on another machine, or on several at once: file systems of networks
  /// and clusters, and the shares of virtual machines.
  private static let remoteTypes: Set = [
    "nfs", "nfs4", "cifs", "smb3", "smbfs", "ncpfs", "afs", "coda", "9p", "lustre", "gpfs", "beegfs", "ceph",
    "pvfs2",
    "orangefs", "panfs", "wekafs", "gfs2", "ocfs2", "glusterfs", "virtiofs", "vboxsf", "vmhgfs", "prl_fs",
  ]

  /// Whether other machines may have it mounted too, or its server is somewhere else. SQLite's WAL
  /// needs memory that all its users share, which works on one machine only
  /// (https://sqlite.org/wal.html). FUSE counts as remote, since it may be anything (sshfs,
  /// GlusterFS, rclone), but not on a disk of its own (`fuseblk`).
  public var isRemote: Bool {
    Self.remoteTypes.contains(type) || type == "fuse" || type.hasPrefix("fuse.")
  }

  /// The file system on which a file is, or would be made; "unknown", which counts as local, if
  /// that is not known.
  ///
  /// - Parameters:
  ///   - path: of the file.
  ///   - mounts: the mount points of this process (proc_pid_mountinfo(5)).
  public init(of path: String, mounts: String = "/proc/self/mountinfo") {
    type = "unknown"
    var path = URL(fileURLWithPath: path).path
    var found = fileStatus(path)
    while found == nil, path != "/" {
      path = URL(fileURLWithPath: path).deletingLastPathComponent().path
      found = fileStatus(path)
    }
    // The device number, not the path: links and mounts over mounts make no difference to it.
    let device = UInt64(found?.st_dev ?? 0)
    let major = (device >> 8) & 0xfff | (device >> 32) & ~0xfff
    let minor = device & 0xff | (device >> 12) & 0xffff_ff00
    guard let lines = FileManager.default.contents(atPath: mounts) else { return }
    for line in String(decoding: lines, as: UTF8.self).split(separator: "\n") {
      let words = line.split(separator: " ")
      guard words.count > 2, words[2] == "\(major):\(minor)", let bar = words.firstIndex(of: "-"),
        bar + 1 < words.count
      else { continue }
      type = String(words[bar + 1])
      return
    }
  }

  /// The statements that make a database durable here. A rollback journal that is cut to nothing
  /// after every transaction needs neither shared memory nor a name to vanish; EXTRA includes FULL,
  /// and also synchronises the folder.
  var settings: [String] {
    isRemote
      ? ["PRAGMA journal_mode = TRUNCATE", "PRAGMA synchronous = EXTRA"]
      : ["PRAGMA journal_mode = WAL", "PRAGMA synchronous = FULL"]
  }
}
