import LimitFit
import Model

/// RD against the width at one phase point or several, a panel each: every run, the fitted curve with its band, and the local
/// slopes below.
public struct ScalingFigure: Figure {
  /// What is shown of one point.
  public struct Entry: Sendable {
    /// The fit of the point.
    public var fit: PointFit
    /// Its runs, in any order.
    public var observations: [Observation]
    /// The curve through them; nil where there is none.
    public var curve: FittedCurve?

    /// An entry.
    public init(fit: PointFit, observations: [Observation], curve: FittedCurve?) {
      self.fit = fit
      self.observations = observations
      self.curve = curve
    }
  }

  /// A panel for each.
  public var entries: [Entry]
  /// What is around them.
  public var frame: PanelFrame

  /// How far beyond the largest width the curve is shown, in decades.
  public static let decadesBeyond = 0.35

  /// A figure.
  public init(entries: [Entry], frame: PanelFrame) {
    self.entries = entries
    self.frame = frame
  }

  /// The picture.
  public var document: FigureDocument {
    let panels = entries.map(ScalingPanel.init)
    let layout = ScalingLayout(panels, isLarge: frame.size.isLarge(entries.count), theme: frame.theme)
    let sheet = PanelSheet(
      frame: frame, subtitle: subtitle,
      panels: panels.map { panel in
        PanelSheet.Panel(
          name: PanelSheet.name(of: panel.fit.point),
          // A document with a heading of its own has said the first already.
          remarks: panel.remarks.dropFirst(frame.size == .small ? 1 : 0).map { RichText($0) }
        ) {
          layout.draw(panel, at: $0, $1)
        }
      },
      panelWidth: layout.width, panelHeight: layout.height, legend: legend(panels))
    return sheet.document(id: "scaling", name: "RD against the width", description: description(panels))
  }

  private var subtitle: String {
    let points = Numeral.count(entries.count, "point")
    let runs = Numeral.count(entries.reduce(0) { $0 + $1.observations.count }, "run")
    return "relative change of the input weights against the width · \(points) · \(runs)"
  }

  private func description(_ panels: [ScalingPanel]) -> String {
    let all = panels.prefix(40).map { panel in
      ([panel.plainName] + panel.remarks).joined(separator: "; ")
    }
    return
      ([
        "The relative change RD of the input weights against the width m, both axes logarithmic: every run, the fitted "
          + "curve with its 95 % band, and below the slope between neighbouring widths with its 95 % interval beside the "
          + "exponent S for m → ∞ and the one expected in theory."
      ] + all).joined(separator: " ")
      + (panels.count > 40 ? " And \(panels.count - 40) more points." : "")
  }

  /// An entry for everything that occurs.
  private func legend(_ panels: [ScalingPanel]) -> Legend {
    let theme = frame.theme
    let colour = theme.series(0)
    var entries: [Legend.Entry] = []
    for mark in PanelMark.allCases where panels.contains(where: { $0.marks[mark] != nil }) {
      entries.append(
        .init(text: RichText(ScalingPanel.names[mark] ?? "")) {
          [mark.sample(in: $0, colour: mark == .failed ? theme.ink : colour, paper: theme.paper)]
        })
    }
    if panels.contains(where: { $0.curve != nil }) {
      entries.append(
        .init(text: "fit, 95 % band") { box in
          [
            .rectangle(box.grown(by: -2), ["fill": colour, "fill-opacity": ScalingLayout.bandOpacity]),
            ScalingLayout.curve(box.across(), colour: colour),
          ]
        })
      entries.append(
        .init(text: "fit, extrapolated") {
          [ScalingLayout.curve($0.across(), colour: colour, isBeyond: true)]
        })
    }
    if panels.contains(where: { !$0.fit.localSlopes.isEmpty }) {
      entries.append(
        .init(text: "local slope, 95 % interval") { box in
          ScalingLayout.slope(
            at: box.centre, low: box.maxY, high: box.minY, colour: colour)
        })
    }
    if panels.contains(where: { $0.fit.exponent != nil }) {
      entries.append(
        .init(text: .symbol("S") + " for " + .symbol("m") + " → ∞, 95 % interval") { box in
          ScalingLayout.exponent(box.grown(by: -2), at: box.centre.y, colour: theme.softInk)
        })
    }
    if panels.contains(where: { $0.fit.expectedExponent.isFinite }) {
      entries.append(
        .init(text: .symbol("S") + " in theory") { [ScalingLayout.theory($0.across(), theme: theme)] })
    }
    return Legend(entries: entries)
  }
}
