import Model

/// The neurons of trained networks before and after: orientation against amplitude, at one setting
/// or several, in one colour for each width. Where neurons condense, few orientations carry nearly
/// all amplitude.
public struct FeatureFigure: Figure {
  /// How single neurons are drawn.
  public enum Detail: Sendable {
    /// Every place that holds a neuron, to two pixels.
    case neurons
    /// The mean amplitude of each degree, as where only histograms were recorded: a third of the
    /// size.
    case means
  }

  /// The runs.
  public var panels: RunPanels<NeuronSnapshot>
  /// How much is drawn.
  public var detail: Detail

  /// A figure.
  public init(_ panels: RunPanels<NeuronSnapshot>, detail: Detail = .neurons) {
    self.panels = panels
    self.detail = detail
  }

  private var isSmall: Bool { panels.frame.size == .small }

  /// The picture.
  public var document: FigureDocument {
    let colours = panels.colours
    let layout = FeatureLayout(colours: colours, detail: detail, isStacked: isSmall)
    let sheet = panels.sheet(
      layout, subtitle: "normalised amplitude |a||w| of the neurons against the angle of (w, b)",
      legend: legend(colours), remarks: remarks)
    return sheet.document(
      kind: "features", name: "Neurons before and after training", description: description)
  }

  /// In how many degrees nearly all amplitude lies before and after, a line for each width where
  /// panels are small.
  private func remarks(_ entry: RunPanels<NeuronSnapshot>.Entry) -> [RichText] {
    guard !entry.runs.isEmpty else { return [RichText(entry.count(of: "neurons"))] }
    let parts = entry.ascending.map { run -> RichText in
      let (before, after) = run.record.amplitudes
      return WidthColours.name(run.width) + RichText(": \(before.orientations)° → \(after.orientations)°")
    }
    if isSmall { return ["degrees with 99 % of the amplitude:"] + parts }
    return [
      "degrees that carry 99 % of the amplitude, before → after:",
      parts.dropFirst().reduce(parts.first ?? "") { $0 + ",   " + $1 },
    ]
  }

  private var description: String {
    "The amplitude |a||w| of the neurons against the angle of their input weight and bias, before and "
      + "after training, and below how much of all amplitude each degree carries. The fewer degrees carry "
      + "99 % of it, the more the neurons are condensed. "
      + panels.described { remarks($0).map(\.plain).joined(separator: " ") }
  }

  private func legend(_ colours: WidthColours) -> Legend {
    let all = panels.entries.flatMap(\.runs)
    return Legend(
      entries: colours.widths.map { width in
        let isEach =
          detail == .neurons
          && all.contains { run in
            if case .each = run.record { run.width == width } else { false }
          }
        return Legend.Entry(
          text: WidthColours.name(width) + (isEach ? ", every neuron" : ", mean of each degree")
        ) { box in
          let colour = colours.colour(width)
          guard isEach else {
            var line = Element.polyline(box.across())
            line.attributes += [("stroke", colour), ("stroke-width", "2"), ("fill", "none")]
            return [line]
          }
          var dots = PathText()
          for (x, y) in [(0.15, 0.3), (0.35, 0.7), (0.5, 0.4), (0.7, 0.65), (0.85, 0.3)] {
            dots.dot(at: Point(x: box.minX + x * box.width, y: box.minY + y * box.height))
          }
          return [
            dots.element(["stroke": colour, "stroke-width": "3.4", "stroke-linecap": "round", "fill": "none"])
          ]
        }
      })
  }
}
