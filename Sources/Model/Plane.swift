/// The plane of a phase map: one or two parameters, and nothing about what they mean.
public struct Plane: Hashable, Sendable, Codable {
  /// The name of the parameter along the abscissa.
  public var x: String
  /// The name of the parameter along the ordinate; nil: the map is a line.
  public var y: String?

  /// A plane of these parameters.
  public init(x: String, y: String? = nil) {
    self.x = x
    self.y = y
  }

  /// The plane of some names, of which the first two count; nil without any.
  public init?(_ names: some Sequence<String>) {
    let names = Array(names.prefix(2))
    guard let x = names.first else { return nil }
    self.init(x: x, y: names.count > 1 ? names[1] : nil)
  }

  /// The names of the axes.
  public var names: [String] { [x] + (y.map { [$0] } ?? []) }

  /// Where a setting lies: 0 for a parameter that it does not have, and on a line.
  public func point(_ setting: Setting) -> PlanePoint {
    PlanePoint(x: setting[x] ?? 0, y: y.flatMap { setting[$0] } ?? 0)
  }

  /// The setting at a place of the plane where the other parameters are as in `slice`.
  public func setting(_ point: PlanePoint, in slice: Setting = .none) -> Setting {
    let own = [(name: x, value: point.x)] + (y.map { [(name: $0, value: point.y)] } ?? [])
    return Setting(Array(slice.pairs) + own)
  }

  /// The parameters of a setting beside those of the plane: settings of one slice share a map.
  public func slice(_ setting: Setting) -> Setting { setting.without(names) }
}

/// A place in a plane, in its parameters' units.
public struct PlanePoint: Hashable, Sendable, Codable, Comparable {
  /// Along the abscissa.
  public var x: Double
  /// Along the ordinate.
  public var y: Double

  /// A place.
  public init(x: Double, y: Double) {
    self.x = x
    self.y = y
  }

  /// By x, then by y.
  public static func < (a: PlanePoint, b: PlanePoint) -> Bool { (a.x, a.y) < (b.x, b.y) }
}

/// A part of a plane.
public struct PlaneRange: Hashable, Sendable {
  /// From left to right.
  public var x: ClosedRange<Double>
  /// From bottom to top.
  public var y: ClosedRange<Double>

  /// A part.
  public init(x: ClosedRange<Double>, y: ClosedRange<Double>) {
    self.x = x
    self.y = y
  }
}
