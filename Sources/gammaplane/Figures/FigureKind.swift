import Figures
import GridFile
import LimitFit
import Model
import Orchestration
import ResultStore

/// A kind of figure that `render` draws. Each family of kinds is in a file of its own.
struct FigureKind: Sendable {
  /// As `--figure` takes it; also the stem of the file's name.
  var name: String
  /// What it shows, in a line of the help.
  var summary: String
  /// The options of ``PanelOptions`` and ``WordOptions`` that it takes.
  var options: Set<String> = []
  /// Whether it shows the whole plane, of which `--at` selects a slice.
  var showsPlane = false
  /// How many sweeps it shows in one figure.
  var sweeps = 1...1
  /// Draws it.
  var draw: @Sendable (FigureRequest) throws -> any Figure

  /// All kinds, in the order of the help.
  static let all = phaseMaps + panels

  /// The one that is meant where none is named.
  static let `default` = phaseMap

  /// The kind of a name.
  ///
  /// - Parameter options: those of ``options`` that were given.
  /// - Throws: ``Failure`` that lists all kinds and names the nearest, or about an option that the
  ///   kind does not take.
  static func named(_ name: String, taking options: [String] = []) throws -> FigureKind {
    let names = all.map(\.name)
    guard let kind = all.first(where: { $0.name == name }) else {
      throw Failure(
        .usage,
        "there is no figure “\(name)”"
          + (nearest(to: name, of: names).map { "; did you mean \($0)?" } ?? "")
          + "\nFigures: \(names.joined(separator: ", "))")
    }
    if let option = options.first(where: { !kind.options.contains($0) }) {
      let takers = all.filter { $0.options.contains(option) }.map(\.name)
      throw Failure(
        .usage,
        "\(option) means nothing to the figure \(kind.name); "
          + (takers.isEmpty ? "leave it out" : "figures that take it: \(takers.joined(separator: ", "))"))
    }
    return kind
  }

  /// The kinds with what they show, for the help.
  static var help: String {
    // The parser breaks longer lines without regard to columns.
    let room = 74 - (all.map(\.name.count).max() ?? 0)
    let rows = all.flatMap { kind in
      Formatting.wrapped(kind.summary, to: room).enumerated().map { [$0 == 0 ? kind.name : "", $1] }
    }
    return "FIGURES:\n" + Formatting.table(rows, left: [0, 1])
  }
}

/// What a figure is drawn from.
struct FigureRequest {
  var sweep: Sweep
  /// Open for reading.
  var store: ResultStore
  /// What the names of the sweep mean, with the quantity and the plane that were asked for.
  var context: SweepContext
  /// The heading; nil: the default of the kind.
  var title: String?
  var theme: Theme
  /// Which points, widths and so on.
  var panels: PanelOptions
  var words: WordOptions
  var paper = PaperOptions()
  /// Other sweeps that are shown beside it, or compared with it, in the order in which they were
  /// named.
  var others: [FigureRequest] = []

  /// Where the figure comes from.
  var provenance: FigureProvenance { FigureProvenance(of: sweep) }

  /// The fit of everything that is recorded.
  func phaseMap() throws -> PhaseMap { try presentFit(of: sweep, context, in: store) }
}
