/// The exit codes of all commands: those of `sysexits.h` where it has one that fits.
package enum ExitStatus: Int32, CaseIterable {
  /// Everything that was asked for is done.
  case done = 0
  /// The sweep has finished, but some of its runs failed.
  case someRunsFailed = 1
  /// EX_USAGE.
  case usage = 64
  /// EX_DATAERR.
  case badGrid = 65
  /// EX_NOINPUT.
  case noInput = 66
  /// EX_UNAVAILABLE.
  case unavailable = 69
  /// EX_SOFTWARE.
  case software = 70
  /// EX_CANTCREAT.
  case cannotOpen = 73
  /// EX_IOERR.
  case inputOutput = 74
  /// EX_TEMPFAIL.
  case interrupted = 75

  /// What it means, for the help.
  package var meaning: String {
    switch self {
    case .done: "done"
    case .someRunsFailed: "the sweep has finished, but some runs failed"
    case .usage: "wrong arguments"
    case .badGrid: "the grid file is wrong"
    case .noInput: "there is no such grid file, sweep or fit"
    case .unavailable: "what is needed is missing or does not work: a worker, a converter, Slurm"
    case .software: "a bug in gammaplane"
    case .cannotOpen: "the results or an output are locked, read-only, newer or not ours"
    case .inputOutput: "the results are damaged, or the disk is full or fails"
    case .interrupted: "interrupted; the same command resumes"
    }
  }

  /// The table of exit codes at the end of the help.
  package static var help: String {
    "EXIT CODES:\n" + Formatting.table(allCases.map { ["\($0.rawValue)", $0.meaning] }, left: [0, 1])
  }
}
