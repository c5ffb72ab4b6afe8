import Model
import Networks

/// What the runs of a sweep are expected to take, before any of them has been measured: the
/// estimate of the network family, or a neutral one for a worker of one's own.
public struct RunEstimates: Sendable {
  private let problem: Problem
  private let family: (any NetworkFamily)?
  private let runMemory: Int?

  /// Bytes of a run of a worker of one's own: an interpreter with a library for numerics.
  public static let defaultRunMemory = 256 << 20

  /// The estimates for a sweep.
  ///
  /// - Parameter families: the networks that this program can train.
  public init(_ sweep: Sweep, families: NetworkFamilies = .builtIn) {
    problem = sweep.problem
    family = families.family(of: sweep.problem)
    runMemory = sweep.limits.runMemory
  }

  /// What a run is expected to take; its seed does not matter. Memory is `limits.run_memory` where
  /// the grid has it.
  public func estimate(_ run: Run) -> RunEstimate {
    var estimate =
      family?.estimate(run, of: problem)
      ?? RunEstimate(seconds: 0.01 + 1e-7 * run.width, bytes: Self.defaultRunMemory)
    estimate.seconds = Self.rounded(estimate.seconds)
    if let runMemory { estimate.bytes = runMemory }
    return estimate
  }

  /// The expected CPU seconds of some runs together; takes time for each setting and width, not for
  /// each seed.
  public func seconds(of runs: RunSet) -> Double {
    (0..<runs.cellCount).reduce(0) { sum, index in
      let cell = runs.cell(index)
      return sum + estimate(cell, of: runs).seconds * Double(cell.runs.count)
    }
  }

  func estimate(_ cell: RunSet.Cell, of runs: RunSet) -> RunEstimate {
    estimate(Run(cell.setting, width: runs.widths[cell.widthIndex], seed: 0))
  }

  /// To about four digits. Machines whose mathematical libraries differ in the last bit are to
  /// agree on which of two runs takes longer: they divide a sweep among themselves by it.
  private static func rounded(_ seconds: Double) -> Double {
    guard seconds.isNormal else { return seconds }
    let unit = seconds.binade / 4096
    return (seconds / unit).rounded() * unit
  }
}
