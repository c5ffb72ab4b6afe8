import Foundation
import Model
import Platform
import Scheduling
import WorkerProtocol

/// Starts a worker for its hello.
package enum WorkerProbe {
  /// How long it may run when it has written its first line, in seconds.
  private static let terminationGracePeriod = 2.0

  /// The first line of a worker that is given nothing to do, in the time that a sweep would wait
  /// for it; nil if there is none, or it is no hello. The time is bounded whatever it does.
  package static func hello(of worker: WorkerCommand) -> WorkerHello? {
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
    let end = Date.now.addingTimeInterval(terminationGracePeriod)
    while process.isRunning, Date.now < end { usleep(10_000) }
    if process.isRunning { kill(process.processIdentifier, SIGKILL) }
    let message = try? JSONDecoder().decode(WorkerMessage.self, from: Data(line.utf8))
    return if case .hello(let hello)? = message { hello } else { nil }
  }

  private static func firstLine(_ descriptor: Int32) -> String {
    var line: [UInt8] = []
    let start = ContinuousClock.now
    while !line.contains(0x0a), line.count < 1 << 16 {
      let left =
        (Duration.seconds(Limits.defaultHelloTimeout) - (ContinuousClock.now - start)) / .milliseconds(1)
      var ready = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
      guard left > 0, poll(&ready, 1, Int32(left)) != 0 else { break }
      guard let bytes = try? readBytes(from: descriptor, atMost: 4096), !bytes.isEmpty else { break }
      line += bytes
    }
    return String(decoding: line.prefix { $0 != 0x0a }, as: UTF8.self)
  }
}
