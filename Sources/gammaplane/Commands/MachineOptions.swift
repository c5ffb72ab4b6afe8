import ArgumentParser
import GridFile
import Model
import Platform

/// What a sweep may use of the machine; options of the commands that start workers or reckon with them.
struct MachineOptions: ParsableArguments {
  @Option(
    name: .customLong("workers"), parsing: .unconditional,
    help: ArgumentHelp(
      "How many runs are integrated at the same time (default: the cores this process may use).",
      valueName: "n"))
  var requestedWorkers: Int?

  @Option(
    name: .customLong("memory"),
    help: ArgumentHelp(
      """
      How much memory all workers together may use, such as 8GiB (default: what the grid, the control group, the \
      batch system and the machine allow, whichever is least).
      """, valueName: "size"))
  var requestedMemory: String?

  func validate() throws {
    if let requestedWorkers, requestedWorkers < 1 {
      throw ValidationError("--workers must be at least 1, not \(requestedWorkers).")
    }
    if let requestedWorkers, requestedWorkers > 4096 {
      throw ValidationError("--workers must be at most 4096, not \(requestedWorkers).")
    }
    if let requestedMemory, byteCount(of: requestedMemory) == nil {
      throw ValidationError("--memory must be a size such as 500MB or 8GiB, not “\(requestedMemory)”.")
    }
  }

  /// The number asked for, or that of the cores that may be used.
  var workers: Int { requestedWorkers ?? Machine().cores.value }

  /// How much memory the runs of a sweep may use together, and who says so; nil if nobody does.
  func memory(_ limits: Limits) -> Machine.Bound? {
    Self.memory(limits, requestedMemory, on: Machine())
  }

  /// How much memory the runs of a sweep may use together on a machine, or anywhere.
  static func memory(_ limits: Limits, _ requested: String? = nil, on machine: Machine?) -> Machine.Bound? {
    var bounds = machine?.memoryBounds ?? []
    if let grid = limits.memory { bounds.append(Machine.Bound(value: grid, source: "limits.memory")) }
    if let option = requested.flatMap(byteCount(of:)) {
      bounds.append(Machine.Bound(value: option, source: "--memory"))
    }
    return bounds.min { $0.value < $1.value }
  }
}

/// How worker processes run; options of the commands that start them.
struct ProcessesOptions: ParsableArguments {
  @Option(
    name: .customLong("nice"),
    help: ArgumentHelp(
      "Be nice to others: the scheduling priority, from 0 to 19, of this process and all workers.",
      valueName: "n"))
  var niceness: Int?

  @Flag(help: "Keep every worker to one core of its own, as far as there are enough.")
  var pin = false

  func validate() throws {
    if let niceness, !(0...19).contains(niceness) {
      throw ValidationError("--nice must be from 0 to 19, not \(niceness).")
    }
  }

  /// Makes this process as nice as was asked; its children will be.
  func apply() {
    if let niceness { Niceness.set(niceness) }
  }
}

/// How many files a process may have open at once.
enum Descriptors {
  /// What the orchestrator itself needs: database, journal, lock, pictures, what the system's libraries keep open.
  private static let own = 40
  /// What a worker needs: three pipes, of which both ends are open while it is started, its log, its process descriptor.
  private static let each = 8

  /// What a command needs that only looks: the grid file, a database with what belongs to it, a picture.
  private static let least = 12

  /// Raises the limit of this process as far as it may, and says for how many workers that is enough.
  static func workersPossible() -> Int {
    guard let limit = raised() else { return .max }
    return (limit - own) / each
  }

  /// Raises the limit of this process as far as it may, and sees that as many files can be opened as any command needs:
  /// what cannot be opened later for want of it would look like another error.
  ///
  /// - Throws: ``Failure`` if they cannot.
  static func check() throws {
    _ = raised()
    if let shortage = OpenFile.shortage(of: least) {
      throw Failure(
        .cannotOpen,
        "too few files may be open at once (\(shortage)); raise the limit (`ulimit -n 1024`)")
    }
  }

  /// The limit of this process, raised as far as it may be; nil if it cannot be told.
  private static func raised() -> Int? { ResourceLimit.openFiles.raise(to: 1 << 16) }
}
