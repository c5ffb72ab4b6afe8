/// What an impulse q = ∫ r dτ does to neurons, by where they are: the drive u of every cone, and for every
/// ray how the two sides push.
struct ImpulseField: Sendable {
  /// u = −Σ_{i active} q_i x̃_i for each of the 2n cones; dimensionless.
  private(set) var drive: [PlaneVector]
  /// The rapidity ν = |u| of each cone.
  private(set) var rapidity: [Double]
  /// For each of the 2n rays, x̃_i·u of the inactive side: with â > 0, positive pushes towards the ray.
  private(set) var pushInactive: [Double]
  /// For each ray, x̃_i·u of the active side: with â > 0, negative pushes towards the ray.
  private(set) var pushActive: [Double]
  /// For each ray, the component of u along the ray; the same on both sides.
  private(set) var along: [Double]

  /// Tabulates the impulse q of the n samples.
  init(_ q: [Double], _ geometry: ConeGeometry) {
    let n = geometry.n
    drive = [PlaneVector](repeating: .zero, count: 2 * n)
    // Suffixes, from the shortest; then prefixes.
    var u = PlaneVector.zero
    for c in stride(from: n - 1, through: 0, by: -1) {
      u -= q[c] * geometry.x[c]
      drive[c] = u
    }
    u = .zero
    for c in n + 1..<max(2 * n, n + 1) {
      u -= q[c - n - 1] * geometry.x[c - n - 1]
      drive[c] = u
    }
    rapidity = drive.map(\.norm)
    pushInactive = [Double](repeating: 0, count: 2 * n)
    pushActive = pushInactive
    along = pushInactive
    for r in 0..<2 * n {
      let x = geometry.x[geometry.sample(ofRay: r)]
      let inactive = drive[geometry.inactiveSide(ofRay: r)]
      pushInactive[r] = x.dot(inactive)
      pushActive[r] = x.dot(drive[geometry.activeSide(ofRay: r)])
      along[r] = geometry.ray[r].dot(inactive)
    }
  }

  /// Where a neuron on a ray goes when its output weight has the given sign (±1).
  ///
  /// It slides when both sides push it back (Filippov). Otherwise it leaves to the side that lets it; when
  /// both do, to the one that carries it away faster.
  @inline(__always)
  func motion(onRay r: Int, sign: Double) -> RayMotion {
    let inactive = sign * pushInactive[r]
    let active = sign * pushActive[r]
    if inactive > 0 && active < 0 { return .slides }
    if inactive > 0 { return .leavesToActive }
    if active < 0 { return .leavesToInactive }
    return active > -inactive ? .leavesToActive : .leavesToInactive
  }
}

/// What a neuron on a ray does under an impulse.
enum RayMotion: Sendable {
  /// It stays on the ray.
  case slides
  /// It enters the cone where the ray's sample is inactive.
  case leavesToInactive
  /// It enters the cone where the ray's sample is active.
  case leavesToActive
}
