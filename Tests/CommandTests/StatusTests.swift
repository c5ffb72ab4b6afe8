import Foundation
import GridFile
import Model
import Platform
import ResultStore
import Scheduling
import Testing

@testable import Orchestration
@testable import gammaplane

/// What `status` shows of a sweep under way.
@Suite struct StatusTests {
  let bench: Workbench
  let folder: SweepFolder

  init() throws {
    bench = try Workbench()
    let sweep = try GridFile.load(path: bench.path(bench.grid()))
    folder = SweepFolder(results: ResultsFolder(path: bench.path("results")), sweep: sweep)
  }

  private func session(_ active: Int = 2) -> SessionFile {
    let run = Run(["gamma": 0.5, "gamma_prime": 0], width: 50, seed: .max)
    return SessionFile(
      started: Date(), workers: 2, runs: .init(done: 3, failed: 1, total: 12), recorded: 3, rate: 1.5,
      remaining: RemainingTime(seconds: 90), stopping: false,
      active: (1..<active + 1).map {
        .init(
          worker: $0, pid: 4711, run: run, attempt: 1, seconds: 2.5, steps: 17, time: .infinity,
          quantities: ["loss": 0.25, "gap": .nan])
      })
  }

  @Test func aSessionIsReadBackAndATornOneIsNone() throws {
    let path = bench.path("session.json")
    #expect(SessionFile.read(from: path) == nil)
    let session = session()
    #expect(session.active[0].time == nil, "JSON has no infinity")
    #expect(session.active[0].quantities.names == ["loss"])
    #expect(session.write(to: path))
    #expect(SessionFile.read(from: path) == session)
    #expect(SessionFile.read(from: path, of: .current) == session)
    var other = LockHolder.current
    other.pid += 1
    #expect(SessionFile.read(from: path, of: other) == nil, "its writer is gone")
    #expect(SessionFile.read(from: path, of: nil) == nil)
    let bytes = try Data(contentsOf: URL(fileURLWithPath: path))
    for length in stride(from: 0, to: bytes.count - 2, by: 7) {
      try bytes.prefix(length).write(to: URL(fileURLWithPath: path))
      #expect(SessionFile.read(from: path) == nil)
    }
    var newer = session
    newer.version += 1
    #expect(newer.write(to: path))
    #expect(SessionFile.read(from: path) == nil, "another version")
    #expect(!session.write(to: bench.path("no/such/folder/session.json")))
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: bench.url.path).filter { $0.contains("part") } == []
    )
  }

  @Test func statusShowsASessionWhileItWrites() async throws {
    #expect(try await bench.run("run", "tiny.yaml").status == 0)
    try bench.grid(widths: [50, 100, 150, 200])
    #expect(session().write(to: folder.session))
    let idle = try await bench.run("status", "tiny.yaml")
    #expect(!idle.output.contains("runs a second"), "no process writes: the session of the file is over")

    let store = try ResultStore.open(at: folder.database)
    let status = try await bench.run("status", "tiny.yaml")
    #expect(
      status.output.contains("1.5 runs a second, about 1 min 30 s to go, 3 runs recorded in this session"))
    #expect(status.output.contains("4711") && status.output.contains("gamma_prime"))
    #expect(status.output.contains("loss") && status.output.contains("0.25"))
    let json = try await bench.run("status", "--json", "tiny.yaml")
    let object = try #require(
      try JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [String: Any])
    let said = try #require(object["session"] as? [String: Any])
    #expect(said["rate_per_second"] as? Double == 1.5 && (said["active"] as? [Any])?.count == 2)
    try store.close()
  }

  @Test func whatIsWatchedIsShownUntilItEnds() async throws {
    #expect(try await bench.run("run", "tiny.yaml").status == 0)
    // Nothing runs: once is enough.
    #expect(try await bench.run("status", "tiny.yaml", "--watch").status == 0)
    try bench.grid(widths: [50, 100, 150, 200])
    let store = try ResultStore.open(at: folder.database)
    let watch = try bench.start(["status", "tiny.yaml", "--json", "--watch", "0.1"])
    #expect(try await comesTrue { try watch.printed().contains("}\n{") }, "one object after the other")
    #expect(watch.process.isRunning)
    try store.close()
    let ended = try await watch.end()
    #expect(ended.status == 0)
    let lines = ended.output.split(separator: "\n")
    #expect(lines.count >= 2, "one object a line")
    for line in lines { #expect(try JSONSerialization.jsonObject(with: Data(line.utf8)) is [String: Any]) }
    #expect(try await bench.run("status", "--watch", "0", "tiny.yaml").status == 64)
  }

  @Test func theMachineIsWhatItsFilesSay() throws {
    func machine(_ files: [String: String], _ environment: [String: String] = [:]) throws -> Machine {
      let root = bench.path("root-\(UUID().uuidString)")
      for (path, text) in files {
        let url = URL(fileURLWithPath: root + "/" + path)
        try FileManager.default.createDirectory(
          at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(text.utf8).write(to: url)
      }
      return Machine(root: root, environment: environment)
    }
    let plain = [
      "proc/self/status": "Name:\tx\nCpus_allowed:\tff,0000000f\n", "proc/meminfo": "MemTotal:  1000 kB\n",
      "proc/self/cgroup": "0::/a/b\n",
    ]
    #expect(try machine(plain).cores == .init(value: 12, source: "affinity mask"))
    #expect(try machine(plain).memory?.value == 921_600)
    // The limit of a group above counts too, and a share of a core is a core.
    let grouped = plain.merging([
      "sys/fs/cgroup/a/cpu.max": "250000 100000\n", "sys/fs/cgroup/a/b/cpu.max": "max 100000\n",
      "sys/fs/cgroup/a/memory.max": "100000\n", "sys/fs/cgroup/a/b/memory.max": "max\n",
    ]) { $1 }
    #expect(try machine(grouped).cores.value == 3)
    #expect(try machine(grouped).memory?.value == 90_000)
    let first = plain.merging([
      "proc/self/cgroup": "4:memory:/x/y\n3:cpu,cpuacct:/x\n",
      "sys/fs/cgroup/memory/memory.limit_in_bytes": "200000\n",
      "sys/fs/cgroup/memory/x/memory.limit_in_bytes": "9223372036854771712\n",
      "sys/fs/cgroup/cpu/x/cpu.cfs_quota_us": "400000\n", "sys/fs/cgroup/cpu/x/cpu.cfs_period_us": "100000\n",
    ]) { $1 }
    #expect(try machine(first).cores.value == 4)
    #expect(try machine(first).memory?.value == 180_000)
    let slurm = ["SLURM_CPUS_PER_TASK": "5", "SLURM_CPUS_ON_NODE": "8", "SLURM_MEM_PER_NODE": "0"]
    #expect(try machine(plain, slurm).cores == .init(value: 5, source: "SLURM_CPUS_PER_TASK"))
    #expect(try machine(plain, slurm).memory?.value == 921_600)
    #expect(try machine([:]).cores.value >= 1)
    #expect(try machine([:]).memory == nil)
  }
}
