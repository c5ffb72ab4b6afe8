import LimitFit
import Model

/// The order parameter against the width at one setting or several, a panel each: every run, the
/// fitted curve with its band or the way to the computed limit, and the local slopes below. A
/// quantity that can be negative has a linear axis, and neither curve nor slopes.
public struct ScalingFigure: Figure {
  /// What is shown of one setting.
  public struct Entry: Sendable {
    /// The fit of the setting.
    public var fit: PointFit
    /// Its runs, in any order.
    public var observations: [Observation]
    /// The curve through them; nil where there is none.
    public var curve: FittedCurve?
    /// The order parameter on the way to a computed limit, ascending; empty: it is not shown.
    public var rungs: [Ladder.Rung]

    /// An entry.
    public init(
      fit: PointFit, observations: [Observation], curve: FittedCurve?, rungs: [Ladder.Rung] = []
    ) {
      self.fit = fit
      self.observations = observations
      self.curve = curve
      self.rungs = rungs
    }
  }

  /// A panel for each.
  public var entries: [Entry]
  /// What the names mean.
  public var context: FigureContext
  /// What is around them.
  public var frame: PanelFrame

  /// How far beyond the largest width the curve is shown, in decades.
  public static let decadesBeyond = 0.35

  /// A figure.
  public init(entries: [Entry], context: FigureContext, frame: PanelFrame) {
    self.entries = entries
    self.context = context
    self.frame = frame
  }

  /// The picture.
  public var document: FigureDocument {
    let panels = entries.map { ScalingPanel($0, context) }
    let layout = ScalingLayout(
      panels, quantity: context.orderParameter, isLarge: frame.size.isLarge(entries.count), theme: frame.theme
    )
    let sheet = PanelSheet(
      frame: frame, subtitle: subtitle,
      panels: panels.map { panel in
        PanelSheet.Panel(
          name: context.heading(panel.fit.setting),
          // A document with a heading of its own has said the first already.
          remarks: panel.remarks.dropFirst(frame.size == .small ? 1 : 0).map { RichText($0) }
        ) {
          layout.draw(panel, at: $0, $1)
        }
      },
      panelWidth: layout.width, panelHeight: layout.height, legend: legend(panels))
    return sheet.document(
      kind: "scaling", name: "\(symbol) against the width", description: description(panels))
  }

  private var symbol: String { context.orderParameter.symbol }
  private var isSigned: Bool { context.orderParameter.isSigned }

  private var subtitle: String {
    let points = counted(entries.count, "point")
    let runs = counted(entries.reduce(0) { $0 + $1.observations.count { !$0.run.isLimit } }, "run")
    let summary = context.orderParameter.summary
    return "\(summary.isEmpty ? symbol : summary) against the width · \(points) · \(runs)"
  }

  private func description(_ panels: [ScalingPanel]) -> String {
    let all = panels.prefix(40).map { panel in
      ([context.text(panel.fit.setting)] + panel.remarks).joined(separator: "; ")
    }
    let theory = context.theory == nil ? "" : " and the one expected in theory"
    let what =
      isSigned
      ? "\(context.orderParameter.explained) against the width m on a logarithmic axis: every run."
      : "\(context.orderParameter.explained) against the width m, both axes logarithmic: every run, the "
        + "fitted curve with its 95 % band, and below the slope between neighbouring widths with its 95 % "
        + "interval beside the exponent S for m → ∞\(theory)."
    return ([what] + all).joined(separator: " ")
      + (panels.count > 40 ? " And \(panels.count - 40) more points." : "")
  }

  /// An entry for everything that occurs.
  private func legend(_ panels: [ScalingPanel]) -> Legend {
    let theme = frame.theme
    let colour = theme.series(0)
    var entries: [Legend.Entry] = []
    for mark in PanelMark.allCases where panels.contains(where: { $0.marks[mark] != nil }) {
      entries.append(
        .init(text: RichText(ScalingPanel.name(of: mark, symbol))) {
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
    guard !isSigned else { return Legend(entries: entries) }
    if panels.contains(where: { !$0.rungs.isEmpty }) {
      entries.append(
        .init(text: "weighted neurons") { box in
          ScalingLayout.rungs([box.across()[0], box.centre, box.across()[1]], colour: theme.series(1))
        })
    }
    if panels.contains(where: { $0.crossover != nil }) {
      entries.append(
        .init(text: "crossover width") { box in
          [
            ScalingLayout.crossover(
              [Point(x: box.centre.x, y: box.minY), Point(x: box.centre.x, y: box.maxY)], theme: theme)
          ]
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
    if panels.contains(where: { $0.fit.expectedExponent?.isFinite ?? false }) {
      entries.append(
        .init(text: .symbol("S") + " in theory") { [ScalingLayout.theory($0.across(), theme: theme)] })
    }
    return Legend(entries: entries)
  }
}
