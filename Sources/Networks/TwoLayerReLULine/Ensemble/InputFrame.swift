import RealModule

/// The coordinates of the plane of input weights (w, b): turned so that the mean x̄ of the inputs,
/// extended to (x̄, 1), lies on the second axis, if the inputs are far from zero beside their
/// spread.
///
/// A rotation of all (w, b) and (x, 1) leaves the flow as it is. Of inputs such as 2020 … 2023 it
/// keeps the differences, which would drown in w x + b:
///
///     (x, 1) ↦ (x − x̄, x x̄ + 1)/N,   (w, b) ↦ (w − x̄ b, w x̄ + b)/N,   N = √(x̄² + 1)
struct InputFrame: Sendable {
  /// x̄, or zero where nothing is turned.
  let centre: Double
  /// N.
  let norm: Double

  /// The frame for distinct inputs.
  init(inputs: [Double]) {
    let count = Double(max(1, inputs.count))
    let mean = inputs.reduce(0, +) / count
    let spread = (inputs.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / count).squareRoot()
    // The order of samples by x must be that by angle, from the second axis.
    let isFar = Swift.abs(mean) > Self.minDistance * spread && inputs.allSatisfy { $0 * mean + 1 > 0 }
    self.init(centre: isFar && mean.isFinite ? mean : 0)
  }

  /// The frame with (x̄, 1) on its second axis.
  init(centre: Double) {
    self.centre = centre
    norm = Double.hypot(centre, 1)
  }

  /// The distance of the mean from zero, in standard deviations, from which on it pays to turn.
  private static var minDistance: Double { 4 }

  /// Whether it is turned at all.
  var isTurned: Bool { centre != 0 }

  /// (x, 1).
  @inline(__always) func extended(_ x: Double) -> PlaneVector {
    isTurned ? PlaneVector((x - centre) / norm, (x * centre + 1) / norm) : PlaneVector(x, 1)
  }

  /// Input weights (w, b) in these coordinates.
  @inline(__always) func turned(_ w: PlaneVector) -> PlaneVector {
    isTurned ? PlaneVector((w.x - centre * w.y) / norm, (w.x * centre + w.y) / norm) : w
  }

  /// Coordinates as input weights (w, b).
  @inline(__always) func turnedBack(_ v: PlaneVector) -> PlaneVector {
    isTurned ? PlaneVector((v.x + centre * v.y) / norm, (v.y - centre * v.x) / norm) : v
  }
}
