import Model

/// That a grid names another problem than the sweep of its name was last run with, as after its
/// data were edited, or where two grids have the same name.
package enum ProblemChange {
  /// The keys of the grid that differ, in words: "samples, tolerance"; nil if none does.
  package static func keys(from old: Problem, to new: Problem) -> String? {
    guard old != new else { return nil }
    let changes = [
      ("method", old.method != new.method), ("network", old.network != new.network),
      ("parameters", old.parameters != new.parameters), ("samples", old.samples != new.samples),
      ("stop.mean_squared_residual", old.target != new.target),
      ("tolerance", old.tolerance != new.tolerance),
    ]
    return changes.filter(\.1).map(\.0).joined(separator: ", ")
  }
}
