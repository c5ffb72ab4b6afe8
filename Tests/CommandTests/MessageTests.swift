import Foundation
import GridFile
import Model
import Orchestration
import ResultStore
import Scheduling
import Testing

@testable import Orchestration
@testable import gammaplane

/// That messages are true, name the right command, and carry nothing to a terminal that a worker
/// wrote for it.
@Suite struct MessageTests {
  let bench: Workbench

  init() throws {
    bench = try Workbench()
    try bench.grid(attempts: 1)
  }

  private var database: String { bench.path("results/tiny/\(ResultStore.fileName)") }

  /// A worker that refuses all runs but the first few, which it never answers.
  private func refusing(_ reason: String, after: Int = 0) throws -> String {
    try bench.worker(
      """
      printf '%s\\n' '{"type":"hello","worker":"w","protocol":1,"methods":["impulse/4"]}'
      printf '\\033[2Jgone\\n' >&2
      read -r problem
      count=0
      while read -r line; do
        count=$((count + 1))
        [ $count -le \(after) ] || [ \(after) -eq 0 ] || sleep 60
        run=$(printf '%s' "$line" | sed 's/.*"run":"\\([0-9a-f]*\\)".*/\\1/')
        printf '{"type":"refusal","run":"%s","reason":"%s"}\\n' "$run" '\(reason)'
      done
      """)
  }

  @Test func whatIsNotForPrintingIsEscapedAndWhatIsLongCut() {
    #expect(Formatting.line("γ = 1 “fine”") == "γ = 1 “fine”")
    #expect(Formatting.line("a\u{1B}[2Jb\nc\u{9B}d\u{202E}\t!") == "a\\x1b[2Jb\\x0ac\\x9bd\\u{202e} !")
    let long = Formatting.line(String(repeating: "x", count: 3000))
    #expect(long.hasPrefix("xxx") && long.hasSuffix("x… (2700 more characters)"))
    #expect(Formatting.lines("a\r\nb\nc", after: "| ", last: 2) == "| b\n| c")
    #expect(Formatting.lines("a\nb\nc", after: "| ", first: 1) == "| a\n| … (2 more lines)")
    #expect(Formatting.lines("", after: "| ", first: 1) == "")
  }

  @Test func aWorkersWordsDoNothingToATerminal() async throws {
    let filler = String(repeating: "x", count: 3000)
    let worker = try refusing("\\u001b]0;title\\u0007 first\\nsecond \(filler)")
    let ended = try await bench.run("run", "tiny.yaml", "--workers", "1", worker: worker)
    #expect(ended.status == 1)
    #expect(ended.errors.contains("`gammaplane retry tiny.yaml` retries"))
    for words in [["status", "tiny"], ["show", "0.5", "0", "tiny"]] {
      let said = try await bench.start(words).end()
      #expect(said.status == 0, "\(said.errors)")
      #expect(said.output.contains("\\x1b]0;title"), "\(words)")
      #expect(said.output.unicodeScalars.allSatisfy { $0 == "\n" || $0.value >= 0x20 }, "\(words)")
      #expect(said.output.split(separator: "\n").allSatisfy { $0.count < 600 }, "\(words)")
      #expect(!said.output.contains("\nsecond"), "\(words)")
    }
  }

  @Test func theCommandToTryIsTheWorkersOwn() async throws {
    try bench.file("w.sh", "exit 3\n")
    let text = try String(contentsOfFile: bench.path("tiny.yaml"), encoding: .utf8)
    try bench.file("tiny.yaml", text + "worker: [sh, w.sh, 'a word']\n")
    let trial = "sh w.sh 'a word' < /dev/null"
    let run = try await bench.run("run", "tiny.yaml")
    #expect(run.status == 69)
    #expect(run.errors.contains(trial), "\(run.errors)")
    let doctor = try await bench.run("doctor", "tiny.yaml", "--start-worker")
    #expect(doctor.output.contains(trial), "\(doctor.output)")
    let command = WorkerCommand(path: "w", arguments: ["1 2"], folder: "/a b")
    #expect(command.trial == "(cd '/a b' && w '1 2' < /dev/null)")
  }

  @Test func anInterruptionCountsResultsAndFailuresApart() async throws {
    let running = try bench.start(
      ["run", "tiny.yaml", "--workers", "1"], worker: refusing("no", after: 2))
    let sweep = try GridFile.load(path: bench.path("tiny.yaml"))
    let areThere = try await comesTrue {
      guard let store = try? ResultStore.read(at: database) else { return false }
      return try store.failures(of: sweep).count >= 2
    }
    #expect(areThere)
    running.process.interrupt()
    let ended = try await running.end()
    #expect(ended.status == 75, "\(ended.errors)")
    // On a slow machine the worker comes to refuse one more.
    let count = try Regex("interrupted with 0 of 12 runs recorded, [0-9]+ failed; ")
    #expect(ended.errors.contains(count), "\(ended.errors)")
  }

