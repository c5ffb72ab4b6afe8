import Foundation
import Testing

/// A Slurm cluster for tests: a controller and some nodes on this machine, with their own ports, in
/// a folder that is removed with it.
final class SlurmCluster {
  /// Why there can be none; nil if there can.
  static let obstacle: String? = {
    for program in ["slurmctld", "slurmd", "sbatch", "squeue", "scontrol", "scancel", "sinfo"]
    where path(of: program) == nil {
      return "\(program) is not installed (apt-get install --no-install-recommends slurm-wlm munge)"
    }
    return nil
  }()

  /// Whether the tests that take minutes are wanted.
  static let slow = ProcessInfo.processInfo.environment["GAMMAPLANE_SLOW_TESTS"] == "1"

  let folder: URL
  private let port: Int
  private let nodes: Int
  /// Given to everything that runs in the cluster, whose processes are found by it.
  let environment: [String: String]
  /// Since when jobs have been seen to wait for their time.
  private var queuedAgain: [String: ContinuousClock.Instant] = [:]

  /// Starts a cluster of nodes with one core each.
  ///
  /// - Parameters:
  ///   - settings: further lines for slurm.conf.
  ///   - partition: further settings of the partition.
  init(nodes: Int = 2, settings: [String] = [], partition: String = "") async throws {
    // Names of sockets may not be long.
    folder = URL(fileURLWithPath: "/tmp/pss-\(UUID().uuidString.prefix(8))")
    self.nodes = nodes
    for name in ["state", "log", "run"] {
      try FileManager.default.createDirectory(
        at: folder.appendingPathComponent(name), withIntermediateDirectories: true)
    }
    let conf = folder.appendingPathComponent("slurm.conf").path
    environment = ["SLURM_CONF": conf, "PATH": Self.folders.joined(separator: ":")]
    port = try Self.freePorts(nodes + 1)
    let user = try #require(getpwuid(getuid()).map { String(cString: $0.pointee.pw_name) })
    var name = [CChar](repeating: 0, count: 256)
    gethostname(&name, 255)
    let host =
      String(decoding: name.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
      .split(separator: ".").first.map(String.init) ?? "localhost"
    let base = folder.path
    var lines = [
      "ClusterName=tests", "SlurmctldHost=\(host)(127.0.0.1)", "SlurmUser=\(user)", "SlurmdUser=\(user)",
      "AuthType=auth/none", "CredType=cred/none", "SlurmctldPort=\(port)", "StateSaveLocation=\(base)/state",
      "SlurmctldPidFile=\(base)/run/slurmctld.pid", "SlurmdPidFile=\(base)/run/slurmd.%n.pid",
      "SlurmctldLogFile=\(base)/log/slurmctld.log", "SlurmdLogFile=\(base)/log/slurmd.%n.log",
      "SlurmdSpoolDir=\(base)/spool.%n", "ProctrackType=proctrack/linuxproc", "TaskPlugin=task/none",
      "MpiDefault=none", "SwitchType=switch/none", "SelectType=select/cons_tres",
      "SelectTypeParameters=CR_CPU",
      "SlurmdParameters=config_overrides", "SchedulerType=sched/backfill",
      "SchedulerParameters=batch_sched_delay=0,sched_interval=1,bf_interval=1,sched_min_interval=0",
      "AccountingStorageType=accounting_storage/none", "JobCompType=jobcomp/none", "ReturnToService=2",
      "KillWait=5", "SlurmdTimeout=10", "MessageTimeout=5",
      "NodeName=n[1-\(nodes)] NodeHostname=\(host) NodeAddr=127.0.0.1 Port=[\(port + 1)-\(port + nodes)] CPUs=1 "
        + "RealMemory=4000 State=UNKNOWN",
      "PartitionName=main Nodes=ALL Default=YES MaxTime=INFINITE State=UP \(partition)",
    ]
    if !settings.contains(where: { $0.hasPrefix("MaxArraySize") }) { lines.append("MaxArraySize=1001") }
    lines += settings
    try Data((lines.joined(separator: "\n") + "\n").utf8).write(to: URL(fileURLWithPath: conf))
    try startController(forgetting: true)
    for node in 1...nodes { try startNode(node) }
    try await wait("the nodes are idle") {
      Set(run("sinfo", "-h", "-N", "-t", "idle", "-o", "%N").split(separator: "\n")).count == nodes
    }
  }

  deinit { stop() }

  // MARK: The parts

  // They go into the background, as they do on a cluster: daemons close every descriptor that they
  // inherit, and Foundation would take them for ended.

  func startController(forgetting: Bool = false) throws { try start("slurmctld", forgetting ? ["-c"] : []) }

  func startNode(_ node: Int) throws { try start("slurmd", ["-N", "n\(node)"]) }

  /// Kills the controller as a power failure would.
  func killController() {
    for process in processes() where name(process).hasPrefix("slurmctld") { kill(process, SIGKILL) }
  }

  /// Kills a node's daemon and the job step daemons, here or on other nodes; the jobs' own
  /// processes survive.
  func killNode(_ node: Int) {
    let daemon = (try? String(contentsOfFile: "\(folder.path)/run/slurmd.n\(node).pid", encoding: .utf8))
      .flatMap { Int32($0.filter { !$0.isWhitespace }) }
    if let daemon, processes().contains(daemon) { kill(daemon, SIGKILL) }
    for step in processes() where name(step).hasPrefix("slurmstepd") { kill(step, SIGKILL) }
  }

  /// Ends, in bounded time, all processes that have the cluster in their environment.
  func stop() {
    for process in processes() where name(process).hasPrefix("slurm") { kill(process, SIGTERM) }
    for _ in 0..<60 where !processes().isEmpty { usleep(50_000) }
    for _ in 0..<100 {
      let left = processes()
      if left.isEmpty { break }
      for process in left { kill(process, SIGKILL) }
      usleep(50_000)
    }
    try? FileManager.default.removeItem(at: folder)
  }

  /// The processes of the cluster and of its jobs: those that have its configuration in their
  /// environment.
  func processes() -> [Int32] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
    return names.compactMap { Int32($0) }.filter { $0 != getpid() && environ($0).contains(folder.path) }
  }

