/// A theory in the plane whose axes are swapped.
public struct TransposedTheory: Theory {
  private let theory: any Theory

  /// The mirror image of a theory at the line y = x.
  public init(_ theory: any Theory) { self.theory = theory }

  /// That of the theory.
  public var name: String { theory.name }
  /// That of the theory.
  public var citation: String { theory.citation }
  /// Those of the theory.
  public func caption(_ trend: Trend) -> String? { theory.caption(trend) }
  /// That of the theory: a setting has names and no axes.
  public func trend(at setting: Setting) -> Trend? { theory.trend(at: setting) }
  /// That of the theory.
  public func expectedExponent(at setting: Setting) -> Double? { theory.expectedExponent(at: setting) }
  /// That of the theory.
  public func exponentRange(at setting: Setting) -> ClosedRange<Double>? {
    theory.exponentRange(at: setting)
  }
  /// That of the theory.
  public func region(at setting: Setting) -> String? { theory.region(at: setting) }

  /// The mirror image of the boundaries.
  public func boundary(in range: PlaneRange) -> [[PlanePoint]] {
    theory.boundary(in: PlaneRange(x: range.y, y: range.x)).map { $0.map(\.transposed) }
  }

  /// The distance of the mirror image.
  public func distanceToBoundary(_ point: PlanePoint) -> Double {
    theory.distanceToBoundary(point.transposed)
  }

  /// The mirror images of the marks; the diagonal is its own.
  public var landmarks: [Landmark] {
    theory.landmarks.map { mark in
      switch mark.shape {
      case .point(let point): Landmark(mark.name, .point(point.transposed))
      case .diagonal: mark
      }
    }
  }
}

extension PlanePoint {
  /// With x and y swapped.
  public var transposed: PlanePoint { PlanePoint(x: y, y: x) }
}

extension Plane {
  /// With the axes swapped; nil where there is but one.
  public var transposed: Plane? { y.map { Plane(x: $0, y: x) } }
}
