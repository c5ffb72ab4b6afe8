import ArgumentParser
import Figures
import Foundation

/// What journals ask of figures, and what a caption says instead.
struct PaperOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The width on paper: 8.6 for a column, 17.8 for a page; the plane is made so small that lettering has 8 pt.",
      valueName: "cm"))
  var widthCm: Double?

  @Option(help: "The font, such as 'Times New Roman'; the viewer or converter must have it.")
  var font: String?

  @Option(
    help: ArgumentHelp(
      "Where the colours of a map end: they go from −LIMIT to LIMIT, the same in every figure.",
      valueName: "limit"))
  var range: Double?

  @Flag(help: "Leave out the boundary of the theory.")
  var noTheory = false

  @Flag(help: "Leave out named initialisations and other landmarks.")
  var noLandmarks = false

  @Option(
    help: ArgumentHelp(
      "The names of the panels of several sweeps, in their order (default: those of the sweeps).",
      valueName: "a,b,…"))
  var labels: String?

  func validate() throws {
    if let widthCm, !(2...100).contains(widthCm) {
      throw ValidationError("--width-cm must be from 2 to 100, not \(widthCm).")
    }
    if let range, !(range > 0 && range.isFinite) {
      throw ValidationError("--range must be above 0, not \(range).")
    }
    if let font, font.contains(where: { "<>&\"".contains($0) }) {
      throw ValidationError("--font must be the name of a font, not “\(font)”.")
    }
  }

  /// The options that only maps take.
  static let mapOptions: Set = ["--range", "--no-theory", "--no-landmarks", "--labels"]

  /// The names of the options that were given and that not every figure takes.
  var given: [String] {
    [
      ("--range", range != nil), ("--no-theory", noTheory), ("--no-landmarks", noLandmarks),
      ("--labels", labels != nil),
    ].filter(\.1).map(\.0)
  }

  /// The names of panels.
  var names: [String] {
    labels?.split(separator: ",", omittingEmptySubsequences: false).map(String.init) ?? []
  }

  /// Pixels of CSS in a centimetre.
  private static let pixels = 96 / 2.54
  /// How large a unit of a page is on paper, in pixels of CSS: text of 14 has 8 pt.
  private static let unit = 8.0 / 0.75 / 14

  /// How wide the page is to be in its own units; nil: any.
  var pageWidth: Double? { widthCm.map { $0 * Self.pixels / Self.unit } }

  /// The figure in its size on paper.
  func sized(_ document: FigureDocument) -> FigureDocument {
    var document = document
    document.font = font.map { $0.contains(" ") ? "'\($0)'" : $0 }
    if let widthCm { document.magnification = widthCm * Self.pixels / document.width }
    return document
  }
}
