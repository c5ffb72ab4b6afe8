import Model

/// The neurons of trained networks before and after: orientation against amplitude, at one phase point or several, in one colour
/// for each width. Where neurons condense, few orientations carry nearly all amplitude.
public struct FeatureFigure: Figure {
  /// The neurons of one run.
  public struct Network: Sendable {
    /// m.
    public var width: Int
    /// The seed of the run.
    public var seed: UInt64
    /// Its neurons.
    public var neurons: NeuronSnapshot

    /// A network.
    public init(width: Int, seed: UInt64, neurons: NeuronSnapshot) {
      self.width = width
      self.seed = seed
      self.neurons = neurons
    }
  }

  /// What is shown of one point.
  public struct Entry: Sendable {
    /// (γ, γ').
    public var point: PhasePoint
    /// Its networks, in any order.
    public var networks: [Network]

    /// An entry.
    public init(point: PhasePoint, networks: [Network]) {
      self.point = point
      self.networks = networks
    }
  }

  /// How single neurons are drawn.
  public enum Detail: Sendable {
    /// Every place that holds a neuron, to two pixels.
    case neurons
    /// The mean amplitude of each degree, as where only histograms were kept: a third of the size.
    case means
  }

  /// A panel for each.
  public var entries: [Entry]
  /// The heading; nil: none, for a document that has its own.
  public var title: String?
  /// What is written into the metadata.
  public var provenance: Provenance
  /// The colours.
  public var theme: Theme
  /// How large the panels are.
  public var size: PanelSize
  /// Widths that have a colour, too, though they are not shown: those of figures beside this one.
  public var widthsBeside: [Int] = []
  /// How much is drawn.
  public var detail: Detail

  /// A figure.
  public init(
    entries: [Entry], title: String?, provenance: Provenance, theme: Theme = .light,
    detail: Detail = .neurons,
    size: PanelSize = .automatic
  ) {
    self.entries = entries
    self.title = title
    self.provenance = provenance
    self.theme = theme
    self.size = size
    self.detail = detail
  }

  /// The picture.
  public var document: FigureDocument {
    let colours = WidthColours(
      entries.flatMap { $0.networks.map(\.width) }, beside: widthsBeside, theme: theme)
    let layout = FeatureLayout(colours: colours, detail: detail, isStacked: size == .small)
    let columns = PanelSheet.columns(entries.count, panelWidth: layout.width)
    let sheet = PanelSheet(
      title: title,
      subtitle: "normalised amplitude |a||w| of the neurons against the angle of (w, b)",
      panels: entries.enumerated().map { i, entry in
        PanelSheet.Panel(name: PanelSheet.name(of: entry.point), remarks: remarks(entry)) {
          layout.draw(entry, at: $0, xName: i + columns >= entries.count)
        }
      },
      panelWidth: layout.width, panelHeight: layout.height, legend: legend(colours),
      isNamed: size != .small)
    return sheet.document(
      id: "features", description: description, provenance: provenance, theme: theme,
      name: title.flatMap { $0.isEmpty ? nil : $0 } ?? "Neurons before and after training")
  }

  /// In how many degrees nearly all amplitude lies before and after, a line for each width where panels are small.
  private func remarks(_ entry: Entry) -> [RichText] {
    let networks = entry.networks.sorted { ($0.width, $0.seed) < ($1.width, $1.seed) }
    guard !networks.isEmpty else { return ["no neurons were kept here"] }
    let parts = networks.map { network -> RichText in
      let (before, after) = network.neurons.amplitudes
      return WidthColours.name(network.width) + RichText(": \(before.orientations)° → \(after.orientations)°")
    }
    if size == .small { return ["degrees with 99 % of the amplitude:"] + parts }
    return [
      "degrees that carry 99 % of the amplitude, before → after:",
      parts.dropFirst().reduce(parts.first ?? "") { $0 + ",   " + $1 },
    ]
  }

  private var description: String {
    ([
      "The amplitude |a||w| of the neurons against the angle of their input weight and bias, before and after training, and "
        + "below how much of all amplitude each degree carries. The fewer degrees carry 99 % of it, the more the neurons are condensed."
    ]
      + entries.prefix(40).map { entry in
        "\(PanelSheet.name(of: entry.point).plain); "
          + remarks(entry).map(\.plain).joined(separator: " ") + "."
      }).joined(separator: " ")
  }

  private func legend(_ colours: WidthColours) -> Legend {
    let all = entries.flatMap(\.networks)
    return Legend(
      entries: colours.widths.map { width in
        let isEach =
          detail == .neurons
          && all.contains { network in
            if case .each = network.neurons { network.width == width } else { false }
          }
        return Legend.Entry(
          text: WidthColours.name(width) + (isEach ? ", every neuron" : ", mean of each degree")
        ) { box in
          let colour = colours.colour(width)
          guard isEach else {
            var line = Element.polyline([
              Point(x: box.minX, y: box.centre.y), Point(x: box.maxX, y: box.centre.y),
            ])
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
