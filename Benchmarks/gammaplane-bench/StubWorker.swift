import Foundation
import Platform

/// A worker that computes nothing: it answers every run after a while, and notes how long it waited
/// for orders. It reads and writes as little as it can, for what it costs must not be taken for
/// what the orchestrator costs.
struct StubWorker {
  private let seconds: Double
  private let folder: String
  /// Waits count from so many seconds after the start on, when all workers of a node have started.
  private static let settling = 5.0

  init(_ options: Options) throws {
    seconds = try options.number("seconds", default: 0)
    folder = try options.text("folder")
  }

  /// Serves until the end of the input, then writes the longest waits, in seconds, all and those
  /// after the start, into a file of its own.
  func serve() {
    say(#"{"type":"hello","worker":"stub 1","protocol":1,"methods":["impulse/4"]}"#)
    let clock = ContinuousClock()
    let start = clock.now
    var longest = (ever: 0.0, later: 0.0)
    var answered: ContinuousClock.Instant?
    while let line = readLine() {
      guard let key = line.range(of: #""run":""#) else { continue }
      let identity = line[key.upperBound...].prefix { $0 != "\"" }
      if let answered {
        let wait = (clock.now - answered) / .seconds(1)
        longest.ever = max(longest.ever, wait)
        if (clock.now - start) / .seconds(1) > Self.settling { longest.later = max(longest.later, wait) }
      }
      if seconds > 0 { usleep(UInt32(seconds * 1e6)) }
      // The first digits of the identity make RD vary, so that there is something to fit.
      let rd = 0.5 + Double(Int(identity.prefix(2), radix: 16) ?? 0) * 1e-5
      say(
        #"{"type":"result","run":"\#(identity)","outcome":"converged","reason":"target reached","#
          + #""quantities":{"rd":\#(rd),"sup_rd":0.52,"mean_squared_residual":1e-06,"time":12.5},"#
          + #""steps":103,"wall_seconds":\#(seconds),"initial_seconds":0}"#
      )
      answered = clock.now
    }
    let text = "\(longest.ever) \(longest.later)\n"
    _ = FileManager.default.createFile(atPath: "\(folder)/\(getpid())", contents: Data(text.utf8))
  }

  private func say(_ line: String) {
    try? writeAll(Array((line + "\n").utf8), to: STDOUT_FILENO)
  }
}
