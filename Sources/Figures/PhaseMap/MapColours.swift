import LimitFit
import Model

/// The colours of the exponents of a map, for what is no figure, such as a terminal.
public struct MapColours {
  /// An sRGB colour.
  public struct RGB: Hashable, Sendable {
    /// The components, from 0 to 255.
    public var red: Int, green: Int, blue: Int

    /// A colour.
    public init(red: Int, green: Int, blue: Int) {
      self.red = red
      self.green = green
      self.blue = blue
    }
  }

  /// Where the colours end.
  public let low: Double, high: Double
  private let colouring: MapColouring

  /// The colours of the exponents of some points.
  public init(of points: [PointFit]) {
    colouring = MapColouring(.exponent, points: points)
    low = colouring.scale?.low ?? -1
    high = colouring.scale?.high ?? 1
  }

  /// The colour of a point; nil where it has no exponent yet.
  public func colour(of fit: PointFit) -> RGB? { colouring.colour(of: fit).map(RGB.init) }

  /// The colour of a fraction of the way from the lower end to the upper one.
  public func colour(at fraction: Double) -> RGB {
    RGB(colouring.scale?.map.colour(at: fraction) ?? ColourMap.vik.colour(at: fraction))
  }

  /// Whether light ink is needed on the colour of a point.
  public func isDark(_ fit: PointFit) -> Bool { colouring.isDark(fit) }
}

extension MapColours.RGB {
  init(_ colour: Colour) {
    self.init(red: Int(colour.red), green: Int(colour.green), blue: Int(colour.blue))
  }
}
