/// What a quantity does as the width grows.
public enum Trend: String, Sendable, Codable, CaseIterable {
  /// It tends to 0.
  case vanishing
  /// It stays finite.
  case bounded
  /// It grows without bound.
  case growing
  /// The data do not decide.
  case undecided
}

/// What is known in theory of a plane and an order parameter. Present only where a network family
/// claims it for the problem at hand.
public protocol Theory: Sendable {
  /// For legends: `Luo et al.`.
  var name: String { get }
  /// Where it is published.
  var citation: String { get }
  /// What the theory calls a trend: `linear` for one that vanishes; nil for what it has no name
  /// for.
  func caption(_ trend: Trend) -> String?
  /// The trend at a setting; nil where the theory says nothing.
  func trend(at setting: Setting) -> Trend?
  /// The exponent S = lim d log q / d log m of the order parameter q; nil where the theory says
  /// nothing.
  func expectedExponent(at setting: Setting) -> Double?
  /// The part of the plane whose formula holds at a setting, in its own words; for statistics.
  func region(at setting: Setting) -> String?
  /// The boundaries between trends, as polylines that cross the range or end in it.
  func boundary(in range: PlaneRange) -> [[PlanePoint]]
  /// The Euclidean distance in the plane to the nearest boundary, anywhere.
  func distanceToBoundary(_ point: PlanePoint) -> Double
  /// Named initialisations, or other marks.
  var landmarks: [Landmark] { get }
}

extension Theory {
  /// The expected exponent alone.
  public func exponentRange(at setting: Setting) -> ClosedRange<Double>? {
    expectedExponent(at: setting).map { $0...$0 }
  }
}

/// A named mark in a plane.
public struct Landmark: Hashable, Sendable {
  /// What is meant.
  public enum Shape: Hashable, Sendable {
    /// One place.
    case point(PlanePoint)
    /// The line y = x.
    case diagonal
  }

  /// The name or names by which it is known.
  public var name: String
  /// Where it lies.
  public var shape: Shape

  /// A mark.
  public init(_ name: String, _ shape: Shape) {
    self.name = name
    self.shape = shape
  }
}
