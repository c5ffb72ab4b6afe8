/// How cones and rays follow each other around the origin of the plane of input weights.
///
/// With the n samples ascending in x the 2n cones are, in circular order, the suffixes {c … n−1}
/// for c < n, the empty set for c = n, and the prefixes {0 … c−n−1} for c > n. Ray r lies between
/// cone r and cone r + 1, on the line of the sample r mod n.
struct ConeCircle: Sendable {
  /// n, the number of distinct samples.
  let n: Int

  /// 2n: how many cones there are, and how many rays.
  @inline(__always) var count: Int { 2 * n }

  /// The cone without active samples, in which neurons never move.
  @inline(__always) var deadCone: Int { n }

  /// The sample on whose line the ray lies.
  @inline(__always) func sample(ofRay r: Int) -> Int { r < n ? r : r - n }

  /// The cone beside the ray where the ray's sample is inactive.
  @inline(__always) func inactiveSide(ofRay r: Int) -> Int { r < n ? r + 1 : r }

  /// The cone beside the ray where the ray's sample is active.
  @inline(__always) func activeSide(ofRay r: Int) -> Int { r < n ? r : (r + 1 == 2 * n ? 0 : r + 1) }

  /// The ray on the other side of the origin.
  @inline(__always) func opposite(ofRay r: Int) -> Int { r < n ? r + n : r - n }

  /// The two rays that bound a cone, before it and behind it in circular order.
  @inline(__always) func rays(ofCone c: Int) -> (Int, Int) { (c == 0 ? 2 * n - 1 : c - 1, c) }

  /// The cone on the other side of one of the rays of a cone.
  @inline(__always) func across(_ ray: Int, from cone: Int) -> Int {
    let active = activeSide(ofRay: ray)
    return active == cone ? inactiveSide(ofRay: ray) : active
  }

  /// The cone whose active samples a neuron at a place has; on a ray, the one on its inactive side.
  @inline(__always) func cone(of place: Place) -> Int {
    switch place {
    case .cone(let cone): cone
    case .ray(let ray, _): inactiveSide(ofRay: ray)
    case .origin: deadCone
    }
  }

  /// The number of the group of the neurons at a place: first the cones, then for every ray the
  /// neurons with â ≤ 0 and those with â > 0.
  @inline(__always) func group(of place: Place) -> Int {
    switch place {
    case .cone(let cone): cone
    case .ray(let ray, let positive): count + 2 * ray + (positive ? 1 : 0)
    case .origin: deadCone
    }
  }

  /// The place of the neurons of a group.
  @inline(__always) func place(ofGroup group: Int) -> Place {
    if group < count { return .cone(group) }
    let slot = group - count
    return .ray(slot / 2, positive: slot % 2 == 1)
  }
}
