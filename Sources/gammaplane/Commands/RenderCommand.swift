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
    help: "A grid file, or the name of a sweep that has results (default: all sweeps).",
    completion: .gridOrSweep)
  var grid: String?

  @Option(
    help: "The kind of figure.", completion: .list(FigureKind.all.map(\.name)))
  var figure = FigureKind.default.name

  @OptionGroup var output: FigureOutputOptions
  @OptionGroup var lens: LensOptions
  @OptionGroup var panels: PanelOptions
  @OptionGroup var words: WordOptions
  @OptionGroup var results: ResultsOption

  mutating func run() async throws {
    let kind = try FigureKind.named(figure, taking: panels.given + words.given)
    if let file = output.output, file != "-" { try OutputFile.checkName(file, option: "--output") }
    let format = output.chosenFormat
    let converter = format == .svg ? nil : try FigureConverter(for: format)
    let references =
      output.output == nil
      ? try SweepReference.all(grid, in: results.place) : [try SweepReference.only(grid, in: results.place)]
    for reference in references {
      let document = try kind.draw(request(reference)).document
      let bytes =
        try converter?.convert(document, to: format, scale: output.scale) ?? Data(document.svg.utf8)
      if let file = output.output {
        try OutputFile.write(bytes, to: file)
      } else {
        let theme = output.theme == .light ? "" : "-\(output.theme.rawValue)"
        let slice = kind.showsPlane ? panels.settings.suffix : ""
        let path = reference.folder.figure(
          kind.name + lens.suffix + slice, ending: "\(theme).\(format.rawValue)")
        try writeFigure(bytes, to: path, remedy: "this command again")
        Console.print(path)
      }
    }
  }

  private func request(_ reference: SweepReference) throws -> FigureRequest {
    let store = try ResultStore.read(at: reference.folder.database)
    let sweep = try reference.grid ?? store.sweep(named: reference.folder.name)
    return FigureRequest(
      sweep: sweep, store: store, context: try lens.context(of: sweep, in: store), title: output.title,
      theme: output.theme.theme, panels: panels, words: words)
  }
}
