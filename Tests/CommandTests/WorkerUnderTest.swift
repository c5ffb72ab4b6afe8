import Foundation
import Testing

/// A worker process under test.
final class WorkerUnderTest {
  let process = Process()
  private let input = Pipe()
  private let output = Pipe()
  private let errors: URL
  private let exit: AsyncStream<Void>
  private var buffer = Data()

  static let problem =
    #"{"type":"problem","protocol":1,"problem":"p","method":"impulse/4","network":{"activation":"relu","#
    + #""antisymmetric":false,"bias":true},"samples":{"x":[[-1],[-0.3],[0.4],[1]],"y":[0.2,-0.4,0.6,-0.1]},"#
    + #""target":1e-06,"tolerance":0.001}"#

  static func order(
    _ run: String, width: Int, seed: Int = 0, gamma: Double = 1.75, gammaPrime: Double = 0, more: String = "",
    steps: Int = 100_000
  ) -> String {
    #"{"type":"run","run":"\#(run)","problem":"p","attempt":1,"setting":{"gamma":\#(gamma),"gamma_prime":\#(gammaPrime)},"#
      + #""width":\#(width),"seed":\#(seed),"budget":{"steps":\#(steps),"wall_seconds":600}\#(more)}"#
  }

  static func checkpoint(_ run: String) -> String { #"{"type":"checkpoint","run":"\#(run)"}"# }

  /// A run of minutes in a debug build.
  static let long = order("long", width: 3_000_000, more: #","progress_seconds":0"#)

  /// Starts it, and takes its hello. In a shell the worker must take its place.
  init(_ bench: Workbench, environment: [String: String] = [:], shell: String? = nil) throws {
    errors = bench.url.appendingPathComponent("err-\(UUID().uuidString)")
    try Data().write(to: errors)
    process.executableURL = URL(fileURLWithPath: shell == nil ? Executables.worker : "/bin/sh")
    if let shell { process.arguments = ["-c", shell] }
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    process.currentDirectoryURL = bench.url
    process.standardInput = input
    process.standardOutput = output
    process.standardError = try FileHandle(forWritingTo: errors)
    let (exit, done) = AsyncStream<Void>.makeStream()
    self.exit = exit
    process.terminationHandler = { _ in done.finish() }
    signal(SIGPIPE, SIG_IGN)
    try process.run()
    #expect(try line()["type"] as? String == "hello")
  }

  func send(_ lines: String...) {
    try? input.fileHandleForWriting.write(contentsOf: Data((lines.joined(separator: "\n") + "\n").utf8))
  }

  func closeInput() { try? input.fileHandleForWriting.close() }

  func closeOutput() { try? output.fileHandleForReading.close() }

  /// The next line that it writes.
  func line() throws -> [String: Any] {
    while true {
      if let end = buffer.firstIndex(of: 10) {
        let line = buffer[..<end]
        buffer = Data(buffer[(end + 1)...])
        return try #require(try JSONSerialization.jsonObject(with: line) as? [String: Any])
      }
      let more = output.fileHandleForReading.availableData
      let complaints = try String(contentsOf: errors, encoding: .utf8)
      try #require(!more.isEmpty, "the worker has ended: \(complaints)")
      buffer += more
    }
  }

  /// The next line with a property.
  func line(where isMeant: ([String: Any]) -> Bool) throws -> [String: Any] {
    while true {
      let line = try line()
      if isMeant(line) { return line }
    }
  }

  /// The next line that is not about progress.
  func answer() throws -> [String: Any] { try line { $0["type"] as? String != "progress" } }

  func steps(of line: [String: Any]) throws -> Int { try #require(line["steps"] as? Int) }

  /// Waits until the run under way has made so many steps.
  func waitForSteps(_ steps: Int) throws {
    _ = try line { $0["type"] as? String == "progress" && $0["steps"] as? Int ?? -1 >= steps }
  }

  /// Waits for its end; returns the rest of its output.
  func end(closingInput: Bool = true) async throws -> (status: Int32, errors: String, rest: String) {
    if closingInput { closeInput() }
    var rest = buffer
    rest += (try? output.fileHandleForReading.readToEnd()) ?? Data()
    for await _ in exit {}
    return (
      process.terminationStatus, try String(contentsOf: errors, encoding: .utf8),
      String(decoding: rest, as: UTF8.self)
    )
  }
}
