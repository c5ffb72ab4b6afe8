import Foundation
import GridFile
import Model
import ResultStore
import Scheduling
import Orchestration
import Planning
import Testing

/// What surrounds the workers of a sweep: their priority, their checkpoints, their state, and
/// advice.
@Suite(.timeLimit(.minutes(20))) struct SessionTests {
  let bench: Workbench

  init() throws { bench = try Workbench() }

  /// On Linux a child has the niceness of the thread that starts it, and there are many. As root,
  /// threads that the system's libraries start later have a niceness of their own: of those of the
  /// orchestrator, most count.
  @Test func nicenessReachesThreadsWorkersAndTheWatchdog() async throws {
    try bench.grid()
    // The name of the process, in parentheses, may contain anything; niceness is 17 fields after
    // it.
    let worker = try bench.worker(
      """
      sleep 1
      for stat in /proc/$PPID/task/*/stat; do sed 's/.*) //' $stat | cut -d' ' -f17; done >> '\(bench.path("threads"))'
      for child in $(cat /proc/$PPID/task/*/children); do sed 's/.*) //' /proc/$child/stat | cut -d' ' -f17; done \
        >> '\(bench.path("children"))'
      exec "$WORKER"
      """)
    let ended = try await bench.run("run", "tiny.yaml", "--workers", "2", "--nice", "11", worker: worker)
    #expect(ended.status == 0, "\(ended.errors)")
    let values = { (file: String) in
      try String(contentsOfFile: bench.path(file), encoding: .utf8).split(separator: "\n").map(String.init)
    }
    // Two workers, each of which lists both, and the watchdog.
    let children = try values("children")
    #expect(children.count >= 4 && Set(children) == ["11"], "\(children)")
    let threads = try values("threads")
    #expect(2 * threads.filter { $0 == "11" }.count > threads.count, "\(threads)")
  }

  @Test func aShortageOfThreadsInAWorkerPasses() async throws {
    try bench.grid()
    let worker = try bench.worker(
      """
      mkdir '\(bench.path("tried"))' 2>/dev/null && { ulimit -s 8000000; ulimit -v 6000000; }
      exec "$WORKER"
      """)
    let ended = try await bench.run("run", "tiny.yaml", "--workers", "1", worker: worker)
    #expect(ended.status == 0, "\(ended.errors)")
    #expect(FileManager.default.fileExists(atPath: bench.path("tried")))
    #expect(try bench.results().count == 12)
  }

  /// Those of another grid, of runs that are left out for now, and of failed ones.
  @Test func checkpointsThatWillBeResumedStay() async throws {
    for (name, widths) in [("first", [50, 100]), ("second", [100, 150])] {
      let file = try bench.grid(name, widths: widths)
      let text = try String(contentsOfFile: bench.path(file), encoding: .utf8)
      try bench.file(file, text + "database: both\n")
    }
    #expect(try await bench.run("run", "first.yaml").status == 0)
    let folder = bench.path("results/both/checkpoints")
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    func identities(_ file: String, width: Int) throws -> [String] {
      let sweep = try GridFile.load(path: bench.path(file))
      return RunSet(sweep).filter { $0.width == Double(width) }.map {
        $0.identity(of: sweep.problem.digest).description
      }
    }
    let done = try identities("first.yaml", width: 50)
    let missing = try identities("second.yaml", width: 150)
    for name in (done + missing + ["stranger"]).map({ "\($0).checkpoint" }) + ["half.checkpoint.part"] {
      try bench.file("results/both/checkpoints/\(name)", "not a checkpoint")
    }
    func names() -> Set<String>? {
      (try? FileManager.default.contentsOfDirectory(atPath: folder)).map {
        Set($0.map { String($0.prefix { $0 != "." }) })
      }
    }
    // Also where there is nothing to do, stale ones are removed.
    #expect(try await bench.run("run", "first.yaml", worker: "/nonexistent/worker").status == 0)
    #expect(names() == Set(missing + ["stranger"]))
    // Something else is to do.
    let text = try String(contentsOfFile: bench.path("first.yaml"), encoding: .utf8)
    try bench.file("first.yaml", text.replacing("[50, 100]", with: "[50, 100, 60]"))
    #expect(try await bench.run("run", "first.yaml").status == 0)
    #expect(names() == Set(missing + ["stranger"]))
    #expect(try await bench.run("run", "second.yaml").status == 0)
    #expect(names() == ["stranger"])
  }

  @Test func aSessionFileThatIsRemovedStaysSo() throws {
    let executor = SweepExecutor(
      worker: WorkerCommand(path: "/bin/true"),
      problem: Problem(method: "none/1"), budget: .default, limits: SchedulerLimits(workers: 1))
    let path = bench.path("session.json")
    let view = SessionView(plan: Plan.Counts(), workers: 1, file: path, executor: executor)
    view.write()
    #expect(SessionFile.read(from: path) != nil)
    view.remove()
    // The last write comes late.
    view.write()
    #expect(!FileManager.default.fileExists(atPath: path))
  }

  @Test func theTrialOfAWorkerIsItsWholeCommand() {
    #expect(WorkerCommand(path: "worker").trial == "worker < /dev/null")
    let own = WorkerCommand(path: "python3", arguments: ["w.py", "two words"], folder: "/my grids")
    #expect(own.trial == "(cd '/my grids' && python3 w.py 'two words' < /dev/null)")
  }

  @Test func theAdviceCanBeTyped() async throws {
    let file = try bench.grid()
    let text = try String(contentsOfFile: bench.path(file), encoding: .utf8)
    try bench.file(file, text + "worker: [sh, -c, 'exit 3']\n")
    let ended = try await bench.run("run", "tiny.yaml")
    #expect(ended.status == 69)
    #expect(ended.errors.contains("&& sh -c 'exit 3' < /dev/null)`, then run"), "\(ended.errors)")
  }
}
