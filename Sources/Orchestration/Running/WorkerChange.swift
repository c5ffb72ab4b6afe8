import Model
import Platform
import ResultStore

/// Results are those of the command line of a worker of one's own: with other arguments it may
/// compute something else.
package enum WorkerChange {
  /// Refuses a sweep whose results were computed by other command lines than that of its grid.
  ///
  /// - Parameter store: its results.
  /// - Throws: ``Failure`` with both command lines; what the store throws.
  package static func refuse(_ sweep: Sweep, recordedIn store: ResultStore) throws {
    if let change = try failure(sweep, recordedIn: store) { throw change }
  }

  /// Records that results of the grid's command line may stand beside those of others, also where
  /// there is nothing to do that would record it.
  ///
  /// - Throws: what the store throws.
  package static func accept(_ sweep: Sweep, in store: ResultStore) throws {
    guard let own = sweep.worker?.arguments, try failure(sweep, recordedIn: store) != nil else { return }
    try store.accept(command: own, of: sweep.problem.digest)
  }

  /// Why a sweep is refused; nil if it is not.
  package static func failure(_ sweep: Sweep, recordedIn store: ResultStore) throws -> Failure? {
    guard let own = sweep.worker?.arguments else { return nil }
    let earlier = try store.commands(of: sweep.problem.digest).compactMap { $0 }
    // A change that was accepted has left results of this command line.
    guard let other = earlier.first, !earlier.contains(own) else { return nil }
    func words(_ command: [String]) -> String { command.map(shellQuoted).joined(separator: " ") }
    return Failure(
      .cannotOpen,
      "\(sweep.name): results are those of the worker `\(words(other))`, and the grid now names "
        + "`\(words(own))`, which may compute something else; name another `method` in the grid, which keeps "
        + "them apart, or pass --accept-worker-change if results stay the same")
  }
}
