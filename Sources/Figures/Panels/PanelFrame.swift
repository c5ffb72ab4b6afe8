/// What is around the panels of a figure, whatever they show.
public struct PanelFrame: Sendable {
  /// The heading; nil or empty: none, for a document that has its own.
  public var title: String?
  /// What is written into the metadata.
  public var provenance: FigureProvenance
  /// The colours.
  public var theme: Theme
  /// How large the panels are.
  public var size: PanelSize

  /// A frame.
  public init(
    title: String?, provenance: FigureProvenance, theme: Theme = .light, size: PanelSize = .automatic
  ) {
    self.title = title
    self.provenance = provenance
    self.theme = theme
    self.size = size
  }
}
