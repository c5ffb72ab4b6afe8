import Foundation
import Model
import Networks
import Platform

/// Whether a run in this process fits into the memory there is.
package enum MemoryCheck {
  /// Refuses a run that is expected to need more memory than there is, before it begins; where the
  /// estimate is wrong, a failed allocation later ends the process with words, too.
  ///
  /// - Throws: ``Failure`` with both numbers. A run that its family refuses passes: there is a
  ///   better error for that.
  package static func check(
    _ run: Run, of problem: Problem, _ family: any NetworkFamily, on machine: Machine = Machine()
  ) throws {
    guard (try? family.check(problem)) != nil, (try? family.check(run, of: problem)) != nil else { return }
    let needed = family.estimate(run, of: problem).bytes
    if let bound = (machine.memoryBounds + processBounds).min(by: { $0.value < $1.value }),
      needed > bound.value
    {
      throw Failure(
        .usage,
        "width \(formattedNumber(run.width)) needs about \(Formatting.bytes(needed)) of memory, and "
          + "\(Formatting.bytes(max(0, bound.value))) may be used (\(bound.source)); take a smaller width or a "
          + "larger machine")
    }
    let words =
      "gammaplane: error: there is not enough memory for width \(formattedNumber(run.width)), which was expected "
      + "to need \(Formatting.bytes(needed)); take a smaller width or a larger machine\n"
    ResourceLimit.coreFile.forbid()
    FailedAllocation.watch()
    FailedAllocation.prepare(
      Array(words.utf8), above: min(needed / 4, 64 << 20), to: STDERR_FILENO,
      exitCode: ExitStatus.unavailable.rawValue)
  }

  /// What the limits of this process leave, in bytes.
  private static var processBounds: [Machine.Bound] {
    let lines = String(
      decoding: FileManager.default.contents(atPath: "/proc/self/limits") ?? Data(), as: UTF8.self
    ).split(separator: "\n")
    let limits = [
      ("Max address space", "ulimit -v", ProcessMemory.addressSpace),
      ("Max data size", "ulimit -d", ProcessMemory.data),
    ]
    return limits.compactMap { name, source, used in
      guard let line = lines.first(where: { $0.hasPrefix(name) }),
        let soft = line.dropFirst(name.count).split(separator: " ").first.flatMap({ Int($0) })
      else { return nil }
      return Machine.Bound(value: soft - (used ?? 0), source: source)
    }
  }
}
