import RealModule

/// What a straight impulse q = ∫ r dτ does to neurons, by where they are: tables for every cone and
/// every ray.
///
/// A class with tables of its own, because neurons by the million are moved by it one by one.
final class ImpulseField {
  /// What a cone does.
  struct Cone {
    /// u = −Σ_{i active} q_i x̃_i; dimensionless.
    var drive = PlaneVector.zero
    /// ν = |u|.
    var rapidity = 0.0
    /// u / ν; zero where ν = 0.
    var direction = PlaneVector.zero
    /// The growth of a neuron's motion over the whole impulse.
    var whole = Rapidity(0)
    /// The rays before and behind the cone, their inward unit normals, and the normals' components
    /// along u.
    var rays = (0, 0)
    var normals = (PlaneVector.zero, PlaneVector.zero)
    var slopes = (0.0, 0.0)
  }

  /// What a ray does.
  struct Ray {
    /// The unit vector of the ray.
    var unit = PlaneVector.zero
    /// x̃_i·u of the inactive side: with â > 0, positive pushes towards the ray.
    var pushInactive = 0.0
    /// x̃_i·u of the active side: with â > 0, negative pushes towards the ray.
    var pushActive = 0.0
    /// The component of u along the ray; the same on both sides.
    var along = 0.0

    /// Where a neuron on the ray goes when its output weight has the given sign (±1).
    @inline(__always)
    func motion(sign: Double) -> RayMotion {
      RayMotion(inactive: sign * pushInactive, active: sign * pushActive)
    }
  }

  let geometry: ConeGeometry
  /// The 2n cones.
  let cones: UnsafeMutableBufferPointer<Cone>
  /// The 2n rays.
  let rays: UnsafeMutableBufferPointer<Ray>

  /// Tabulates an impulse.
  ///
  /// - Parameters:
  ///   - q: the impulse of the n samples.
  ///   - known: drives that are known better than q tells.
  init(_ q: [Double], _ geometry: ConeGeometry, known: KnownDrives? = nil) {
    self.geometry = geometry
    let n = geometry.n
    cones = .allocate(capacity: 2 * n)
    rays = .allocate(capacity: 2 * n)
    cones.initialize(repeating: Cone())
    rays.initialize(repeating: Ray())
    for (c, u) in geometry.drives(of: q, known: known).enumerated() {
      cones[c].drive = u
      let rapidity = u.norm
      let direction = rapidity > 0 ? u / rapidity : .zero
      let (before, behind) = geometry.circle.rays(ofCone: c)
      let normals = (geometry.inward(fromRay: before, to: c), geometry.inward(fromRay: behind, to: c))
      cones[c].rapidity = rapidity
      cones[c].direction = direction
      cones[c].whole = Rapidity(rapidity)
      cones[c].rays = (before, behind)
      cones[c].normals = normals
      cones[c].slopes = (normals.0.dot(direction), normals.1.dot(direction))
    }
    for r in 0..<2 * n {
      let x = geometry.x[geometry.circle.sample(ofRay: r)]
      let inactive = cones[geometry.circle.inactiveSide(ofRay: r)].drive
      rays[r] = Ray(
        unit: geometry.ray[r], pushInactive: x.dot(inactive),
        pushActive: x.dot(cones[geometry.circle.activeSide(ofRay: r)].drive),
        along: geometry.ray[r].dot(inactive))
    }
    for (r, along) in known?.rays ?? [] { rays[r].along = along }
  }

  /// The drive u of a neuron that stays at a place: on a ray, its component along the ray.
  func drive(at place: Place) -> PlaneVector {
    switch place {
    case .cone(let cone): cones[cone].drive
    case .ray(let ray, _): rays[ray].unit * rays[ray].along
    case .origin: .zero
    }
  }

  deinit {
    cones.deallocate()
    rays.deallocate()
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

  /// By how hard the inactive and the active side push a neuron towards the active one.
  ///
  /// It slides when both sides push it back (Filippov). Otherwise it leaves to the side that lets
  /// it. When both do, its output weight has changed sign while it slid, and it leaves to the side
  /// of the larger multiplier: where tiny steps spend most of their time, because it pushes back
  /// less.
  @inline(__always) init(inactive: Double, active: Double) {
    if inactive > 0 && active < 0 {
      self = .slides
    } else if inactive > 0 {
      self = .leavesToActive
    } else if active < 0 {
      self = .leavesToInactive
    } else {
      self = -inactive > active ? .leavesToActive : .leavesToInactive
    }
  }
}

/// Where an impulse sends neurons on rays, without the rest of ``ImpulseField``.
struct RayPushes {
  private let geometry: ConeGeometry
  private let drives: [PlaneVector]

