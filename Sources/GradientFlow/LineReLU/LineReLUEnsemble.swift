import Model
import RealModule

/// A two-layer ReLU network with bias on inputs of dimension 1, its neurons grouped by what they do.
///
/// An impulse moves every group by one boost, whatever the width; only neurons that leave their group are
/// looked at one by one (`docs/method.md`, section 4).
public struct LineReLUEnsemble: Ensemble {
  private let geometry: ConeGeometry
  /// c = κ/κ': f_i = c Σ_k â_k σ(w_k·x_i).
  private let scale: Double
  /// (w, b) at the start, by neuron.
  private let initial: InitialInputWeights
  /// ‖θ_w(0)‖².
  let initialSquared: Double
  /// 2n cones, then for every ray the neurons with â ≤ 0 and those with â > 0.
  private(set) var groups: [NeuronGroup]
  /// r̃_i, n values in ascending order of x.
  public private(set) var residual: [Double]

  /// The ensemble at its initial values.
  ///
  /// - Parameters:
  ///   - samples: the training data, of dimension 1.
  ///   - kappa: κ > 0.
  ///   - kappaPrime: κ' > 0.
  ///   - values: ā, w̄ and biases of the m neurons.
  public init(samples: SampleSet, kappa: Double, kappaPrime: Double, values: InitialValues) {
    let geometry = ConeGeometry(samples)
    self.geometry = geometry
    scale = kappa / kappaPrime
    initial = InitialInputWeights(w: values.w, b: values.b)
    initialSquared = initial.squaredNorm
    groups = [NeuronGroup](repeating: NeuronGroup(), count: 3 * geometry.circle.count)
    residual = []
    let members = Self.sort(initial, by: geometry)
    for cone in 0..<geometry.circle.count where !members[cone].isEmpty {
      let (v1, v2) = functionals(cone)
      groups[cone] = NeuronGroup(members[cone], v1, v2) { [initial] k in
        NeuronState(kappaPrime * values.a[k], initial[k])
      }
    }
    residual = residual(in: groups.map(\.frame))
  }

  /// The indices of the neurons in each cone, ascending.
  private static func sort(_ w: InitialInputWeights, by geometry: ConeGeometry) -> [ArraySlice<UInt32>] {
    let cones = (0..<w.count).map { UInt32(geometry.cone(of: w[$0])) }
    var end = [Int](repeating: 0, count: geometry.circle.count)
    for cone in cones { end[Int(cone)] += 1 }
    var total = 0
    for cone in end.indices { (end[cone], total) = (total, total + end[cone]) }
    let start = end
    var sorted = [UInt32](repeating: 0, count: w.count)
    for (k, cone) in cones.enumerated() {
      sorted[end[Int(cone)]] = UInt32(k)
      end[Int(cone)] += 1
    }
    return zip(start, end).map { sorted[$0..<$1] }
  }

  /// n, the number of distinct samples.
  public var sampleCount: Int { geometry.n }

  /// RD, from moments that keep displacements apart from positions: right to rounding however small.
  public var relativeChange: Double {
    let squared = groups.reduce(0) { $0 + $1.squaredDisplacement }
    // Rounding may leave a displacement of zero slightly negative.
    return squared < 0 ? 0 : (squared / initialSquared).squareRoot()
  }

  // MARK: Groups and places

  func group(of place: Place) -> Int {
    switch place {
    case .cone(let cone): cone
    case .ray(let ray, let positive): geometry.circle.count + 2 * ray + (positive ? 1 : 0)
    case .origin: geometry.circle.deadCone
    }
  }

  func place(of group: Int) -> Place {
    if group < geometry.circle.count { return .cone(group) }
    let slot = group - geometry.circle.count
    return .ray(slot / 2, positive: slot % 2 == 1)
  }

  /// The cone whose active samples the group has; for a ray, the one on its inactive side.
  private func cone(ofGroup group: Int) -> Int {
    switch place(of: group) {
    case .cone(let cone): cone
    case .ray(let ray, _): geometry.circle.inactiveSide(ofRay: ray)
    case .origin: geometry.circle.deadCone
    }
  }

