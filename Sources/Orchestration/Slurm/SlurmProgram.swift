import Cluster
import Foundation
import Platform
import Synchronization

/// A program of Slurm, run to its end.
package struct SlurmProgram {
  /// What came of it.
  package struct Answer: Hashable {
    package var status: Int32
    package var output: String
    package var errors: String
  }

  /// Why there is no answer.
  package enum Failure: Error, Hashable {
    /// The program is not installed here.
    case notInstalled(String)
    /// It ended with an error, and this message.
    case failed(String, message: String)
    /// It did not end in time, in seconds.
    case tookTooLong(String, seconds: Int)

    /// What happened, for people.
    package var cause: String {
      switch self {
      case .notInstalled(let name):
        "\(name) is not installed: this is no machine of a Slurm cluster, or PATH lacks the folder of its programs"
      case .failed(let name, let message):
        "\(name) failed\(message.isEmpty ? ", without a message" : ": \(message)")"
      case .tookTooLong(let name, let seconds): "\(name) did not answer within \(seconds) seconds"
      }
    }
  }

  /// Runs a program and returns what it printed.
  ///
  /// - Parameters:
  ///   - name: such as `squeue`, looked up in PATH.
  ///   - seconds: how long it may take; Slurm itself gives up sooner.
  ///   - script: the batch script that is submitted, if one is.
  ///   - complaint: a message that means failure although the exit code is 0.
  /// - Throws: ``Failure``.
  package static func output(
    _ name: String, _ arguments: [String], within seconds: Int = 60, submitting script: String? = nil,
    failingOn complaint: String? = nil
  ) throws(Failure) -> String {
    let environment = SlurmEnvironment.cleaned(ProcessInfo.processInfo.environment, submitting: script)
    let answer = try run(name, arguments, within: seconds, in: environment)
    guard answer.status == 0, complaint.map({ !answer.errors.contains($0) }) ?? true else {
      let message = answer.errors.isEmpty ? answer.output : answer.errors
      throw .failed(name, message: Formatting.lines(message, last: 5).replacing("\n", with: "; "))
    }
    return answer.output
  }

  private static func run(
    _ name: String, _ arguments: [String], within seconds: Int, in environment: [String: String]
  ) throws(Failure) -> Answer {
    guard let path = path(of: name) else { throw .notInstalled(name) }
    let process = Process()
    process.executableURL = URL(fileURLWithPath: path)
    process.arguments = arguments
    process.environment = environment
    process.standardInput = FileHandle.nullDevice
    let (output, errors) = (Pipe(), Pipe())
    process.standardOutput = output
    process.standardError = errors
    let ended = DispatchSemaphore(value: 0)
    process.terminationHandler = { _ in ended.signal() }
    do { try process.run() } catch { throw .failed(name, message: error.localizedDescription) }
    let texts = [Collected(output), Collected(errors)]
    guard ended.wait(timeout: .now() + .seconds(seconds)) == .success else {
      kill(process.processIdentifier, SIGKILL)
      throw .tookTooLong(name, seconds: seconds)
    }
    return Answer(status: process.terminationStatus, output: texts[0].text, errors: texts[1].text)
  }

  /// What comes out of a pipe, read on a thread of its own: a full one would keep the program from
  /// ending.
  private final class Collected: Sendable {
    private let bytes = Mutex(Data())
    private let done = DispatchSemaphore(value: 0)

    init(_ pipe: Pipe) {
      let handle = pipe.fileHandleForReading
      Thread.detachNewThread { [self] in
        let all = (try? handle.readToEnd()) ?? nil
        bytes.withLock { $0 = all ?? Data() }
        done.signal()
      }
    }

    var text: String {
      // A grandchild may hold the pipe open.
      _ = done.wait(timeout: .now() + .seconds(5))
      return String(decoding: bytes.withLock { $0 }, as: UTF8.self)
    }
  }

  private static func path(of name: String) -> String? {
    let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin").split(separator: ":")
    return folders.lazy.map { "\($0)/\(name)" }.first(where: isProgram)
  }
}