  @Test func runsThatDoNotFitAreNotDone() async throws {
    let ended = try await bench.run("run", "tiny.yaml", "--memory", "1")
    #expect(ended.status == 1)
    #expect(!ended.errors.contains("nothing to do"), "\(ended.errors)")
    #expect(ended.errors.contains("tiny: nothing that fits into the memory is to do, 0 runs done\n"))
    #expect(ended.errors.contains("12 runs need more memory than --memory allows"))
    let plan = try await bench.run("plan", "tiny.yaml", "--memory", "1")
    #expect(!plan.output.contains("nothing to do"), "\(plan.output)")
  }

  @Test func statusKnowsTheMachine() throws {
    let sweep = try GridFile.load(path: bench.path("tiny.yaml"))
    let results = ResultsFolder(path: bench.path("results"))
    let store = try ResultStore.open(at: SweepFolder(results: results, sweep: sweep).database)
    try store.register(sweep)
    try store.close()
    let reference = try SweepReference("tiny", in: results)
    var machine = Machine()
    machine.memoryBounds = [Machine.Bound(value: 1, source: "a thimble")]
    let small = try SweepStatus(reference, on: machine)
    #expect(small.tooLarge == 12)
    #expect(small.text.contains("12 runs to do need more memory than a thimble allows; raise it"))
    machine.memoryBounds = []
    #expect(try SweepStatus(reference, on: machine).tooLarge == 0)
  }

  @Test(arguments: [8, 12])
  func wantOfDescriptorsIsCalledSo(limit: Int) async throws {
    let ended = try await RunningCommand(
      "/bin/sh", ["-c", "ulimit -n \(limit); exec '\(Executables.gammaplane)' run tiny.yaml"], in: bench,
      worker: nil
    ).end()
    #expect(ended.status == 73, "\(ended)")
    #expect(ended.errors.contains("too few files may be open at once"), "\(ended.errors)")
  }

  /// Needs the right to mount a file system.
  @Test func aTinyFullDiskIsFull() async throws {
    let mount = bench.path("results")
    try FileManager.default.createDirectory(atPath: mount, withIntermediateDirectories: true)
    func system(_ words: String...) async throws -> Int32 {
      try await RunningCommand("/usr/bin/env", words, in: bench, worker: nil).end().status
    }
    guard getuid() == 0, try await system("mount", "-t", "tmpfs", "-o", "size=16k", "tmpfs", mount) == 0
    else { return }
    let ended = try await bench.run("run", "tiny.yaml")
    #expect(ended.status == 74 && ended.errors.contains(" is full; make room"), "\(ended)")
    _ = try await system("umount", "-l", mount)
  }

  @Test func wrongArgumentsAreToldOfTheRightCommand() async throws {
    let retry = try await bench.run("retry", "tiny.yaml", "--nonsense")
    #expect(retry.status == 64)
    #expect(
      retry.errors.hasPrefix("gammaplane: error: Unknown option '--nonsense'"), "\(retry.errors)")
    #expect(retry.errors.contains("Usage: gammaplane retry ") && !retry.errors.contains("Usage: run"))
    let command = try await bench.run("runn", "g.yaml", "--results", "X")
    #expect(command.status == 64)
    #expect(
      command.errors
        == "gammaplane: error: there is no command “runn”; `gammaplane --help` lists all\n"
        + "Did you mean `gammaplane run`?\n")
    let seconds = try await bench.run("status", "--watch", "abc", "g")
    #expect(seconds.status == 64)
    #expect(seconds.errors.contains("“abc” after --watch is no number of seconds"), "\(seconds.errors)")
    for words in [["submit", "g.yaml"], ["submit", "slrm", "g.yaml"]] {
      let submit = try await bench.start(words).end()
      #expect(submit.status == 64 && submit.errors.contains("`gammaplane submit slurm GRID`"), "\(submit)")
    }
    let negative = try await bench.run("status", "g", "--watch", "-1", "--results", "X")
    #expect(negative.status == 64)
    #expect(
      negative.errors.hasPrefix(
        "gammaplane: error: --watch must be between 0.1 and 86400 seconds, not -1.0."),
      "\(negative.errors)")
  }
}
