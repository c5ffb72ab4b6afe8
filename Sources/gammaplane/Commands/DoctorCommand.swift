import ArgumentParser
import Foundation
import Model
import Platform
import ResultStore
import Scheduling

/// `gammaplane doctor`.
struct DoctorCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "doctor",
    abstract: "Look for what is, or would be, in the way of a sweep.",
    discussion: """
      Looks at the programs, the machine, the folder of the results, and every page and row of every database. \
      Changes nothing. The exit code is 0 if all is well, 1 if something deserves attention, and 74 if results are \
      damaged.
      """)

  @Argument(help: "A grid file, or the name of a sweep that has results (default: all sweeps).")
  var grid: String?

  @OptionGroup var results: ResultsOption

  @Flag(help: "One JSON value instead of text.")
  var json = false

  mutating func run() async throws {
    let reference = try grid.map { try SweepReference($0, in: results) }
    let folders = reference.map { [$0.folder] } ?? SweepFolder.all(in: results.folder)
    // Sweeps that share a database are next to each other.
    var databases: [String] = []
    for folder in folders where folder.database != databases.last && folder.hasDatabase {
      databases.append(folder.database)
    }
    var examination = Examination()
    examination.lookAtPrograms(of: reference?.grid)
    examination.lookAtMachine(Machine())
    examination.lookAtFolder(results.folder)
    for database in databases { examination.lookAtDatabase(database) }
    if databases.isEmpty { examination.add(.fine, "databases", "none in \(results.folder)") }
    if json {
      try Console.print(json: examination.findings)
    } else {
      for finding in examination.findings { Console.print(finding.text) }
    }
    let worst = examination.findings.map(\.level).max() ?? .fine
    switch worst {
    case .fine: return
    case .warning: throw ExitCode(ExitStatus.someRunsFailed.rawValue)
    case .error: throw ExitCode(ExitStatus.inputOutput.rawValue)
    }
  }
}

/// What `doctor` finds.
struct Examination {
  /// How bad a finding is.
  enum Level: String, Encodable, Comparable {
    case fine, warning, error

    private var rank: Int {
      switch self {
      case .fine: 0
      case .warning: 1
      case .error: 2
      }
    }

    static func < (a: Level, b: Level) -> Bool { a.rank < b.rank }
  }

  /// One finding.
  struct Finding: Encodable {
    var level: Level
    var subject: String
    /// What is so.
    var says: String
    /// What to do; nil if nothing has to be done.
    var advice: String?

    var text: String {
      let mark =
        switch level {
        case .fine: "ok      "
        case .warning: "warning "
        case .error: "ERROR   "
        }
      return "\(mark) \(subject): \(says)" + (advice.map { "\n           → \($0)" } ?? "")
    }
  }

  private(set) var findings: [Finding] = []

  mutating func add(_ level: Level, _ subject: String, _ says: String, advice: String? = nil) {
    findings.append(Finding(level: level, subject: subject, says: says, advice: advice))
  }

  /// Versions, and a worker that answers.
  mutating func lookAtPrograms(of sweep: Sweep?) {
    add(.fine, "gammaplane", "version \(gammaplaneVersion), database schema \(ResultStore.schemaVersion)")
    let version = ResultStore.engineVersion
    // Up to 3.51.2 two connections that checkpoint a WAL at the same moment may damage it
    // (https://sqlite.org/wal.html, "the WAL-reset bug"). Here one process writes, under a lock; others could.
    let isOld = version.compare("3.51.3", options: .numeric) == .orderedAscending
    add(
      .fine, "SQLite",
      "version \(version)"
        + (isOld ? "; older than 3.51.3: while a sweep runs, let no other program write its database" : ""))
    do {
      let worker = try sweep.map(locateWorker(of:)) ?? locateWorker()
      if let hello = WorkerGreeting.of(worker) {
        add(.fine, "worker", "\(worker.words) answers: \(Formatting.line(hello))")
      } else {
        add(
          .warning, "worker", "\(worker.words) does not say hello",
          advice: "see what it says: \(worker.trial)")
      }
    } catch {
      add(.warning, "worker", Failure(error)?.message ?? "\(error)")
    }
  }

  /// Cores, memory and the limits of this process.
  mutating func lookAtMachine(_ machine: Machine) {
    func listed(_ bounds: [Machine.Bound], _ show: (Int) -> String) -> String {
      bounds.sorted { $0.value < $1.value }.map { "\(show($0.value)) (\($0.source))" }.joined(separator: ", ")
    }
    add(.fine, "cores", "\(machine.cores.value); " + listed(machine.coreBounds) { "\($0)" })
    if let memory = machine.memory {
      add(
        .fine, "memory",
        "\(Formatting.bytes(memory.value)); " + listed(machine.memoryBounds, Formatting.bytes))
    } else {
      add(.warning, "memory", "unknown", advice: "name a limit: limits.memory in the grid")
    }
    let workers = machine.cores.value
    // Three pipes a worker, with both ends for a moment, and some for the rest.
    lookAtLimit("open files", "-n", needed: 6 * workers + 32)
    lookAtLimit("processes", "-u", needed: 4 * workers + 16)
  }

