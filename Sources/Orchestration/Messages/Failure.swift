import GridFile
import ResultStore
import Scheduling

/// Why a command ends early: the message on standard error, and the exit code.
package struct Failure: Error, Hashable {
  /// The exit code.
  package var status: ExitStatus
  /// What was wrong, where, and what to do next.
  package var message: String

  package init(_ status: ExitStatus, _ message: String) {
    self.status = status
    self.message = message
  }

  /// The failure that an error of one of the libraries means; nil for any other error.
  package init?(_ error: any Error) {
    switch error {
    case let error as Failure: self = error
    case let error as GridError: self.init(error, subject: "the grid")
    case let error as StoreError: self.init(Self.status(of: error), error.description)
    default: return nil
    }
  }

  /// The failure that an error in a grid or a file of samples means; `subject` is what cannot be
  /// used.
  package init(_ error: GridError, subject: String) {
    self.init(
      .badGrid,
      "\(subject) cannot be used: \(Formatting.count(error.issues.count, "error"))\n\(error)")
  }

  private static func status(of error: StoreError) -> ExitStatus {
    switch error {
    case .locked, .foreign, .newer, .older, .notReadable, .notWritable, .noDescriptors, .busy:
      .cannotOpen
    case .changed: .interrupted
    case .missing, .unknownSweep: .noInput
    case .damaged, .replaced, .full, .inputOutput, .sqlite: .inputOutput
    case .implausible, .unexpected: .software
    }
  }
}
