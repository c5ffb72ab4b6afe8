import Foundation
import Orchestration
import Platform

/// A file that a command writes, or standard output.
///
/// The file is written under another name, and takes its own when it is whole: no reader sees half
/// of it, and an earlier one stays until then. What is no ordinary file, such as a pipe, is written
/// as it is.
struct OutputFile {
  /// The reader of standard output has ended.
  enum ReaderHasGone: Error { case instance }

  private enum Target {
    case standardOutput
    /// What is no ordinary file.
    case asItIs(OpenFile)
    case whole(AtomicFile)
  }

  private let target: Target
  /// What messages call it.
  private let name: String

  /// Opens a file; standard output without a path.
  init(path: String?) throws {
    name = path ?? "standard output"
    guard let path else {
      target = .standardOutput
      return
    }
    // A symbolic link stays one.
    let target = resolvedPath(path) ?? path
    do throws(SystemError) {
      self.target =
        fileStatus(target)?.isOrdinary ?? true
        ? .whole(try AtomicFile(target)) : .asItIs(try OpenFile(target, O_WRONLY))
    } catch {
      throw Self.failure(.cannotOpen, name, error)
    }
  }

  /// Writes all of it.
  ///
  /// - Throws: ``ReaderHasGone``, and ``Failure`` if it cannot be written.
  func write(_ bytes: [UInt8]) throws {
    do throws(SystemError) {
      switch target {
      case .standardOutput: try writeAll(bytes, to: STDOUT_FILENO)
      case .asItIs(let file): try file.write(bytes)
      case .whole(let file): try file.write(bytes)
      }
    } catch {
      if error.number == EPIPE { throw ReaderHasGone.instance }
      throw Self.failure(.inputOutput, name, error)
    }
  }

  /// Gives the file its name. It is on the disk then. A file that is not closed is removed.
  func close() throws {
    guard case .whole(let file) = target else { return }
    do throws(SystemError) {
      try file.commit()
    } catch {
      throw Self.failure(.inputOutput, name, error)
    }
  }

  private static func failure(_ status: ExitStatus, _ name: String, _ error: SystemError) -> Failure {
    let remedy =
      switch error.number {
      case ENOENT, ENOTDIR: "make the folder first"
      case EACCES, EPERM, EROFS: "check the permissions of the folder"
      default: "make room"
      }
    return Failure(status, "\(name) cannot be written (\(error)); \(remedy), or send it elsewhere")
  }

  /// Writes a file in parts; standard output without a path.
  static func write(to path: String?, _ body: (OutputFile) throws -> Void) throws {
    let file = try OutputFile(path: path)
    do {
      try body(file)
      try file.close()
    } catch ReaderHasGone.instance {
      // A reader that wanted the beginning only has got it.
    }
  }

  /// Writes a whole file and prints its name; `-` is standard output.
  static func write(_ bytes: Data, to file: String) throws {
    try write(to: file == "-" ? nil : file) { try $0.write(Array(bytes)) }
    if file != "-" { Console.print(file) }
  }

  /// Fails if what an option names is a folder.
  static func checkName(_ path: String, option: String) throws {
    guard !path.isEmpty else { throw Failure(.usage, "\(option) is empty; name a file") }
    guard !path.hasSuffix("/"), !isFolder(path) else {
      throw Failure(.usage, "\(option): “\(path)” is a folder; name a file")
    }
  }

  /// Fails if a file could not be written: better now than after hours.
  ///
  /// - Parameters:
  ///   - path: where it is to be.
  ///   - option: the option that names it.
  static func check(_ path: String, option: String) throws {
    try checkName(path, option: option)
    let folder = URL(fileURLWithPath: path).deletingLastPathComponent().path
    if let obstacle = accessError(folder, W_OK) {
      throw Failure(
        .cannotOpen, "\(option): \(path) could not be written: \(folder): \(obstacle)")
    }
  }
}
