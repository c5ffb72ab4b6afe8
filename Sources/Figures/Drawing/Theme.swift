/// The colours of a page: paper, ink, and what lies on them. What lies on coloured cells is
/// ``CellInk``, the same in all themes.
///
/// A colour is a CSS paint: `#rrggbb`, or in ``adaptive`` a custom property that falls back to the
/// one of ``light``.
public struct Theme: Hashable, Sendable {
  /// Its name, as `--theme` takes it.
  public let name: String
  /// Text and lines; at least 7 : 1 against the paper.
  public let ink: String
  /// For what explains: subtitles, numbers at ticks; at least 4.5 : 1.
  public let softInk: String
  /// What everything is drawn on.
  public let paper: String
  /// Grid lines; faint.
  public let rule: String
  /// Theory, as distinct from measurement: the one hue that the colour maps do not use; at least
  /// 4.5 : 1.
  public let theory: String
  /// Colours for categories, such as widths, in the order they are used; readers with colour-vision
  /// deficiency can tell them apart; at least 4.5 : 1 against the paper.
  public let series: [String]

  /// Dark ink on white.
  public static let light = Theme(
    name: "light", ink: "#1f2328", softInk: "#4d5560", paper: "#ffffff", rule: "#dde1e6", theory: "#0b7a3b",
    series: ["#1560bd", "#b84a00", "#0b7a6b", "#8c3fb0", "#8a6100", "#b3245b"])

  /// Light ink on almost black.
  public static let dark = Theme(
    name: "dark", ink: "#e8ebef", softInk: "#aeb6c1", paper: "#14171c", rule: "#353b44", theory: "#4bd48a",
    series: ["#74b0ff", "#ff9f5c", "#45cdb5", "#d29bff", "#e3b94e", "#ff86ad"])

  /// Colours that the document around the figure sets, for SVG inlined in HTML: `--gammaplane-ink`
  /// and so on, see ``declarations``.
  public static let adaptive = Theme(
    name: "adaptive", light.properties.map { "var(--gammaplane-\($0.name), \($0.colour))" })

  /// All that a command offers.
  public static let all = [light, dark]

  /// The CSS declarations by which ``adaptive`` figures take the colours of this theme:
  /// `--gammaplane-ink: #1f2328; …`, for a rule such as `:root { … }`.
  public var declarations: String {
    properties.map { "--gammaplane-\($0.name): \($0.colour);" }.joined(separator: " ")
  }

  /// The colours with the names of their custom properties.
  private var properties: [(name: String, colour: String)] {
    [("ink", ink), ("soft-ink", softInk), ("paper", paper), ("rule", rule), ("theory", theory)]
      + series.enumerated().map { ("series-\($0 + 1)", $1) }
  }

  private init(
    name: String, ink: String, softInk: String, paper: String, rule: String, theory: String, series: [String]
  ) {
    self.name = name
    self.ink = ink
    self.softInk = softInk
    self.paper = paper
    self.rule = rule
    self.theory = theory
    self.series = series
  }

  /// A theme of colours in the order of ``properties``.
  private init(name: String, _ colours: [String]) {
    self.init(
      name: name, ink: colours[0], softInk: colours[1], paper: colours[2], rule: colours[3],
      theory: colours[4],
      series: Array(colours.dropFirst(5)))
  }

  /// The colour of a category; they begin again where there are more categories than colours.
  func series(_ index: Int) -> String { series[index % series.count] }
}

/// The inks on coloured cells. The cells have the same colours in every theme, since a colour is a
/// number, and so has what lies on them.
enum CellInk {
  /// On cells that are not dark.
  static let dark = "#1f2328"
  /// On dark cells, and as the light edge of dark lines.
  static let light = "#ffffff"
  /// Theory.
  static let theory = "#0b7a3b"
  /// Cells without a number. Neutral and darker than the centre of the colour map, so that it is no
  /// value.
  static let noData = "#c4c6c8"
  /// The plane where there are no cells.
  static let ground = "#f4f5f7"
}