  /// The unit functionals on θ that stay positive while a neuron stays in the group.
  private func functionals(_ group: Int) -> (SIMD3<Double>, SIMD3<Double>) {
    switch place(of: group) {
    case .cone(let cone):
      let (before, behind) = geometry.circle.rays(ofCone: cone)
      return (
        NeuronState(0, geometry.inward(fromRay: before, to: cone)),
        NeuronState(0, geometry.inward(fromRay: behind, to: cone))
      )
    case .ray(let ray, let positive):
      return (NeuronState(positive ? 1 : -1, .zero), NeuronState(0, geometry.ray[ray]))
    case .origin:
      return (.zero, .zero)
    }
  }

  private mutating func order(_ group: Int) {
    let (v1, v2) = functionals(group)
    groups[group].order(v1, v2)
  }

  /// The drive of a group that stays together under the field: for a ray, its component along the ray.
  private func drive(_ group: Int, _ field: ImpulseField) -> PlaneVector {
    switch place(of: group) {
    case .cone(let cone): field.cones[cone].drive
    case .ray(let ray, _): field.rays[ray].unit * field.rays[ray].along
    case .origin: .zero
    }
  }

  // MARK: Residuals and kernel

  /// The residuals with every group in the given frame, and Σ â w by cone added of neurons that are not where
  /// their group is.
  private func residual(in frames: [Frame], strays: [PlaneVector]? = nil) -> [Double] {
    // Σ â w by cone; f_i = c x̃_i · (sum over the cones where i is active).
    var products = strays ?? [PlaneVector](repeating: .zero, count: geometry.circle.count)
    for g in groups.indices where !groups[g].isEmpty {
      let moment = groups[g].secondMoment(in: frames[g])
      products[cone(ofGroup: g)] += PlaneVector(moment.c1.x, moment.c2.x)
    }
    let n = geometry.n
    var result = geometry.y.map { -$0 }
    var sum = PlaneVector.zero
    for i in 0..<n {
      sum += products[i]
      result[i] += scale * geometry.x[i].dot(sum)
    }
    sum = .zero
    for i in stride(from: n - 2, through: 0, by: -1) {
      // Sample i is active in the prefixes {0 … j} with j ≥ i: the cones n + 1 + j.
      sum += products[n + 1 + i]
      result[i] += scale * geometry.x[i].dot(sum)
    }
    return result
  }

  /// K_ij = c Σ_k [σ_ki σ_kj + â_k² σ'_ki σ'_kj x̃_i·x̃_j], from the moments of the groups.
  public func kernel() -> [Double] {
    let n = geometry.n
    // Σ (w wᵀ + â² P) by cone, with the projector P on the directions in which the neurons may move.
    typealias Symmetric = SIMD3<Double>
    var blocks = [Symmetric](repeating: .zero, count: geometry.circle.count)
    for g in groups.indices where !groups[g].isEmpty {
      let moment = groups[g].secondMoment(in: groups[g].frame)
      let a2 = moment.c0.x
      var block = Symmetric(moment.c1.y, moment.c1.z, moment.c2.z)
      if case .ray(let ray, _) = place(of: g) {
        let e = geometry.ray[ray]
        block += a2 * Symmetric(e.x * e.x, e.x * e.y, e.y * e.y)
      } else {
        block += Symmetric(a2, 0, a2)
      }
      blocks[cone(ofGroup: g)] += block
    }
    // Suffix cones hold i ≤ j when they start at or before i, prefix cones when they end at or behind j.
    var suffix = blocks[0..<n]
    for i in 1..<max(n, 1) { suffix[i] += suffix[i - 1] }
    var prefix = [Symmetric](repeating: .zero, count: n)
    for j in stride(from: n - 2, through: 0, by: -1) { prefix[j] = prefix[j + 1] + blocks[n + 1 + j] }
    var result = [Double](repeating: 0, count: n * n)
    for i in 0..<n {
      for j in i..<n {
        let t = suffix[i] + prefix[j]
        let image = PlaneVector(
          t.x * geometry.x[j].x + t.y * geometry.x[j].y, t.y * geometry.x[j].x + t.z * geometry.x[j].y)
        let value = scale * geometry.x[i].dot(image)
        result[i * n + j] = value
        result[j * n + i] = value
      }
    }
    return result
  }

  /// The largest |u| over the groups that hold neurons.
  public func mobility(_ impulse: [Double]) -> Double {
    let field = ImpulseField(impulse, geometry)
    var largest = 0.0
    for g in groups.indices where !groups[g].isEmpty {
      let rapidity = drive(g, field).norm
      // `max` would pass over a number that is none.
      if rapidity.isNaN { return .infinity }
      largest = max(largest, rapidity)
    }
    return largest
  }

