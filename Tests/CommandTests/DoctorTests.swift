import Foundation
import ResultStore
import Testing

/// `doctor`, and the faults of disks that need a process of their own.
@Suite struct DoctorTests {
  let bench: Workbench

  init() throws {
    bench = try Workbench()
    try bench.grid()
  }

  private var database: String { bench.path("results/tiny/\(ResultStore.fileName)") }

  @Test func aSoundSweepIsFine() async throws {
    #expect(try await bench.run("run", "tiny.yaml").status == 0)
    let before = FileManager.default.contents(atPath: database)
    let ended = try await bench.run("doctor")
    #expect(ended.status == 0, "\(ended.output)")
    #expect(ended.output.contains("sound; 12 results, schema \(ResultStore.schemaVersion)"))
    #expect(ended.output.contains("answers: gammaplane-worker "), "\(ended.output)")
    #expect(ended.output.contains(", protocol 1, methods impulse/"), "\(ended.output)")
    #expect(FileManager.default.contents(atPath: database) == before)
    let json = try await bench.run("doctor", "--json", "tiny")
    let findings = try #require(
      try JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [[String: String]])
    #expect(findings.allSatisfy { Set($0.keys) == ["level", "subject", "result"] && $0["level"] == "fine" })
  }

  @Test func damageIsNamedWithWhatCanBeSaved() async throws {
    #expect(try await bench.run("run", "tiny.yaml").status == 0)
    var bytes = try Data(contentsOf: URL(fileURLWithPath: database))
    let found = try #require(bytes.range(of: Data("converged".utf8)))
    bytes[found.upperBound] ^= 1
    try bytes.write(to: URL(fileURLWithPath: database))
    let ended = try await bench.run("doctor")
    #expect(ended.status == 74)
    #expect(ended.output.contains("of 12 results") || ended.output.contains("Of 12 results"))
    #expect(ended.output.contains(".recover"))
    #expect(try await bench.run("run", "tiny.yaml").status == 74)
    #expect(try Data(contentsOf: URL(fileURLWithPath: database)) == bytes, "what is damaged is left as it is")
  }

  @Test func whatCanBeSavedIsSaidWhereverTheDamageIs() async throws {
    #expect(try await bench.run("run", "tiny.yaml").status == 0)
    let whole = try Data(contentsOf: URL(fileURLWithPath: database))
    let damages = [
      whole.dropLast(100), whole.prefix(whole.count / 8192 * 4096), Data(count: whole.count),
      Data(count: 4096) + whole.dropFirst(4096),
    ]
    for (number, bytes) in damages.enumerated() {
      try bytes.write(to: URL(fileURLWithPath: database))
      let doctor = try await bench.run("doctor")
      #expect(doctor.status == 74)
      let line = try #require(doctor.output.split(separator: "\n").first { $0.hasPrefix("ERROR") })
      #expect(line.contains("is damaged: ") && line.contains("can be read, and"), "\(line)")
      #expect(
        line.split(separator: "gammaplane.sqlite", omittingEmptySubsequences: false).count == 2, "\(line)")
      #expect(number > 0 || line.contains("Of 12 results 12 can be read"), "\(line)")
      #expect(doctor.output.contains(".recover"))
      let run = try await bench.run("run", "tiny.yaml")
      #expect(run.status == 74, "\(number): \(run.errors)")
    }
  }

  @Test func aWorkerThatDoesNotAnswerIsAWarning() async throws {
    let ended = try await bench.run("doctor", worker: bench.worker("exit 1"))
    #expect(ended.status == 1)
    #expect(ended.output.contains("does not introduce itself"))
    let missing = try await bench.run("doctor", "--json", worker: "/nonexistent")
    #expect(missing.status == 1)
    let findings = try #require(
      try JSONSerialization.jsonObject(with: Data(missing.output.utf8)) as? [[String: String]])
    #expect(findings.contains { $0["subject"] == "worker" && $0["level"] == "warning" })
  }

  /// It may be a stranger's program: it is started when that is asked for.
  @Test func aWorkerOfAGridIsStartedOnRequestOnly() async throws {
    let hello = #"{"type":"hello","worker":"w 2","protocol":1,"methods":["w/1"]}"#
    try bench.file("w.sh", "touch started\necho '\(hello)'\n")
    let text = try String(contentsOfFile: bench.path("tiny.yaml"), encoding: .utf8)
    try bench.file("tiny.yaml", text + "worker: [sh, w.sh]\n")
    let careful = try await bench.run("doctor", "tiny.yaml").output
    #expect(careful.contains("the grid names `sh w.sh`; --start-worker starts it"), "\(careful)")
    #expect(!FileManager.default.fileExists(atPath: bench.path("started")))
    let started = try await bench.run("doctor", "tiny.yaml", "--start-worker")
    #expect(FileManager.default.fileExists(atPath: bench.path("started")))
    // A grid without `method` is for the program's own.
    #expect(started.status == 1, "\(started.output)")
    let answer = "answers: w 2, protocol 1, methods w/1"
    #expect(started.output.contains(answer + ": not the method “"), "\(started.output)")
    let own = text.replacing("network: {", with: "method: w/1\nnetwork: {") + "worker: [sh, w.sh]\n"
    try bench.file("tiny.yaml", own)
    let other = try await bench.run("doctor", "tiny.yaml", "--start-worker")
    #expect(other.status == 0 && other.output.contains(answer + "\n"), "\(other.output)")
  }

  @Test func aWorkerOfAnotherProtocolIsAWarning() async throws {
    let worker = try bench.worker(
      #"printf '%s\n' '{"type":"hello","worker":"w","protocol":2,"methods":["impulse/4"]}'"#)
    let ended = try await bench.run("doctor", worker: worker)
    #expect(ended.status == 1 && ended.output.contains("protocol 2, and this program speaks protocol 1"))
  }

  /// One that hangs, with a child that holds its output, does not keep the doctor.
  @Test func aWorkerThatDoesNotEndIsNotWaitedFor() async throws {
    let worker = try bench.worker(
      """
      printf '%s\\n' '{"type":"hello","worker":"deaf","protocol":1,"methods":["impulse/4"]}'
      trap '' TERM; sleep 600 & echo $! > '\(bench.path("child"))'; wait; sleep 600
      """)
    let start = ContinuousClock.now
    let ended = try await bench.run("doctor", worker: worker)
    #expect(start.duration(to: .now) < .seconds(300))
    #expect(ended.output.contains("answers: deaf, protocol 1"), "\(ended.output)")
    for child in try bench.pids("child") { kill(child, SIGKILL) }
  }

  /// Runs a sweep with these variables in the environment.
  private func sweep(_ variables: [String]) async throws -> Ended {
    try await RunningCommand(
      "/usr/bin/env", variables + [Executables.gammaplane, "run", "tiny.yaml", "--workers", "2"], in: bench,
      worker: nil
    ).end()
  }

  /// The same command again completes the sweep, with the results of one that nothing happened to.
  private func expectRecovery() async throws {
    let again = try await bench.run("run", "tiny.yaml")
    #expect(again.status == 0, "\(again.errors)")
    #expect(try await bench.run("run", "tiny.yaml", "--results", "whole").status == 0)
    #expect(try bench.results() == bench.results(in: "whole"))
    #expect(ResultStore.inspect(database).isSound)
  }

  @Test(arguments: ["before-commit@2", "after-commit", "during-migration"])
  func aWriterKilledAtItsCommitLosesNothingThatWasAcknowledged(place: String) async throws {
    let killed = try await sweep(["GAMMAPLANE_FAILPOINT=\(place)"])
    #expect(killed.status == SIGKILL || killed.status == 128 + SIGKILL)
    try await expectRecovery()
  }

  @Test(arguments: ["wal", "database"])
  func anErrorOfFsyncStopsTheSweepAndIsNotRetried(file: String) async throws {
    guard let shim = try await failingSync() else { return }
    for calls in file == "wal" ? [1, 3] : [0] {
      try? FileManager.default.removeItem(atPath: bench.path("results"))
      let count = bench.path("count-\(UUID().uuidString)")
      let failed = try await sweep([
        "LD_PRELOAD=\(shim)", "FAIL_SUFFIX=\(file == "wal" ? "-wal" : ".sqlite")", "FAIL_AFTER=\(calls)",
        "FAIL_COUNT=\(count)",
      ])
      let failures = FileManager.default.contents(atPath: count)?.count ?? 0
      // So few syncs of this file may be needed that none fails.
      guard failures > 0 else { continue }
      // The last sync of the database is made while it is closed, when all results are in its
      // journal.
      #expect(
        failed.status == 74 || (file == "database" && failed.status == 0),
        "after \(calls) calls: \(failed.status) \(failed.errors)")
      #expect(failures <= 2, "the transaction was retried: \(failures) failures")
      try await expectRecovery()
    }
  }

  /// A library that makes `fsync` fail for good on files with a certain ending, after so many
  /// calls; nil without a C compiler.
  private func failingSync() async throws -> String? {
    let source = try bench.file(
      "failing-sync.c",
      """
      #define _GNU_SOURCE
      #include <dlfcn.h>
      #include <errno.h>
      #include <fcntl.h>
      #include <stdio.h>
      #include <stdlib.h>
      #include <string.h>
      #include <unistd.h>
      static int calls;
      static int fails(int fd) {
        char link[64], path[4096];
        const char *suffix = getenv("FAIL_SUFFIX"), *count = getenv("FAIL_COUNT");
        snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
        ssize_t n = readlink(link, path, sizeof path - 1);
        if (n < 0 || !suffix) return 0;
        path[n] = 0;
        size_t s = strlen(suffix);
        if ((size_t)n < s || strcmp(path + n - s, suffix) != 0) return 0;
        if (calls++ < atoi(getenv("FAIL_AFTER"))) return 0;
        int out = open(count, O_WRONLY | O_CREAT | O_APPEND, 0644);
        if (out >= 0) { ssize_t w = write(out, "x", 1); (void)w; close(out); }
        errno = EIO;
        return 1;
      }
      int fsync(int fd) {
        int (*real)(int) = (int (*)(int))dlsym(RTLD_NEXT, "fsync");
        return fails(fd) ? -1 : real(fd);
      }
      int fdatasync(int fd) {
        int (*real)(int) = (int (*)(int))dlsym(RTLD_NEXT, "fdatasync");
        return fails(fd) ? -1 : real(fd);
      }
      """)
    let library = bench.path("failing-sync.so")
    let built = try? await RunningCommand(
      "/usr/bin/env", ["cc", "-shared", "-fPIC", "-o", library, source, "-ldl"], in: bench, worker: nil
    ).end()
    return built?.status == 0 ? library : nil
  }

  /// Needs the right to mount a file system; elsewhere the test of a full database has to do.
  @Test func aFullDiskLosesNothing() async throws {
    let mount = bench.path("results")
    try FileManager.default.createDirectory(atPath: mount, withIntermediateDirectories: true)
    func system(_ words: String...) async throws -> Int32 {
      try await RunningCommand("/usr/bin/env", words, in: bench, worker: nil).end().status
    }
    guard getuid() == 0, try await system("mount", "-t", "tmpfs", "-o", "size=320k", "tmpfs", mount) == 0
    else { return }
    do {
      let filler = bench.path("results/filler")
      // Room for the tables, and not for all results.
      try bench.grid(widths: Array(50..<80))
      try Data(count: 60_000).write(to: URL(fileURLWithPath: filler))
      let full = try await bench.run("run", "tiny.yaml")
      #expect(full.status == 74, "\(full.errors)")
      #expect(full.errors.contains("full"), "\(full.errors)")
      try FileManager.default.removeItem(atPath: filler)
      _ = try await system("mount", "-o", "remount,size=64m", mount)
      try await expectRecovery(whole: "elsewhere")
    } catch {
      Issue.record(error)
    }
    _ = try await system("umount", "-l", mount)
  }

  private func expectRecovery(whole: String) async throws {
    let again = try await bench.run("run", "tiny.yaml")
    #expect(again.status == 0, "\(again.errors)")
    #expect(try await bench.run("run", "tiny.yaml", "--results", whole).status == 0)
    #expect(try bench.results() == bench.results(in: whole))
  }
}
