import Foundation
import LimitFit
import Testing

@testable import Figures

/// Figures say what they show to those who cannot see them, and can be read by those who can.
struct AccessibilityTests {
  @Test(arguments: SampleMaps.figures.map(\.name))
  func everythingThatIsReferredToIsThere(name: String) throws {
    let figure = try #require(SampleMaps.figures.first { $0.name == name }).figure
    let parsed = ParsedSVG(figure.svg())
    let root = parsed.items[0]
    let ids = parsed.items.compactMap { $0.attributes["id"] }
    #expect(Set(ids).count == ids.count)
    #expect(root.attributes["role"] == "img")
    let labels = (root.attributes["aria-labelledby"] ?? "").split(separator: " ").map(String.init)
    #expect(labels.count == 2)
    for label in labels {
      #expect(parsed.items.first { $0.attributes["id"] == label }?.text.isEmpty == false)
    }
    for value in parsed.items.flatMap(\.attributes.values) where value.contains("url(") {
      #expect(ids.contains { value == "url(#\($0))" }, "\(value)")
    }
    // Nothing outside of the file.
    for item in parsed.items {
      #expect(!["script", "image", "style", "use", "foreignObject"].contains(item.name))
      #expect(item.attributes.keys.allSatisfy { !$0.contains("href") && !$0.hasPrefix("on") })
    }
    #expect(["grid", "problem", "program", "fit"].allSatisfy { !parsed.all($0).isEmpty })
  }

  @Test func everyCellHasItsNumbers() throws {
    for (name, figure) in SampleMaps.figures {
      let titles = ParsedSVG(figure.svg()).all("title").filter { $0.path.contains("g") }
      #expect(titles.count == figure.map.points.count, "\(name)")
      for (title, setting) in zip(titles, figure.shownSettings) {
        #expect(title.text.hasPrefix(figure.context.text(setting) + "\n"), "\(name)")
      }
    }
  }

  @Test func theDescriptionTellsWhatIsMarked() throws {
    let figure = try #require(SampleMaps.figures.first { $0.name == "phase-map" }).figure
    let description = try #require(ParsedSVG(figure.svg()).all("desc").first).text
    for words in [
      "from −2.5 to 2.5, which", "49 points · 23 linear", "Hatched (95 % interval includes 0): ",
      "Marked for failed runs: 1.", "Marked for stationary runs: 1.", "Marked for too few widths: 1.",
      "the area around it its 95 % band",
    ] { #expect(description.contains(words), "\(words) in \(description)") }
    // What lies outside of the map is named, too.
    var elsewhere = figure
    elsewhere.map = grid([3, 4], [0, 1]) { g, _ in g }
    #expect(
      ParsedSVG(elsewhere.svg()).all("desc").first?.text.hasSuffix(
        "Outside the map: NTK; LeCun, He; Xavier, mean-field.") == true)
  }

  @Test(arguments: Theme.all)
  func themesCanBeRead(theme: Theme) throws {
    #expect(try contrast(theme.ink, theme.paper) >= 7)
    for ink in [theme.softInk, theme.theory] + theme.series {
      #expect(try contrast(ink, theme.paper) >= 4.5, "\(ink) of \(theme.name)")
    }
    // An adaptive figure takes every colour of a theme.
    for colour in [theme.ink, theme.softInk, theme.paper, theme.rule, theme.theory] + theme.series {
      #expect(theme.declarations.contains(": \(colour);"))
    }
  }

  @Test func adaptiveFiguresNameTheirColours() throws {
    let svg = try #require(SampleMaps.figures.first { $0.name == "phase-map-adaptive" }).figure.svg()
    for name in ["ink", "soft-ink", "paper"] {
      #expect(
        svg.contains("var(--gammaplane-\(name), #")
          && Theme.dark.declarations.contains("--gammaplane-\(name): #"))
    }
    // The paper of a theme is in the document around the figure, and nowhere in it.
    #expect(!svg.contains(Theme.dark.paper))
  }

  /// The contrast of two colours (WCAG 2.2).
  private func contrast(_ a: String, _ b: String) throws -> Double {
    func luminance(_ hex: String) throws -> Double {
      let rgb = try #require(UInt32(hex.dropFirst(), radix: 16))
      func linear(_ byte: UInt32) -> Double {
        let c = Double(byte & 255) / 255
        return c <= 0.04045 ? c / 12.92 : pow((c + 0.055) / 1.055, 2.4)
      }
      return 0.2126 * linear(rgb >> 16) + 0.7152 * linear(rgb >> 8) + 0.0722 * linear(rgb)
    }
    let (x, y) = (try luminance(a), try luminance(b))
    return (max(x, y) + 0.05) / (min(x, y) + 0.05)
  }
}
