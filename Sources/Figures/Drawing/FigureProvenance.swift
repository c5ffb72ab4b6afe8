/// Where a figure comes from; it is written into the figure's metadata. Nothing here depends on the
/// time.
public struct FigureProvenance: Hashable, Sendable {
  /// The name of the grid.
  public var grid: String
  /// The digest of the grid: of the problem and all axes.
  public var digest: String
  /// The digest of the problem.
  public var problem: String
  /// The name and version of the program.
  public var program: String
  /// The name of the fit, for instance `PhaseMap.fitMethod`.
  public var fitMethod: String

  /// A provenance; any text will do.
  public init(grid: String, digest: String, problem: String, program: String, fitMethod: String) {
    self.grid = grid
    self.digest = digest
    self.problem = problem
    self.program = program
    self.fitMethod = fitMethod
  }

  /// As a `metadata` element.
  var metadata: Element {
    Element(
      "metadata", [:],
      [
        Element(
          "provenance", ["xmlns": "urn:gammaplane:provenance"],
          [
            Element("grid", ["digest": digest], text: grid), Element("problem", text: problem),
            Element("program", text: program), Element("fit", text: fitMethod),
          ])
      ])
  }
}
