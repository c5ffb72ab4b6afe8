import Model

/// How the trends of a phase map compare with a theory, by distance to its boundary.
public struct Agreement: Hashable, Sendable, Encodable {
  /// Points at some distance.
  public struct Counts: Hashable, Sendable, Encodable {
    /// All of them.
    public var points = 0
    /// Those with the theory's trend.
    public var agreeing = 0
    /// Those that are undecided.
    public var undecided = 0
    /// Those with another trend than the theory's.
    public var wrong: Int { points - agreeing - undecided }

    /// No points.
    public init() {}

    private enum CodingKeys: String, CodingKey {
      case points, agreeing, undecided, wrong
    }

    /// Encodes all four numbers.
    public func encode(to encoder: any Encoder) throws {
      var container = encoder.container(keyedBy: CodingKeys.self)
      try container.encode(points, forKey: .points)
      try container.encode(agreeing, forKey: .agreeing)
      try container.encode(undecided, forKey: .undecided)
      try container.encode(wrong, forKey: .wrong)
    }

    fileprivate mutating func count(_ fit: PointFit, expected: Trend) {
      points += 1
      if fit.trend == expected {
        agreeing += 1
      } else if fit.trend == .undecided {
        undecided += 1
      }
    }
  }

  /// The points from one distance to the next.
  public struct Band: Hashable, Sendable, Encodable {
    /// The minimum distance in the plane.
    public var from: Double
    /// The distance that belongs to the next band; nil for the last.
    public var to: Double?
    /// The points.
    public var counts: Counts
  }

  /// The distances at which bands begin.
  public static let distances = [0, 0.05, 0.1, 0.2, 0.4, 0.8]
  /// Points nearer to the boundary than this are left out of ``far``: 1/32 where all exponents are
  /// computed, else 0.2, as the limit sets in beyond any width that is run.
  public let distance: Double

  /// The points by distance, from the boundary outwards.
  public var bands: [Band]
  /// Points at ``distance`` or more.
  public var far: Counts

  /// Compares a map with a theory; points for which that has no trend are left out.
  public init(_ map: PhaseMap, _ theory: any Theory) {
    let starts = Self.distances
    distance = map.points.allSatisfy { $0.exponentSource == .computed } ? 0.03125 : 0.2
    bands = starts.indices.map {
      Band(from: starts[$0], to: $0 + 1 < starts.count ? starts[$0 + 1] : nil, counts: Counts())
    }
    far = Counts()
    for fit in map.points {
      guard let expected = theory.trend(at: fit.setting) else { continue }
      // Decimals have no exact distance: a point on a limit belongs to the band that begins there.
      let distance = theory.distanceToBoundary(map.plane.point(fit.setting)) + 1e-9
      if let band = starts.lastIndex(where: { $0 <= distance }) {
        bands[band].counts.count(fit, expected: expected)
      }
      if distance >= self.distance { far.count(fit, expected: expected) }
    }
  }
}
