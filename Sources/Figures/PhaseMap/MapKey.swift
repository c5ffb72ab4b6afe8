/// What the marks and colours of a map mean, for a document that has no room to show the map with
/// its legend.
public struct MapKey {
  /// A mark or a line, and what it means.
  public struct Entry {
    /// An `svg` element, to be inlined in the document that has the map: it may use the map's
    /// patterns.
    public var sample: String
    /// Its meaning, as plain text.
    public var text: String
  }

  /// The colours from the lower end to the upper one, as `#rrggbb`.
  public let colours: [String]
  /// What the ends of the colours stand for, such as "≤ −1.5: vanishing"; empty where there are no
  /// colours to tell numbers.
  public let low: String, high: String
  /// The legend, in its order.
  public let entries: [Entry]

  init(_ drawing: PhaseMapDrawing) {
    func end(_ tick: ColourScale.Tick?, _ name: String) -> String {
      [tick?.label, name.isEmpty ? nil : name].compactMap { $0 }.joined(separator: ": ")
    }
    colours = drawing.bar?.scale.map.stops.map(\.hex) ?? []
    low = drawing.bar.map { end($0.scale.ticks.first, $0.lowName) } ?? ""
    high = drawing.bar.map { end($0.scale.ticks.last, $0.highName) } ?? ""
    // Samples refer to patterns of the map by the ids that these have there.
    let prefix = drawing.document.idPrefix
    entries = drawing.legend.items.map { sample, text in
      Entry(sample: sample.serialized(idPrefix: prefix), text: text)
    }
  }
}

extension PhaseMapFigure {
  /// The key to the map.
  public var key: MapKey { MapKey(PhaseMapDrawing(self)) }
}
