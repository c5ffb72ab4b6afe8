import Figures
import Foundation
import Testing

/// Figures are the same to the byte as those in `Golden/`, which people have looked at.
///
/// After a change that is meant, `GAMMAPLANE_WRITE_GOLDEN=1 swift test --filter GoldenTests` writes
/// them anew: look at each of them before it is committed.
struct GoldenTests {
  private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .appendingPathComponent("Golden")

  @Test(arguments: SampleMaps.figures.map(\.name))
  func mapsAreWhatTheyWere(name: String) throws {
    let figure = try #require(SampleMaps.figures.first { $0.name == name }).figure
    try compare(figure, name)
  }

  @Test(arguments: SamplePanels.figures.map(\.name))
  func panelsAreWhatTheyWere(name: String) throws {
    try compare(try #require(SamplePanels.figures.first { $0.name == name }).figure, name)
  }

  /// Compares a figure with its golden file, or writes that.
  private func compare(_ figure: any Figure, _ name: String) throws {
    let file = Self.folder.appendingPathComponent("\(name).svg")
    let svg = figure.svg()
    if ProcessInfo.processInfo.environment["GAMMAPLANE_WRITE_GOLDEN"] != nil {
      try Data(svg.utf8).write(to: file)
      return
    }
    let golden = try String(contentsOf: file, encoding: .utf8)
    guard svg != golden else { return }
    // The first line that differs says more than two documents.
    let (here, there) = (svg.split(separator: "\n"), golden.split(separator: "\n"))
    let place = zip(here, there).prefix { $0 == $1 }.count
    func line(_ lines: [Substring]) -> Substring {
      place < lines.count ? lines[place].prefix(200) : "the end"
    }
    Issue.record("\(name).svg differs in line \(place + 1): \(line(here)), where it was \(line(there))")
  }
}
