import ArgumentParser
import GridFile
import Model
import Networks
import Orchestration
import ResultStore

/// Through which quantity and which plane a sweep is seen.
struct LensOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The quantity that is fitted, instead of the sweep's order parameter.", valueName: "name"))
  var quantity: String?

  @Option(
    help: ArgumentHelp(
      """
      The parameters that span the plane, instead of the sweep's: x, or x,y. The others are fixed, or \
      make a row of maps.
      """, valueName: "names"))
  var plane: String?

  /// The names of the options that were given.
  var given: [String] {
    [("--quantity", quantity), ("--plane", plane)].compactMap { $0.1 == nil ? nil : $0.0 }
  }

  /// What to add to the name of a file, so that it does not take the place of what is seen without
  /// these options.
  var suffix: String {
    [quantity, plane.map { Self.names($0).joined(separator: "-") }].compactMap { $0 }.map { "-" + $0 }
      .joined()
  }

  private static func names(_ plane: String) -> [String] {
    plane.split(separator: ",").map { name in
      String(name.filter { $0 != " " }).replacing("-", with: "_")
    }
  }

  /// What may have been meant by a name; empty: nothing that is known.
  private static func suggestion(_ name: String, among known: [String]) -> String {
    nearest(to: name, of: known).map { "\nDid you mean \($0)?" } ?? ""
  }

  /// The context of a sweep, seen so.
  ///
  /// - Throws: ``Failure`` if there is no such quantity or parameter.
  func context(
    of sweep: Sweep, in store: ResultStore, families: NetworkFamilies = .builtIn
  ) throws -> SweepContext {
    var sweep = sweep
    if let plane {
      let names = Self.names(plane)
      let known = sweep.axes.names
      guard (1...2).contains(names.count), Set(names).count == names.count,
        names.allSatisfy(known.contains)
      else {
        let stranger = names.first { !known.contains($0) }
        throw Failure(
          .usage,
          "--plane takes one or two of the parameters of \(sweep.name): \(known.joined(separator: ", "))"
            + (stranger.map { Self.suggestion($0, among: known) } ?? ""))
      }
      sweep.plane = names
    }
    if let quantity {
      let known = try store.quantityNames(of: sweep.problem.digest)
      guard known.isEmpty || known.contains(quantity) else {
        throw Failure(
          .usage,
          "results of \(sweep.name) have no quantity “\(quantity)”; they have "
            + known.joined(separator: ", ") + Self.suggestion(quantity, among: known))
      }
      sweep.orderParameter = quantity
    }
    return try SweepContext(sweep, families: families, store: store)
  }
}