  /// Of the impulse q of the n samples; `known` are drives that are known better than it tells.
  init(of q: [Double], _ geometry: ConeGeometry, known: KnownDrives?) {
    self.geometry = geometry
    drives = geometry.drives(of: q, known: known)
  }

  /// Where a neuron on a ray goes whose output weight has the given sign (±1).
  func motion(onRay r: Int, sign: Double) -> RayMotion {
    let circle = geometry.circle
    let x = sign * geometry.x[circle.sample(ofRay: r)]
    return RayMotion(
      inactive: x.dot(drives[circle.inactiveSide(ofRay: r)]),
      active: x.dot(drives[circle.activeSide(ofRay: r)]))
  }
}

/// The hyperbolic functions of a rapidity z that motions need, without cancellation near 0.
struct Rapidity: Sendable {
  /// cosh z − 1.
  let coshMinusOne: Double
  /// sinh z.
  let sinh: Double

  /// Of z itself; |z| ≤ 700.
  @inline(__always) init(_ z: Double) {
    // With e = e^z − 1: sinh z = e (2 + e) / 2(1 + e), cosh z − 1 = e² / 2(1 + e).
    let e = Double.expMinusOne(z)
    let half = 0.5 / (1 + e)
    coshMinusOne = e * e * half
    sinh = e * (2 + e) * half
  }

  /// Of the z with tanh (z/2) = t, 0 ≤ t < 1.
  @inline(__always) init(halfTanh t: Double) {
    let scale = 2 / ((1 - t) * (1 + t))
    coshMinusOne = t * t * scale
    sinh = t * scale
  }

  /// tanh (z/2) = sinh z / (1 + cosh z).
  @inline(__always) var halfTanh: Double { sinh / (2 + coshMinusOne) }
}

/// Drives of cones, and components of drives along rays.
struct KnownDrives {
  var cones: [(index: Int, drive: PlaneVector)] = []
  var rays: [(index: Int, along: Double)] = []
}

extension ConeGeometry {
  /// u = −Σ_{i active} q_i x̃_i by cone, for an impulse q.
  fileprivate func drives(of q: [Double]) -> [PlaneVector] {
    var drives = [PlaneVector](repeating: .zero, count: circle.count)
    // Suffixes, from the shortest; then prefixes.
    var u = PlaneVector.zero
    for c in stride(from: n - 1, through: 0, by: -1) {
      u -= q[c] * x[c]
      drives[c] = u
    }
    u = .zero
    for c in n + 1..<max(2 * n, n + 1) {
      u -= q[c - n - 1] * x[c - n - 1]
      drives[c] = u
    }
    return drives
  }

  /// The same where some drives are known: others differ from the nearest of them by the samples
  /// between, so that a neuron feels no more of the rounding of q than that of the samples that it
  /// passes.
  fileprivate func drives(of q: [Double], known: KnownDrives?) -> [PlaneVector] {
    guard let known else { return drives(of: q) }
    let count = circle.count
    var drives = [PlaneVector](repeating: .zero, count: count)
    var distance = [Int](repeating: count, count: count)
    // Nothing drives the dead cone.
    for (c, drive) in known.cones + [(circle.deadCone, .zero)] { (drives[c], distance[c]) = (drive, 0) }
    for _ in 0..<2 {
      for c in 0..<count {
        let next = (c + 1) % count
        guard distance[c] + 1 < distance[next] else { continue }
        let i = circle.sample(ofRay: c)
        let leaves = circle.activeSide(ofRay: c) == c
        (drives[next], distance[next]) = (drives[c] + (leaves ? q[i] : -q[i]) * x[i], distance[c] + 1)
      }
      for next in stride(from: count - 1, through: 0, by: -1) {
        let c = (next + 1) % count
        guard distance[c] + 1 < distance[next] else { continue }
        let i = circle.sample(ofRay: next)
        let leaves = circle.activeSide(ofRay: next) == c
        (drives[next], distance[next]) = (drives[c] + (leaves ? q[i] : -q[i]) * x[i], distance[c] + 1)
      }
    }
    return drives
  }

  /// To which side an impulse pushes a neuron with â > 0 on the inactive and on the active side of
  /// every ray: the signs of x̃_i·u.
  func pushes(of q: [Double], known: KnownDrives? = nil) -> [SIMD2<Int8>] {
    let drives = drives(of: q, known: known)
    func sign(_ v: Double) -> Int8 { v > 0 ? 1 : v < 0 ? -1 : 0 }
    return (0..<circle.count).map { ray in
      let sample = x[circle.sample(ofRay: ray)]
      return SIMD2(
        sign(sample.dot(drives[circle.inactiveSide(ofRay: ray)])),
        sign(sample.dot(drives[circle.activeSide(ofRay: ray)])))
    }
  }
}
