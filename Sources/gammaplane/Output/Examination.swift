import Foundation
import Model
import Orchestration
import Platform
import ResultStore
import Scheduling
import WorkerProtocol

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
    /// What was found.
    var result: String
    /// What to do; nil if nothing has to be done.
    var remedy: String?

    var text: String {
      let mark =
        switch level {
        case .fine: "ok      "
        case .warning: "warning "
        case .error: "ERROR   "
        }
      return "\(mark) \(subject): \(result)" + (remedy.map { "\n           → \($0)" } ?? "")
    }
  }

  private(set) var findings: [Finding] = []

  mutating func add(_ level: Level, _ subject: String, _ result: String, remedy: String? = nil) {
    findings.append(Finding(level: level, subject: subject, result: result, remedy: remedy))
  }

  /// Versions, and a worker that answers.
  ///
  /// - Parameter startsWorker: whether a worker that a grid names is started: it may be a
  ///   stranger's program.
  mutating func checkPrograms(of sweep: Sweep?, startsWorker: Bool) {
    let commit = Program.commit.map { ", commit \($0)" } ?? ""
    add(
      .fine, "gammaplane",
      "version \(Program.version)\(commit), database schema \(ResultStore.schemaVersion)")
    let version = ResultStore.engineVersion
    // Up to 3.51.2 two connections that checkpoint a WAL at the same moment may damage it
    // (https://sqlite.org/wal.html, "the WAL-reset bug"). Here one process writes, under a lock;
    // others could.
    let isOld = version.compare("3.51.3", options: .numeric) == .orderedAscending
    add(
      .fine, "SQLite",
      "version \(version)"
        + (isOld ? "; older than 3.51.3: while a sweep runs, let no other program write its database" : ""))
    do {
      let worker = try sweep.map(locateWorker(of:)) ?? locateWorker()
      if let own = sweep?.worker, !startsWorker {
        let words = own.arguments.map(shellQuoted).joined(separator: " ")
        add(.fine, "worker", "the grid names `\(words)`; --start-worker starts it")
        return
      }
      checkWorker(worker, method: sweep?.problem.method)
    } catch {
      add(.warning, "worker", Failure(error)?.message ?? "\(error)")
    }
  }

  /// Starts a worker, and sees whether it can be used.
  private mutating func checkWorker(_ worker: WorkerCommand, method: String?) {
    guard let hello = WorkerProbe.hello(of: worker) else {
      return add(
        .warning, "worker", "\(worker.words) does not introduce itself",
        remedy: "see what it prints: \(worker.trial)")
    }
    let introduction =
      "\(worker.words) answers: \(Formatting.line(hello.worker)), protocol \(hello.protocolVersion)"
    guard hello.protocolVersion == workerProtocolVersion else {
      return add(
        .warning, "worker", "\(introduction), and this program speaks protocol \(workerProtocolVersion)",
        remedy: "use versions that belong together")
    }
    let methods = hello.description.methods
    let offer = (["methods \(methods.joined(separator: ", "))"] + hello.abilities.names).joined(
      separator: "; ")
    guard let method, !methods.contains(method) else {
      return add(.fine, "worker", "\(introduction), \(Formatting.line(offer))")
    }
    add(
      .warning, "worker",
      "\(introduction), \(Formatting.line(offer)): not the method “\(method)” of the grid",
      remedy: "correct `method` in the grid, or name another worker")
  }

  /// Cores, memory and the limits of this process.
  mutating func checkMachine(_ machine: Machine) {
    func listed(_ bounds: [Machine.Bound], _ show: (Int) -> String) -> String {
      bounds.sorted { $0.value < $1.value }.map { "\(show($0.value)) (\($0.source))" }.joined(separator: ", ")
    }
    add(.fine, "cores", "\(machine.cores.value); " + listed(machine.coreBounds) { "\($0)" })
    switch CoreAffinity.trial() {
    case true: add(.fine, "pinning", "workers can be bound to cores (--pin)")
    case nil: add(.fine, "pinning", "this system has no affinity masks: --pin changes nothing")
    case false:
      add(.warning, "pinning", "processes cannot be bound to cores", remedy: "leave out --pin")
    }
    if let memory = machine.memory {
      add(
        .fine, "memory",
        "\(Formatting.bytes(memory.value)); " + listed(machine.memoryBounds, Formatting.bytes))
    } else {
      add(.warning, "memory", "unknown", remedy: "name a limit: limits.memory in the grid")
    }
    let workers = machine.cores.value
    // Three pipes a worker, with both ends for a moment, and some for the rest.
    checkLimit("open files", "-n", needed: 6 * workers + 32)
    checkLimit("processes", "-u", needed: 4 * workers + 16)
  }

  /// Checks a limit of this process by its name in /proc/self/limits.
  private mutating func checkLimit(_ name: String, _ option: String, needed: Int) {
    let bytes = FileManager.default.contents(atPath: "/proc/self/limits") ?? Data()
    let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n")
    let prefix = "Max \(name)"
    guard let line = lines.first(where: { $0.hasPrefix(prefix) }),
      let value = line.dropFirst(prefix.count).split(separator: " ").first
    else { return }
    if let number = Int(value), number < needed {
      add(
        .warning, name, "at most \(value), and a worker on every core needs about \(needed)",
        remedy: "ulimit \(option) \(needed), or fewer --workers")
    } else {
      add(.fine, name, "at most \(value) (ulimit \(option))")
    }
  }

  /// Where results are kept.
  mutating func checkFolder(_ path: String) {
    let system = FileSystem(of: path)
    add(
      .fine, "file system of \(path)",
      system.isRemote
        ? "\(system.type), not of this machine alone: a rollback journal is kept instead of WAL, and readers "
          + "and the writer wait for each other"
        : "\(system.type); the journal is WAL")
    var existing = URL(fileURLWithPath: path).path
    while !FileManager.default.fileExists(atPath: existing), existing != "/" {
      existing = URL(fileURLWithPath: existing).deletingLastPathComponent().path
    }
    if let obstacle = accessError(existing, W_OK) {
      add(
        .warning, "folder \(path)", "cannot be written (\(obstacle))",
        remedy: "check the permissions of \(existing), or choose another folder with --results")
    }
    let free = (try? FileManager.default.attributesOfFileSystem(forPath: existing))?[.systemFreeSize] as? Int
    guard let free else { return }
    let isLittle = free < 1 << 30
    add(
      isLittle ? .warning : .fine, "free space", Formatting.bytes(free),
      remedy: isLittle ? "make room; a run takes about 0.5 KiB, and 160 KiB where neurons are recorded" : nil)
  }

  /// So many findings about a database are shown.
  private static let findingsShown = 8

  /// The database of one sweep.
  mutating func checkDatabase(_ path: String) {
    let writer = ResultStore.writer(of: path)
    if let writer { add(.fine, path, "is being written by \(writer)") }
    let inspection = ResultStore.inspect(path)
    if let refusal = inspection.refusal {
      guard case .damaged = refusal else {
        let text = refusal.description
        return add(.error, path, text.hasPrefix(path + " ") ? String(text.dropFirst(path.count + 1)) : text)
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
        remedy:
          "restore a copy; or move it away and run the sweep again; or save what can be read: "
          + "sqlite3 \(shellQuoted(path)) .recover | sqlite3 \(shellQuoted(saved)) "
          + "(where that says “sql error”, sqlite3 is built without it: take the one of sqlite.org)")
      return
    }
    let isOlder = inspection.version.map { $0 < ResultStore.schemaVersion } ?? false
    add(
      .fine, path,
      "sound; \(count), schema \(version)"
        + (isOlder ? " (older; `run` makes a copy and migrates it)" : "") + ", journal \(journal)")
  }
}
