import RealModule

/// Where a neuron is: inside a cone, or sliding on a ray with the sign of its output weight.
enum Place: Hashable, Sendable {
  /// In the open cone with the given index.
  case cone(Int)
  /// On the ray with the given index; `positive`: â > 0.
  case ray(Int, positive: Bool)
  /// At w = 0, where every way out is blocked; it rests there.
  case origin
}

/// Moves one neuron by one straight impulse, through every cone it crosses and every ray it slides
/// on. Exact: all events are roots of quadratic equations.
struct NeuronPath {
  /// Owned by the field, which must outlive the path.
  private let cones: UnsafeMutableBufferPointer<ImpulseField.Cone>
  private let rays: UnsafeMutableBufferPointer<ImpulseField.Ray>

  /// Paths under a field, valid as long as the field lives.
  init(_ field: ImpulseField) {
    cones = field.cones
    rays = field.rays
    circle = field.geometry.circle
  }

  private let circle: ConeCircle

  /// More events than any path has, unless rounding makes it bounce for ever.
  private var eventLimit: Int { 8 * cones.count + 32 }

  /// Moves a neuron by the whole impulse.
  ///
  /// - Parameters:
  ///   - place: where it is before, and after.
  ///   - state: θ = (â, w, b) before, and after.
  /// - Returns: whether anything happened on the way but the motion of the whole group.
  func move(_ place: inout Place, _ state: inout NeuronState) -> Bool {
    var remaining = 1.0
    /// The ray the neuron has just left, on which w·x̃ counts as exactly 0.
    var entry = -1
    var visitedOrigin = false
    for event in 0..<eventLimit {
      switch place {
      case .origin:
        return true
      case .cone(let cone):
        guard let hit = crossCone(cone, entry: entry, &state, &remaining) else { return event > 0 }
        place = arrive(onRay: hit, &state)
      case .ray(let ray, let positive):
        switch rays[ray].motion(sign: positive ? 1 : -1) {
        case .leavesToActive:
          place = .cone(circle.activeSide(ofRay: ray))
          entry = ray
        case .leavesToInactive:
          place = .cone(circle.inactiveSide(ofRay: ray))
          entry = ray
        case .slides:
          switch slide(ray, positive, &state, &remaining) {
          case .end: return event > 0
          case .signChange: place = .ray(ray, positive: !positive)
          case .origin:
            // Through the origin to the other side, unless that pushes back, too.
            let opposite = circle.opposite(ofRay: ray)
            let leavesOrigin = (positive ? 1 : -1) * rays[opposite].along > 0
            place = leavesOrigin && !visitedOrigin ? .ray(opposite, positive: positive) : .origin
            visitedOrigin = true
          }
        }
      }
    }
    return true
  }

  /// Moves inside a cone until the impulse is used up (nil) or a bounding ray is hit.
  private func crossCone(
    _ cone: Int, entry: Int, _ state: inout NeuronState, _ remaining: inout Double
  ) -> Int? {
    let drive = cones[cone]
    guard drive.rapidity > 0, remaining > 0 else { return nil }
    let left = drive.rapidity * remaining
    let end = remaining == 1 ? drive.whole : Rapidity(left)
    let along = drive.direction.dot(state.w)
    // T = tanh(z/2) grows with the rapidity z travelled; the earlier of the two hits counts.
    var earliest = end.halfTanh
    var hit: Int?
    let first = drive.rays.0 == entry ? 0 : max(0, drive.normals.0.dot(state.w))
    if let t = Self.firstRoot(first, drive.slopes.0 * along, drive.slopes.0 * state.x), t < earliest {
      earliest = t
      hit = drive.rays.0
    }
    let second = drive.rays.1 == entry ? 0 : max(0, drive.normals.1.dot(state.w))
    if let t = Self.firstRoot(second, drive.slopes.1 * along, drive.slopes.1 * state.x), t < earliest {
      earliest = t
      hit = drive.rays.1
    }
    guard let hit else {
      boost(&state, drive.direction, along, end)
      remaining = 0
      return nil
    }
    boost(&state, drive.direction, along, Rapidity(halfTanh: earliest))
    let travelled = Double.log(onePlus: 2 * earliest / (1 - earliest))
    remaining *= max(0, 1 - travelled / left)
    // The two rays of a cone belong to different samples unless there is only one, whose line
    // carries both.
    if circle.n == 1, state.w.dot(rays[hit].unit) < 0 { return circle.opposite(ofRay: hit) }
    return hit
  }

  @inline(__always)
  private func boost(
    _ state: inout NeuronState, _ direction: PlaneVector, _ along: Double, _ growth: Rapidity
  ) {
    let w = state.w + direction * (along * growth.coshMinusOne + state.x * growth.sinh)
    state = NeuronState(state.x + state.x * growth.coshMinusOne + along * growth.sinh, w)
  }

  /// The smallest T = tanh(z/2) in (0, 1) at which distance + A (cosh z − 1) + B sinh z falls below
  /// zero, for distance ≥ 0: a root of (2A − distance) T² + 2B T + distance = 0.
  @inline(__always)
  static func firstRoot(_ distance: Double, _ a: Double, _ b: Double) -> Double? {
    let discriminant = b * b - distance * (2 * a - distance)
    guard discriminant >= 0 else { return nil }
    let root = discriminant.squareRoot()
    if b <= 0 {
      let denominator = root - b
      return denominator > 0 && distance > 0 ? distance / denominator : (distance == 0 && b < 0 ? 0 : nil)
    }
    let denominator = distance - 2 * a
    return denominator > b + root ? (b + root) / denominator : nil
  }

  /// Puts the neuron exactly onto the ray it has reached.
  private func arrive(onRay ray: Int, _ state: inout NeuronState) -> Place {
    let direction = rays[ray].unit
    state = NeuronState(state.x, direction * max(0, state.w.dot(direction)))
    return .ray(ray, positive: state.x > 0)
  }

  private enum SlideEnd { case end, signChange, origin }

  /// Slides along a ray until the impulse is used up, â changes sign, or w = 0 is reached.
  private func slide(
    _ ray: Int, _ positive: Bool, _ state: inout NeuronState, _ remaining: inout Double
  ) -> SlideEnd {
    let direction = rays[ray].unit
    let u = rays[ray].along * remaining
    let length = state.w.dot(direction)
    // â + ρ and â − ρ grow by e^u and e^−u; |â| or ρ vanishes where |tanh z| is their ratio.
    let ratio = Swift.min(Swift.abs(state.x), length) / Swift.max(Swift.abs(state.x), length)
    let shrinks = (positive ? u : -u) < 0
    // |tanh u| ≤ |u| settles most cases.
    if shrinks, Swift.abs(u) >= ratio, Swift.abs(Double.tanh(u)) >= ratio {
      let invariant = state.x * state.x - length * length
      remaining *= max(0, 1 - Double.atanh(ratio) / Swift.abs(u))
      if invariant > 0 {
        state = NeuronState((positive ? 1 : -1) * invariant.squareRoot(), .zero)
        return .origin
      }
      state = NeuronState(0, direction * (-invariant).squareRoot())
      return .signChange
    }
    let growth = Rapidity(u)
    state = NeuronState(
      state.x + state.x * growth.coshMinusOne + length * growth.sinh,
      direction * (length + length * growth.coshMinusOne + state.x * growth.sinh))
    remaining = 0
    return .end
  }
}
