import Foundation

/// What this process may use of the machine that it runs on: every bound that was found, and where
/// it comes from.
package struct Machine: Hashable {
  /// A bound on something.
  package struct Bound: Hashable {
    /// Cores or bytes.
    package var value: Int
    /// Where the bound comes from, in a few words for people.
    package var source: String
  }

  /// Everything that bounds how many cores may be used, in cores; at least one.
  package var coreBounds: [Bound]
  /// Everything that bounds the memory of this process and its children together, in bytes. Of
  /// physical memory and of what a control group allows, a tenth is left free: for the system, and
  /// for this process itself.
  package var memoryBounds: [Bound]

  /// How many cores may be used, at least 1: the least of the bounds.
  package var cores: Bound {
    coreBounds.min { $0.value < $1.value } ?? Bound(value: 1, source: "nothing is known of the machine")
  }

  /// How much memory may be used; nil if nothing is known.
  package var memory: Bound? { memoryBounds.min { $0.value < $1.value } }

  /// Reads the bounds of the machine.
  ///
  /// - Parameters:
  ///   - root: where the file system begins, for tests.
  ///   - environment: in which a batch system describes its allocation.
  package init(root: String = "/", environment: [String: String] = ProcessInfo.processInfo.environment) {
    let files = FileTree(root: root)
    let group = ControlGroup(files)
    let slurm = SlurmAllocation(environment)
    let affinity = Self.affinity(files).map { Bound(value: $0, source: "affinity mask") }
    coreBounds = [affinity].compactMap { $0 } + group.cores + slurm.cores
    if coreBounds.isEmpty {
      coreBounds = [Bound(value: max(1, ProcessInfo.processInfo.activeProcessorCount), source: "processors")]
    }
    let physical = Self.physicalMemory(files).map {
      Bound(value: lessATenth($0), source: "physical memory, a tenth of it kept free")
    }
    memoryBounds = [physical].compactMap { $0 } + group.memory + slurm.memory
  }

  /// The number of cores in the affinity mask, which a batch system or `taskset` may have narrowed.
  private static func affinity(_ files: FileTree) -> Int? {
    for line in files.lines("proc/self/status") where line.hasPrefix("Cpus_allowed:") {
      let cores = line.dropFirst("Cpus_allowed:".count).reduce(0) {
        $0 + ($1.hexDigitValue?.nonzeroBitCount ?? 0)
      }
      if cores > 0 { return cores }
    }
    return nil
  }

  /// All memory of the machine, in bytes.
  private static func physicalMemory(_ files: FileTree) -> Int? {
    for line in files.lines("proc/meminfo") where line.hasPrefix("MemTotal:") {
      return line.split(separator: " ").dropFirst().first.flatMap { Int($0) }.map { $0 << 10 }
    }
    return nil
  }
}

/// What a batch job was given, by the environment that Slurm sets
/// (https://slurm.schedmd.com/sbatch.html).
private struct SlurmAllocation {
  var cores: [Machine.Bound]
  var memory: [Machine.Bound]

  init(_ environment: [String: String]) {
    func positive(_ name: String) -> Int? {
      environment[name].flatMap { Int($0) }.flatMap { $0 > 0 ? $0 : nil }
    }
    let names = ["SLURM_CPUS_PER_TASK", "SLURM_CPUS_ON_NODE"]
    cores = names.compactMap { name in positive(name).map { Machine.Bound(value: $0, source: name) } }
    memory =
      positive("SLURM_MEM_PER_NODE").map {
        [Machine.Bound(value: mebibytes($0), source: "SLURM_MEM_PER_NODE")]
      } ?? []
    if let each = positive("SLURM_MEM_PER_CPU"), let cores = positive("SLURM_CPUS_ON_NODE") {
      let (all, overflow) = each.multipliedReportingOverflow(by: cores)
      if !overflow { memory.append(Machine.Bound(value: mebibytes(all), source: "SLURM_MEM_PER_CPU")) }
    }
  }
}

/// The control groups that this process is in, of version 2 and 1, with all those above it: each
/// may bound it.
///
/// https://docs.kernel.org/admin-guide/cgroup-v2.html
private struct ControlGroup {
  var cores: [Machine.Bound] = []
  var memory: [Machine.Bound] = []

  init(_ files: FileTree) {
    for line in files.lines("proc/self/cgroup") {
      let parts = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
      guard parts.count == 3 else { continue }
      let controllers = parts[1].split(separator: ",")
      let path = String(parts[2])
      if controllers.isEmpty {
        // "unified" is where systemd mounts version 2 beside version 1.
        for mount in ["sys/fs/cgroup", "sys/fs/cgroup/unified"] {
          readSecond(files, Self.levels(mount, path))
        }
      }
      if controllers.contains("memory") {
        for folder in Self.levels("sys/fs/cgroup/memory", path) {
          addMemory(files.number("\(folder)/memory.limit_in_bytes"), "memory.limit_in_bytes", folder)
        }
      }
      if controllers.contains("cpu") {
        for folder in Self.levels("sys/fs/cgroup/cpu", path) {
          addCores(
            files.number("\(folder)/cpu.cfs_quota_us"), of: files.number("\(folder)/cpu.cfs_period_us"),
            "cpu.cfs_quota_us", folder)
        }
      }
    }
  }

  private mutating func readSecond(_ files: FileTree, _ folders: [String]) {
    for folder in folders {
      for name in ["memory.max", "memory.high"] { addMemory(files.number("\(folder)/\(name)"), name, folder) }
      let words = files.lines("\(folder)/cpu.max").first?.split(separator: " ").map { Int($0) } ?? []
      if words.count == 2 { addCores(words[0], of: words[1], "cpu.max", folder) }
    }
  }

  private mutating func addMemory(_ value: Int?, _ name: String, _ folder: String) {
    // Version 1 writes "no limit" as a number next to the largest there is.
    guard let value, value > 0, value < 1 << 60 else { return }
    memory.append(
      Machine.Bound(value: lessATenth(value), source: "\(name) of the control group /\(folder), less a tenth")
    )
  }

  /// A quota of processor time in each period; a share of a core counts as one, since it can be
  /// used up.
  private mutating func addCores(_ quota: Int?, of period: Int?, _ name: String, _ folder: String) {
    guard let quota, let period, quota > 0, period > 0 else { return }
    cores.append(
      Machine.Bound(
        value: quota / period + (quota % period == 0 ? 0 : 1),
        source: "\(name) of the control group /\(folder)"))
  }

  /// The folders of a group and all above it, up to where the hierarchy is mounted. In a container
  /// those below its own may be named and not be there.
  private static func levels(_ mount: String, _ path: String) -> [String] {
    var parts = path.split(separator: "/")
    var folders: [String] = []
    while true {
      folders.append(([mount[...]] + parts).joined(separator: "/"))
      if parts.isEmpty { return folders }
      parts.removeLast()
    }
  }
}

/// Small text files below a folder.
private struct FileTree {
  var root: String

  func lines(_ path: String) -> [String] {
    let base = root.hasSuffix("/") ? root : root + "/"
    guard let bytes = FileManager.default.contents(atPath: base + path) else { return [] }
    return String(decoding: bytes, as: UTF8.self).split(separator: "\n").map(String.init)
  }

  func number(_ path: String) -> Int? { lines(path).first.flatMap { Int($0) } }
}

private func lessATenth(_ bytes: Int) -> Int { bytes - bytes / 10 }

private func mebibytes(_ count: Int) -> Int { count < 1 << 40 ? count << 20 : .max }
