import ArgumentParser
import Foundation
import Grid
import Model

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
    guard let niceness else { return }
    let which = __priority_which_t(PRIO_PROCESS.rawValue)
    _ = setpriority(which, 0, Int32(niceness))
    // On Linux that is the calling thread alone, and a child is as nice as the thread that starts it. Threads that are
    // started meanwhile, by those not seen to yet, are found at the next look. The list breaks off at a thread that ends
    // while it is made, so that it counts only if it is as long as it should be; and twice, because others may end
    // before they are counted.
    var complete = 0
    for _ in 0..<1000 {
      let threads = Self.threads
      let hasty = threads.filter { getpriority(which, $0) != niceness }
      for thread in hasty { _ = setpriority(which, thread, Int32(niceness)) }
      let isComplete = hasty.isEmpty && Self.threadCount.map { $0 == threads.count } ?? true
      complete = isComplete ? complete + 1 : 0
      if complete == 2 { return }
      usleep(1000)
    }
  }

  /// The threads of this process, where the system lists them.
  private static var threads: [id_t] {
    ((try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/task")) ?? []).compactMap { id_t($0) }
  }

  /// How many there are; nil where the system does not say.
  private static var threadCount: Int? {
    let status = String(
      decoding: FileManager.default.contents(atPath: "/proc/self/status") ?? Data(), as: UTF8.self)
    let line = status.split(separator: "\n").first { $0.hasPrefix("Threads:") }
    return line.flatMap { Int($0.dropFirst("Threads:".count).trimmingCharacters(in: .whitespaces)) }
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
    return (Int(clamping: limit.rlim_cur) - own) / each
  }

  /// Raises the limit of this process as far as it may, and sees that as many files can be opened as any command needs:
  /// what cannot be opened later for want of it would look like another error.
  ///
  /// - Throws: ``CommandFailure`` if they cannot.
  static func check() throws {
    _ = raised()
    var opened: [Int32] = []
    defer { for descriptor in opened { close(descriptor) } }
    for _ in 0..<least {
      let descriptor = open("/dev/null", O_RDONLY | O_CLOEXEC)
      guard descriptor >= 0 else {
        guard errno == EMFILE || errno == ENFILE else { return }
        throw CommandFailure(
          .cannotOpen,
          "too few files may be open at once (\(String(cString: strerror(errno)))); raise the limit "
            + "(`ulimit -n 1024`)")
      }
      opened.append(descriptor)
    }
  }

  /// The limit of this process, raised as far as it may be; nil if it cannot be told.
  private static func raised() -> rlimit? {
    var limit = rlimit()
    guard getrlimit(files, &limit) == 0 else { return nil }
    var raised = limit
    raised.rlim_cur = min(limit.rlim_max, 1 << 16)
    if limit.rlim_cur < raised.rlim_cur, setrlimit(files, &raised) == 0 { limit = raised }
    return limit
  }

  #if canImport(Glibc)
    private static let files = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
  #else
    private static let files = RLIMIT_NOFILE
  #endif
}
