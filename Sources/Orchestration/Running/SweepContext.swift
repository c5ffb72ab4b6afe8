import Failpoints
import LimitFit
import Model
import Networks
import ResultStore

/// What the names of a sweep mean: from the family of its networks, or from the hello of its
/// workers.
package struct SweepContext: Sendable {
  /// The family; nil: the networks are those of a worker of one's own.
  package let family: (any NetworkFamily)?
  /// Title, parameters and quantities; empty lists where nothing is known.
  package let description: FamilyDescription
  /// The plane of its phase map.
  package var plane: Plane
  /// The quantity that decides the phase.
  package var orderParameter: String
  private let problem: Problem

  /// The theory of plane and order parameter, whichever way round the axes are; nil where there is
  /// none.
  package var theory: (any Theory)? {
    guard let family else { return nil }
    if let theory = family.theory(of: problem, plane: plane, orderParameter: orderParameter) {
      return theory
    }
    return plane.transposed
      .flatMap { family.theory(of: problem, plane: $0, orderParameter: orderParameter) }
      .map { TransposedTheory($0) }
  }

  /// The quantity that decides the phase, as its family describes it.
  package var quantity: Quantity { description.quantity(orderParameter) }

  /// The context of a sweep.
  ///
  /// - Parameters:
  ///   - store: its results, with the hellos of their workers; nil: there are none yet.
  /// - Throws: ``Failure`` if the order parameter is not known, or the grid names a plane of
  ///   parameters that it does not have; what the store throws.
  package init(_ sweep: Sweep, families: NetworkFamilies, store: ResultStore?) throws {
    problem = sweep.problem
    family = families.family(of: sweep.problem)
    let own = try family == nil ? store?.description(of: sweep.problem.digest) : nil
    description =
      family?.description ?? own
      ?? FamilyDescription(title: sweep.problem.method, methods: [sweep.problem.method])
    plane = try Self.plane(of: sweep, description)
    let known = try store?.quantityNames(of: sweep.problem.digest) ?? []
    // A worker that does not describe its quantities is believed to use a known name for what it
    // stands for.
    let familiar = families.all.compactMap(\.description.orderParameter).first(where: known.contains)
    guard
      let name = sweep.orderParameter ?? description.orderParameter ?? familiar
        ?? (known.count == 1 ? known[0] : nil)
    else {
      throw Failure(
        .badGrid,
        "\(sweep.name): the order parameter is not known; "
          + (known.isEmpty
            ? "there is no result yet"
            : "results have \(known.joined(separator: ", ")): write one of them in the grid as "
              + "`order_parameter: NAME`, then run it again; all results are kept")
      )
    }
    orderParameter = name
  }

  /// The plane that the grid names, or the family, or the first two parameters of which there are
  /// several values.
  private static func plane(of sweep: Sweep, _ description: FamilyDescription) throws -> Plane {
    let names = sweep.axes.names
    if let plane = Plane(sweep.plane.isEmpty ? description.plane : sweep.plane),
      plane.names.allSatisfy(names.contains)
    {
      return plane
    }
    if !sweep.plane.isEmpty {
      throw Failure(
        .badGrid,
        "\(sweep.name): the plane is spanned by \(sweep.plane.joined(separator: ", ")), and the axes are "
          + names.joined(separator: ", "))
    }
    let varied = names.filter { name in Set(sweep.blocks.flatMap { $0[name] }).count > 1 }
    guard let plane = Plane(varied.isEmpty ? names : varied) else {
      throw Failure(.badGrid, "\(sweep.name) has no parameter, over which a phase map could be drawn")
    }
    return plane
  }
}

/// The fit of everything that is recorded of a sweep, which is stored if it is new.
package func fitAndSave(_ sweep: Sweep, _ context: SweepContext, in store: ResultStore) throws -> PhaseMap {
  Failpoint.beforeFit.pass()
  if let map = try store.currentPhaseMap(
    of: sweep, orderParameter: context.orderParameter, plane: context.plane)
  {
    return map
  }
  let map = try freshFit(of: sweep, context, in: store)
  try store.save(map, of: sweep)
  return map
}

/// The fit of everything that is recorded of a sweep.
package func freshFit(of sweep: Sweep, _ context: SweepContext, in store: ResultStore) throws -> PhaseMap {
  PhaseMap.fit(
    observations: try store.observations(of: sweep, quantity: context.orderParameter),
    orderParameter: context.orderParameter, plane: context.plane, axes: sweep.axes, theory: context.theory)
}
