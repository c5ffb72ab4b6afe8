import ArgumentParser
import Figures
import Foundation
import Orchestration
import ResultStore

/// `gammaplane render`.
struct RenderCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "render",
    abstract: "Draw a figure of a sweep: the phase map, or another kind.",
    discussion: """
      Writes FIGURE.svg in the sweep's folder, named after quantity, plane and slice where these are \
      given, or what --output names, and prints its path. The same results give the same bytes; a file \
      that holds them already is left alone. Only reads the database. docs/figures.md shows all \
      figures.

      \(FigureKind.help)

      \(ExitStatus.help)
      """)

  @Argument(
    help: ArgumentHelp(
      """
      A grid file, or the name of a sweep that has results (default: all sweeps). Several are shown in one \
      figure: maps in rows with one colour bar, or their difference.
      """, valueName: "grid"),
    completion: .gridOrSweep)
  var grids: [String] = []

  @Option(
    help: "The kind of figure.", completion: .list(FigureKind.all.map(\.name)))
  var figure = FigureKind.default.name

  @OptionGroup var output: FigureOutputOptions
  @OptionGroup var lens: LensOptions
  @OptionGroup var panels: PanelOptions
  @OptionGroup var words: WordOptions
  @OptionGroup var paper: PaperOptions
  @OptionGroup var results: ResultsOption

  mutating func run() async throws {
    let kind = try FigureKind.named(figure, taking: panels.given + words.given + paper.given)
    if let file = output.output, file != "-" { try OutputFile.checkName(file, option: "--output") }
    let format = output.chosenFormat
    let converter = format == .svg ? nil : try FigureConverter(for: format)
    let groups = try groups(kind)
    for group in groups {
      guard let reference = group.first else { continue }
      var request = try request(reference)
      request.others = try group.dropFirst().map(self.request)
      let document = paper.sized(try kind.draw(request).document)
      let bytes =
        try converter?.convert(document, to: format, scale: output.scale) ?? Data(document.svg.utf8)
      if let file = output.output {
        try OutputFile.write(bytes, to: file)
      } else {
        let theme = output.theme == .light ? "" : "-\(output.theme.rawValue)"
        let slice = kind.showsPlane ? panels.settings.suffix : ""
        let others = group.dropFirst().map { "-" + $0.folder.name }.joined()
        let path = reference.folder.figure(
          kind.name + lens.suffix + slice + others, ending: "\(theme).\(format.rawValue)")
        try writeFigure(bytes, to: path, remedy: "this command again")
        Console.print(path)
      }
    }
  }

  /// The sweeps of each figure.
  private func groups(_ kind: FigureKind) throws -> [[SweepReference]] {
    let count = max(1, grids.count)
    guard kind.sweeps.contains(count) else {
      let takers = FigureKind.all.filter { $0.sweeps.contains(count) }.map(\.name)
      throw Failure(
        .usage,
        "\(kind.name) shows \(kind.sweeps.lowerBound == 1 ? "one sweep" : "two sweeps"), and "
          + "\(Formatting.count(count, "name")) \(count == 1 ? "is" : "are") given"
          + (takers.isEmpty ? "" : "; figures of \(count): \(takers.joined(separator: ", "))"))
    }
    if grids.count > 1 { return [try grids.map { try SweepReference($0, in: results.place) }] }
    if output.output == nil { return try SweepReference.all(grids.first, in: results.place).map { [$0] } }
    return [[try SweepReference.only(grids.first, in: results.place)]]
  }

  private func request(_ reference: SweepReference) throws -> FigureRequest {
    let store = try ResultStore.read(at: reference.folder.database)
    let sweep = try reference.grid ?? store.sweep(named: reference.folder.name)
    return FigureRequest(
      sweep: sweep, store: store, context: try lens.context(of: sweep, in: store), title: output.title,
      theme: output.theme.theme, panels: panels, words: words, paper: paper)
  }
}
