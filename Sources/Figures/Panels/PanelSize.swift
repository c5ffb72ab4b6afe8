/// How large panels are.
public enum PanelSize: Sendable {
  /// Large where there is one panel, small where there are several.
  case automatic
  /// About 340 pixels wide, what a telephone can show without making it smaller, and without the
  /// name of the point: for a document around the figure that has said it.
  case small

  /// Whether so many panels are large.
  func isLarge(_ count: Int) -> Bool { self == .automatic && count == 1 }
}
