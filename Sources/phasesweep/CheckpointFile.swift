import Foundation
import GradientFlow

/// The file in which `phasesweep flow` keeps a run that did not come to its end.
struct CheckpointFile {
  let path: String

  /// Fails if the file could not be written: better now than after hours.
  func check() throws {
    let folder = URL(fileURLWithPath: path).deletingLastPathComponent().path
    guard access(folder, W_OK) == 0 else {
      throw CommandFailure(
        .cannotOpen,
        "the checkpoint \(path) could not be written: \(folder): \(String(cString: strerror(errno)))")
    }
  }

  /// The run at the state in the file; nil if there is no file.
  func resume(_ flow: FlowRun, initial: InitialValues?, threads: Int) throws -> FlowIntegration? {
    guard FileManager.default.fileExists(atPath: path) else { return nil }
    guard let file = FileHandle(forReadingAtPath: path) else {
      throw CommandFailure(
        .noInput, "cannot read the checkpoint \(path): \(String(cString: strerror(errno)))")
    }
    do {
      return try FlowIntegration(resuming: flow, initial: initial, threads: threads) {
        Array(try file.read(upToCount: 1 << 20) ?? Data())
      }
    } catch let error as CheckpointError {
      throw CommandFailure(
        .noInput, "cannot continue from \(path): \(error). Name another file, or remove this one")
    } catch {
      throw CommandFailure(.inputOutput, "cannot read the checkpoint \(path): \(error.localizedDescription)")
    }
  }

  /// Writes the state of a run; what was there before stays until it is complete.
  func write(_ flow: FlowIntegration) throws {
    let draft = path + ".part"
    do {
      guard FileManager.default.createFile(atPath: draft, contents: nil),
        let file = FileHandle(forWritingAtPath: draft)
      else { throw CocoaError(.fileWriteNoPermission) }
      try flow.writeCheckpoint { try file.write(contentsOf: Data($0)) }
      try file.synchronize()
      try file.close()
      guard rename(draft, path) == 0 else { throw CocoaError(.fileWriteUnknown) }
    } catch {
      try? FileManager.default.removeItem(atPath: draft)
      throw CommandFailure(
        .inputOutput, "cannot write the checkpoint \(path): \(error.localizedDescription)")
    }
  }

  /// Removes the file of a run that is over.
  func remove() {
    try? FileManager.default.removeItem(atPath: path)
  }
}
