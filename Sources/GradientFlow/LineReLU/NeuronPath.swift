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

/// Moves one neuron by one straight impulse, through every cone it crosses and every ray it slides on. Exact: all
/// events are roots of quadratic equations.
struct NeuronPath {
  let geometry: ConeGeometry
  let field: ImpulseField

  /// More events than any path has, unless rounding makes it bounce for ever.
  private var eventLimit: Int { 8 * geometry.coneCount + 32 }

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
        switch field.motion(onRay: ray, sign: positive ? 1 : -1) {
        case .leavesToActive:
          place = .cone(geometry.activeSide(ofRay: ray))
          entry = ray
        case .leavesToInactive:
          place = .cone(geometry.inactiveSide(ofRay: ray))
          entry = ray
        case .slides:
          switch slide(ray, positive, &state, &remaining) {
          case .end: return event > 0
          case .signChange: place = .ray(ray, positive: !positive)
          case .origin:
            // Through the origin to the other side, unless that pushes back, too.
            let opposite = geometry.opposite(ofRay: ray)
            let leavesOrigin = (positive ? 1 : -1) * field.along[opposite] > 0
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
    let rapidity = field.rapidity[cone]
    guard rapidity > 0, remaining > 0 else { return nil }
    let direction = field.drive[cone] / rapidity
    let left = rapidity * remaining
    let along = direction.dot(state.w)
    let (before, behind) = geometry.rays(ofCone: cone)
    // T = tanh(z/2) grows with the rapidity z travelled; the earlier of the two hits counts.
    var earliest = Double.tanh(left / 2)
    var hit: Int?
    for ray in [before, behind] {
      let normal = geometry.inward(fromRay: ray, to: cone)
      let slope = normal.dot(direction)
      let distance = ray == entry ? 0 : max(0, normal.dot(state.w))
      if let t = Self.firstRoot(distance, slope * along, slope * state.x), t < earliest {
        earliest = t
        hit = ray
      }
    }
    guard let hit else {
      let half = Double.sinh(left / 2)
      boost(
        &state, direction, along, coshMinusOne: 2 * half * half,
        sinh: 2 * half * (1 + half * half).squareRoot())
      remaining = 0
      return nil
    }
    let denominator = 1 / ((1 - earliest) * (1 + earliest))
    boost(
      &state, direction, along, coshMinusOne: 2 * earliest * earliest * denominator,
      sinh: 2 * earliest * denominator)
    let travelled = Double.log(onePlus: 2 * earliest / (1 - earliest))
    remaining *= max(0, 1 - travelled / left)
    // Two samples bound both sides of a cone unless there is only one, whose line then carries both rays.
    if geometry.n == 1, state.w.dot(geometry.ray[hit]) < 0 { return geometry.opposite(ofRay: hit) }
    return hit
  }

  @inline(__always)
  private func boost(
    _ state: inout NeuronState, _ direction: PlaneVector, _ along: Double, coshMinusOne: Double, sinh: Double
  ) {
    let w = state.w + direction * (along * coshMinusOne + state.x * sinh)
    state = NeuronState(state.x + state.x * coshMinusOne + along * sinh, w)
  }

  /// The smallest T = tanh(z/2) in (0, 1) at which distance + A (cosh z − 1) + B sinh z falls below zero, for
  /// distance ≥ 0: a root of (2A − distance) T² + 2B T + distance = 0.
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
    let direction = geometry.ray[ray]
    state = NeuronState(state.x, direction * max(0, state.w.dot(direction)))
    return .ray(ray, positive: state.x > 0)
  }

  private enum SlideEnd { case end, signChange, origin }

  /// Slides along a ray until the impulse is used up, â changes sign, or w = 0 is reached.
  private func slide(
    _ ray: Int, _ positive: Bool, _ state: inout NeuronState, _ remaining: inout Double
  ) -> SlideEnd {
    let direction = geometry.ray[ray]
    let u = field.along[ray] * remaining
    let length = state.w.dot(direction)
    // â + ρ and â − ρ grow by e^u and e^−u; |â| or ρ vanishes where |tanh z| is their ratio.
    let ratio = Swift.min(Swift.abs(state.x), length) / Swift.max(Swift.abs(state.x), length)
    let shrinks = (positive ? u : -u) < 0
    if shrinks, Swift.abs(Double.tanh(u)) >= ratio {
      let invariant = state.x * state.x - length * length
      remaining *= max(0, 1 - Double.atanh(ratio) / Swift.abs(u))
      if invariant > 0 {
        state = NeuronState((positive ? 1 : -1) * invariant.squareRoot(), .zero)
        return .origin
      }
      state = NeuronState(0, direction * (-invariant).squareRoot())
      return .signChange
    }
    let half = Double.sinh(u / 2)
    let c = 2 * half * half
    let s = 2 * half * (1 + half * half).squareRoot()
    state = NeuronState(
      state.x + state.x * c + length * s, direction * (length + length * c + state.x * s))
    remaining = 0
    return .end
  }
}
