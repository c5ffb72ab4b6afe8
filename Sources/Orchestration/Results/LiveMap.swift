import LimitFit
import Model
import Networks
import ResultStore

/// The fit of what is recorded of a sweep by now, in its database and in its shards; nothing is
/// written.
package struct LiveMap {
  /// The sweep.
  package let sweep: Sweep
  /// What its names mean.
  package let context: SweepContext
  /// The fit.
  package let map: PhaseMap

  /// Fits what there is.
  ///
  /// - Returns: nil while there is no database.
  /// - Throws: ``Failure`` if the order parameter or the plane is not known; what the store throws.
  package init?(of reference: SweepReference, families: NetworkFamilies = .builtIn) throws {
    let folder = reference.folder
    let shards = ShardSet.all(in: folder).flatMap(\.tasks).flatMap(\.databases)
    guard let store = try folder.store(mayBeMissing: true) ?? Self.first(of: shards) else { return nil }
    sweep = try reference.grid ?? folder.sweep(in: store)
    context = try SweepContext(sweep, families: families, store: store)
    var observations = try store.observations(of: sweep, quantity: context.orderParameter)
    for database in shards where database != store.path {
      // One that has just begun, or has just been merged, or is damaged, adds nothing.
      guard let store = try? ResultStore.read(at: database),
        let others = try? store.observations(of: sweep, quantity: context.orderParameter)
      else { continue }
      for (index, other) in others.enumerated() where observations[index].state == .pending {
        observations[index] = other
      }
    }
    map = PhaseMap.fit(
      observations: observations, orderParameter: context.orderParameter, plane: context.plane,
      axes: sweep.axes, theory: context.theory)
  }

  private static func first(of databases: [String]) -> ResultStore? {
    databases.lazy.compactMap { try? ResultStore.read(at: $0) }.first
  }
}