  // MARK: Motion

  /// A motion of the ensemble by one impulse: the groups' frames after it, and the neurons that leave their
  /// groups on the way.
  public struct Motion: EnsembleMotion {
    /// r̃_i after the motion.
    public let residual: [Double]
    fileprivate let frames: [Frame]
    fileprivate let moves: [Move]
    /// How many members were looked at, by group.
    fileprivate let inspected: [Int]

    fileprivate struct Move {
      let group: Int
      let position: Int
      let destination: Int
      let state: NeuronState
    }
  }

  /// Moves all groups, and one by one the neurons that leave theirs on the way.
  public func motion(along pieces: [[Double]]) -> Motion {
    let fields = pieces.map { ImpulseField($0, geometry) }
    return withExtendedLifetime(fields) { motion(through: fields) }
  }

  private func motion(through fields: [ImpulseField]) -> Motion {
    let paths = fields.map(NeuronPath.init)
    var frames = groups.map(\.frame)
    var inspected = [Int](repeating: 0, count: groups.count)
    var moves: [Motion.Move] = []
    var strays = [PlaneVector](repeating: .zero, count: geometry.circle.count)
    var found: [Int] = []
    for g in groups.indices where !groups[g].isEmpty && g != geometry.circle.deadCone {
      let place = place(of: g)
      let drives = fields.map { drive(g, $0) }
      var waypoints: [Frame] = []
      for drive in drives {
        frames[g] = frames[g].followed(by: Boost(drive))
        waypoints.append(frames[g])
      }
      found.removeAll(keepingCapacity: true)
      if case .ray(let ray, let positive) = place,
        fields.contains(where: { $0.rays[ray].motion(sign: positive ? 1 : -1) != .slides })
      {
        found.append(contentsOf: 0..<groups[g].count)
      } else {
        let (v1, v2) = functionals(g)
        inspected[g] = groups[g].findLeaving(
          v1, v2, frames: waypoints, rapidity: drives.reduce(0) { max($0, $1.norm) }, into: &found)
      }
      let home = cone(ofGroup: g)
      for position in found {
        var destination = place
        var state = groups[g].state(at: position)
        var leaves = false
        for path in paths where path.move(&destination, &state) { leaves = true }
        guard leaves else { continue }
        let target = group(of: destination)
        moves.append(.init(group: g, position: position, destination: target, state: state))
        let together = frames[g].apply(groups[g].pulledBack(at: position))
        strays[home] -= together.x * together.w
        strays[cone(ofGroup: target)] += state.x * state.w
      }
    }
    return Motion(
      residual: residual(in: frames, strays: strays), frames: frames, moves: moves, inspected: inspected)
  }

  /// Moves all groups and regroups the neurons that left theirs.
  public mutating func advance(_ motion: Motion) {
    for g in groups.indices where !groups[g].isEmpty {
      groups[g].advance(to: motion.frames[g], inspected: motion.inspected[g])
    }
    let keys = motion.moves.map { groups[$0.group].index[$0.position] }
    // Positions ascend within a group: from the back, those still to come stay valid.
    for move in motion.moves.reversed() {
      let k = groups[move.group].index[move.position]
      groups[move.group].remove(at: move.position, initial: initial[Int(k)])
    }
    for (move, k) in zip(motion.moves, keys) {
      groups[move.destination].insert(move.state, index: k, initial: initial[Int(k)])
    }
    for g in groups.indices where groups[g].wantsOrdering && g != geometry.circle.deadCone { order(g) }
    residual = residual(in: groups.map(\.frame))
  }
}

extension LineReLUEnsemble {
  /// θ = (â, w, b) of all m neurons at the present state, in their original order.
  func neurons() -> [NeuronState] {
    var result = [NeuronState](repeating: .zero, count: initial.count)
    for group in groups {
      for position in 0..<group.count { result[Int(group.index[position])] = group.state(at: position) }
    }
    return result
  }
}

/// (w, b) at the start, by neuron; shares the storage of the initial values.
private struct InitialInputWeights: Sendable {
  let w: [Double]
  let b: [Double]

  var count: Int { w.count }

  @inline(__always) subscript(k: Int) -> PlaneVector { PlaneVector(w[k], b[k]) }

  /// Σ |w|² over the neurons.
  var squaredNorm: Double { (0..<count).reduce(0) { $0 + self[$1].dot(self[$1]) } }
}
