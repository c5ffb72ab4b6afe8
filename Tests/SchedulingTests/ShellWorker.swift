import Foundation
import Model
import Synchronization

@testable import Scheduling

/// A worker written as a shell script in a temporary folder, which is removed at the end.
///
/// The script may use: `hello`; `answer RUN`, a result; `$id`, `$seed` and `$attempt` of the order
/// at hand. It notes the id of its process in the folder.
final class ShellWorker: Sendable {
  let folder: URL
  var command: WorkerCommand { WorkerCommand(path: "/bin/sh", arguments: [script.path]) }
  private var script: URL { folder.appending(path: "worker.sh") }

  /// - Parameters:
  ///   - onStart: what to do first; sends hello by default.
  ///   - onRun: what to do with an order; answers it by default.
  ///   - onEnd: what to do at the end of the input; ends by default.
  init(onStart: String = "hello", onRun: String = "answer $id", onEnd: String = "exit 0") throws {
    folder = FileManager.default.temporaryDirectory.appending(path: "scheduling-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let text = """
      folder='\(folder.path)'
      echo $$ >> "$folder/pids"
      hello() { echo '{"type":"hello","worker":"sh","protocol":1,"methods":["test/1"]}'; }
      answer() {
        echo '{"type":"result","run":"'$1'","outcome":"converged","reason":"ok",'\\
      '"quantities":{"rd":0.5,"sup_rd":0.5},"steps":1,"wall_seconds":0}'
      }
      field() { rest=${line#*\\"$1\\":}; rest=${rest%%,*}; rest=${rest%\\}}; rest=${rest#\\"}; echo ${rest%\\"}; }
      \(onStart)
      while read -r line; do
        case "$line" in *'"type":"run"'*) ;; *) continue ;; esac
        id=$(field run) seed=$(field seed) attempt=$(field attempt)
        \(onRun)
      done
      \(onEnd)
      """
    try text.write(to: script, atomically: true, encoding: .utf8)
  }

  deinit { try? FileManager.default.removeItem(at: folder) }

  /// The lines that the script has written to a file of its folder.
  func lines(of name: String) -> [String] {
    let text = try? String(contentsOf: folder.appending(path: name), encoding: .utf8)
    return (text ?? "").split(separator: "\n").map(String.init)
  }

  /// All worker processes that were ever started (and, by `echo $! >> "$folder/pids"`, what they
  /// started).
  var pids: [pid_t] { lines(of: "pids").compactMap { pid_t($0) } }

  /// How many of them still exist; processes that were just killed get a moment to disappear, and
  /// on a busy machine many: one that is not killed lives on for minutes.
  func survivors(within timeout: Duration = .seconds(30)) async throws -> Int {
    let start = ContinuousClock.now
    while start.duration(to: .now) < timeout {
      let alive = pids.count { !Self.isGone($0) }
      if alive == 0 { return 0 }
      try await Task.sleep(for: .milliseconds(10))
    }
    return pids.count { !Self.isGone($0) }
  }

  /// Gone, or dead and waiting for init to notice.
  private static func isGone(_ pid: pid_t) -> Bool {
    if kill(pid, 0) != 0 { return true }
    let status = try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8)
    return status?.split(separator: ")").last?.hasPrefix(" Z") ?? true
  }
}

/// Stores what is recorded in memory.
actor MemorySink: ResultSink {
  struct Full: Error, Equatable {}

  private(set) var batches: [[FinishedRun]] = []
  private var isBusy = false
  /// Whether calls overlapped.
  private(set) var overlapped = false
  private let delay: Duration
  private let capacity: Int

  /// - Parameters:
  ///   - delay: how long a commit takes.
  ///   - capacity: after how many batches the disk is full.
  init(delay: Duration = .zero, capacity: Int = .max) {
    self.delay = delay
    self.capacity = capacity
  }

  var recorded: [FinishedRun] { batches.flatMap { $0 } }

  func record(_ batch: [FinishedRun]) async throws {
    if isBusy { overlapped = true }
    isBusy = true
    defer { isBusy = false }
    if delay > .zero { try await Task.sleep(for: delay) }
    guard batches.count < capacity else { throw Full() }
    batches.append(batch)
  }
}