  /// Those of jobs alone.
  func jobProcesses() -> [Int32] { processes().filter { name($0).hasPrefix("gammaplane") } }

  private func text(_ process: Int32, _ file: String) -> String {
    FileManager.default.contents(atPath: "/proc/\(process)/\(file)").map {
      String(decoding: $0, as: UTF8.self)
    } ?? ""
  }
  private func environ(_ process: Int32) -> String { text(process, "environ") }
  private func name(_ process: Int32) -> String { text(process, "comm") }

  private func start(_ name: String, _ arguments: [String]) throws {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: try #require(Self.path(of: name)))
    process.arguments = arguments
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    try #require(process.terminationStatus == 0, "\(name) does not start")
  }

  /// The first of so many ports in a row that are free.
  private static func freePorts(_ count: Int) throws -> Int {
    for _ in 0..<100 {
      let first = Int.random(in: 20_000..<32_000)
      if (first..<first + count).allSatisfy(isFree) { return first }
    }
    throw CocoaError(.featureUnsupported)
  }

  private static func isFree(_ port: Int) -> Bool {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(descriptor) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = in_port_t(port).bigEndian
    return withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
      }
    }
  }

  /// Where programs are looked for: daemons may not be in PATH.
  private static let folders: [String] = {
    let path = ProcessInfo.processInfo.environment["PATH"] ?? ""
    return path.split(separator: ":").map(String.init) + ["/usr/bin", "/usr/sbin", "/bin", "/sbin"]
  }()

  static func path(of program: String) -> String? {
    folders.map { "\($0)/\(program)" }.first { access($0, X_OK) == 0 }
  }

  // MARK: Queries

  /// What a program of Slurm prints; empty if it fails.
  @discardableResult
  func run(_ program: String, _ arguments: String...) -> String { answer(program, arguments) ?? "" }

  /// What a program of Slurm prints; nil if it fails, as under load it may.
  private func answer(_ program: String, _ arguments: [String]) -> String? {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: Self.path(of: program) ?? program)
    process.arguments = arguments
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    let pipe = Pipe()
    process.standardOutput = pipe
    process.standardError = FileHandle.nullDevice
    guard (try? process.run()) != nil else { return nil }
    let bytes = (try? pipe.fileHandleForReading.readToEnd()) ?? nil
    process.waitUntilExit()
    return process.terminationStatus == 0 ? String(decoding: bytes ?? Data(), as: UTF8.self) : nil
  }

  /// The jobs in the queue, a line each: number, state, name.
  var queue: [String] { run("squeue", "-h", "-r", "-o", "%i %T %j").split(separator: "\n").map(String.init) }

  /// Lets jobs start soon that were queued again and would wait two minutes; to be called until
  /// they have.
  ///
  /// Not at once: a node accepts no job in the second in which it was told to end it, for it
  /// distinguishes the permission to start it from the one that was withdrawn by its time in whole
  /// seconds (“Job credential revoked”), and then the controller gives the job up as failed. That
  /// is what the two minutes are for.
  ///
  /// - Parameter atOnce: whether to take that risk.
  func hurry(atOnce: Bool = false) {
    let now = ContinuousClock().now
    var waiting: [String: ContinuousClock.Instant] = [:]
    for line in run("squeue", "-h", "-r", "-t", "PD", "-o", "%i %r").split(separator: "\n")
    where line.hasSuffix("BeginTime") {
      let job = String(line.prefix { $0 != " " })
      let since = queuedAgain[job] ?? now
      waiting[job] = since
      if atOnce || now - since > .seconds(2) { run("scontrol", "update", "jobid=\(job)", "StartTime=now") }
    }
    queuedAgain = waiting
  }

  /// Waits until a condition holds; a minute and a half at most.
  func wait(_ what: String, seconds: Double = 90, _ condition: () throws -> Bool) async throws {
    let end = ContinuousClock().now + .seconds(seconds)
    while ContinuousClock().now < end {
      if try condition() { return }
      try await Task.sleep(for: .milliseconds(200))
    }
    Issue.record("not within \(seconds) s: \(what)\n\(queue.joined(separator: "\n"))\n\(run("sinfo"))")
    throw CancellationError()
  }

  /// Waits until no job is left.
  func waitUntilEmpty(seconds: Double = 120, startingAtOnce: Bool = false) async throws {
    try await wait("the queue is empty", seconds: seconds) {
      hurry(atOnce: startingAtOnce)
      // An empty answer counts only if squeue succeeded.
      return answer("squeue", ["-h", "-r", "-o", "%i"])?.isEmpty == true
    }
  }
}