  /// Looks at a limit of this process by its name in /proc/self/limits.
  private mutating func lookAtLimit(_ name: String, _ option: String, needed: Int) {
    let bytes = FileManager.default.contents(atPath: "/proc/self/limits") ?? Data()
    let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n")
    let prefix = "Max \(name)"
    guard let line = lines.first(where: { $0.hasPrefix(prefix) }),
      let value = line.dropFirst(prefix.count).split(separator: " ").first
    else { return }
    if let number = Int(value), number < needed {
      add(
        .warning, name, "at most \(value), and a worker on every core needs about \(needed)",
        advice: "ulimit \(option) \(needed), or fewer --workers")
    } else {
      add(.fine, name, "at most \(value) (ulimit \(option))")
    }
  }

  /// Where results are kept.
  mutating func lookAtFolder(_ path: String) {
    let system = FileSystem(of: path)
    add(
      .fine, "file system of \(path)",
      system.isRemote
        ? "\(system.type), not of this machine alone: a rollback journal is kept instead of WAL, and readers and the "
          + "writer wait for each other"
        : "\(system.type); the journal is WAL")
    var existing = URL(fileURLWithPath: path).path
    while !FileManager.default.fileExists(atPath: existing), existing != "/" {
      existing = URL(fileURLWithPath: existing).deletingLastPathComponent().path
    }
    if let obstacle = accessError(existing, W_OK) {
      add(
        .warning, "folder \(path)", "cannot be written (\(obstacle))",
        advice: "check the permissions of \(existing), or choose another folder with --results")
    }
    let free = (try? FileManager.default.attributesOfFileSystem(forPath: existing))?[.systemFreeSize] as? Int
    guard let free else { return }
    let isLittle = free < 1 << 30
    add(
      isLittle ? .warning : .fine, "free space", Formatting.bytes(free),
      advice: isLittle ? "make room; a run takes about 0.5 KiB, and 160 KiB where neurons are kept" : nil)
  }

  /// So much of what is wrong with a database is told.
  private static let findingsShown = 8

  /// The database of one sweep.
  mutating func lookAtDatabase(_ path: String) {
    let writer = ResultStore.writer(of: path)
    if let writer { add(.fine, path, "is being written by \(writer)") }
    let inspection = ResultStore.inspect(path)
    if let refusal = inspection.refusal {
      guard case .damaged = refusal else {
        let says = refusal.description
        return add(.error, path, says.hasPrefix(path + " ") ? String(says.dropFirst(path.count + 1)) : says)
      }
    }
    let version = inspection.version.map(String.init) ?? "unknown"
    let journal = inspection.journalMode ?? "unknown"
    let count = Formatting.count(inspection.readable, "result")
    guard inspection.isSound else {
      let saved = path + ".saved"
      let shown = inspection.findings.prefix(Self.findingsShown).map(Formatting.line)
      let more = inspection.findings.count - shown.count
      let findings = shown + (more > 0 ? ["and \(more) more"] : [])
      let written = inspection.written.map { "Of \(Formatting.count($0, "result"))" } ?? "Of its results"
      add(
        .error, path,
        "is damaged: \(findings.joined(separator: "; ")). \(written) \(inspection.readable) can be read, and "
          + "\(inspection.intact) of them are what was written"
          + (inspection.readable < inspection.written ?? .max
            ? "; more may be left in parts to which no way leads any more" : ""),
        advice:
          "restore a copy; or move it away and run the sweep again; or save what can be read: "
          + "sqlite3 \(shellQuoted(path)) .recover | sqlite3 \(shellQuoted(saved)) "
          + "(where that says “sql error”, sqlite3 is built without it: take the one of sqlite.org)")
      return
    }
    let isOlder = inspection.version.map { $0 < ResultStore.schemaVersion } ?? false
    add(
      .fine, path,
      "sound; \(count), schema \(version)\(isOlder ? " (older; `run` makes a copy and brings it up to date)" : ""), "
        + "journal \(journal)")
  }
}

/// What a worker says first.
enum WorkerGreeting {
  /// How long it may live on when it has said something, in seconds.
  private static let farewell = 2.0

  /// The first line of a worker that is given nothing to do, in the time that a sweep would wait for it; nil if it says
  /// none. Whatever it does, it does not keep us longer.
  static func of(_ worker: WorkerCommand) -> String? {
    let process = Process()
    let output = Pipe()
    // A program without a `/` in its name is looked up.
    let isPath = worker.path.contains("/")
    process.executableURL = URL(fileURLWithPath: isPath ? worker.path : "/usr/bin/env")
    process.arguments = (isPath ? [] : [worker.path]) + worker.arguments
    if let folder = worker.folder { process.currentDirectoryURL = URL(fileURLWithPath: folder) }
    process.standardInput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    process.standardOutput = output
    guard (try? process.run()) != nil else { return nil }
    let line = firstLine(output.fileHandleForReading.fileDescriptor)
    // Not waited for: it may have left something behind that keeps its end from being seen.
    let end = Date.now.addingTimeInterval(farewell)
    while process.isRunning, Date.now < end { usleep(10_000) }
    if process.isRunning { kill(process.processIdentifier, SIGKILL) }
    return line.contains("\"hello\"") ? line : nil
  }

  private static func firstLine(_ descriptor: Int32) -> String {
    var said: [UInt8] = []
    let start = ContinuousClock.now
    while !said.contains(0x0a), said.count < 1 << 16 {
      let left = (SchedulerLimits.standardHello - (ContinuousClock.now - start)) / .milliseconds(1)
      var ready = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
      guard left > 0, poll(&ready, 1, Int32(left)) != 0 else { break }
      guard let bytes = try? readBytes(from: descriptor, atMost: 4096), !bytes.isEmpty else { break }
      said += bytes
    }
    return String(decoding: said.prefix { $0 != 0x0a }, as: UTF8.self)
  }
}
