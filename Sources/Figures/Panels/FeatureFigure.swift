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

  /// What neurons are drawn against.
  public enum Abscissa: Hashable, Sendable {
    /// The angle of (w, b), of networks on a line.
    case angle
    /// The cosine of w and a direction.
    case cosine(NeuronCosines.Direction)
  }

  /// The runs.
  public var panels: RunPanels<NeuronSnapshot>
  /// What their neurons are drawn against.
  public var abscissa: Abscissa
  /// How much is drawn.
  public var detail: Detail

  /// A figure.
  public init(
    _ panels: RunPanels<NeuronSnapshot>, abscissa: Abscissa = .angle, detail: Detail = .neurons
  ) {
    self.panels = panels
    self.abscissa = abscissa
    self.detail = detail
  }

  private var isSmall: Bool { panels.frame.size == .small }

  /// The picture.
  public var document: FigureDocument {
    let colours = panels.colours
    let layout = FeatureLayout(colours: colours, abscissa: abscissa, detail: detail, isStacked: isSmall)
    let sheet = panels.sheet(
      layout, subtitle: "normalised amplitude |a||w| of the neurons against \(abscissa.text)",
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
      return WidthColours.name(run.width)
        + RichText(": \(abscissa.share(before.orientations)) → \(abscissa.share(after.orientations))")
    }
    if isSmall { return [RichText("\(abscissa.bins) with 99 % of the amplitude:")] + parts }
    return [
      RichText("\(abscissa.bins) that carry 99 % of the amplitude, before → after:"),
      parts.dropFirst().reduce(parts.first ?? "") { $0 + ",   " + $1 },
    ]
  }

  private var description: String {
    "The amplitude |a||w| of the neurons against \(abscissa.text), before and after training, and below how "
      + "much of all amplitude each \(abscissa.bin) carries. The fewer carry 99 % of it, the more the neurons "
      + "are condensed. "
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
          text: WidthColours.name(width)
            + RichText(isEach ? ", every neuron" : ", mean of each \(abscissa.bin)")
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

extension FeatureFigure.Abscissa {
  /// What it is.
  var text: String {
    switch self {
    case .angle: "the angle of (w, b)"
    case .cosine(.diagonal): "the cosine of w and (1, …, 1)"
    case .cosine(.target): "the cosine of w and Σ y x"
    }
  }

  /// What the axis is called.
  var name: String {
    switch self {
    case .angle: "orientation"
    case .cosine(.diagonal): "cosine with (1, …, 1)"
    case .cosine(.target): "cosine with Σ y x"
    }
  }

  /// What one of its 360 bins is called, and several.
  var bin: String { self == .angle ? "degree" : "360th" }
  var bins: String { self == .angle ? "degrees" : "360ths of the axis" }

  /// So many bins.
  func share(_ count: Int) -> String { self == .angle ? "\(count)°" : "\(count)" }

  /// The axis; positions are bins from −180 to 180.
  ///
  /// - Parameter reach: the share of it, from the middle, that neurons take: with many inputs all
  ///   cosines are small.
  func axis(reaching reach: Double) -> PlotAxis {
    guard self != .angle else { return Self.axis([-180.0, -90, 0, 90, 180], scale: 1, places: 0, unit: "°") }
    let share = [0.05, 0.1, 0.2, 0.5, 1].first { $0 >= reach } ?? 1
    return Self.axis([-share, -share / 2, 0, share / 2, share], scale: 180, places: 3, unit: "")
  }

  private static func axis(_ values: [Double], scale: Double, places: Int, unit: String) -> PlotAxis {
    .linear(
      from: scale * (values.first ?? -1), to: scale * (values.last ?? 1),
      ticks: values.map {
        PlotAxis.Tick(
          value: scale * $0, label: RichText(Decimal.typeset(Decimal.trimmed($0, places: places)) + unit))
      })
  }
}
