import VectorKernels

/// Where a neuron is that left its group on the way.
struct NeuronExit {
  /// θ.
  let state: NeuronState
  /// The group to which it belongs now.
  let group: Int
  /// The cone whose active samples it has.
  let cone: Int
}

/// Works out where the neurons of a group are after a sequence of straight impulses: those of a
/// cone many at a time as far as simple things happen to them, the others one by one.
///
/// A class, so that threads which inspect the same group do not count references to each of its
/// parts.
final class GroupExits {
  private let start: Place
  private let circle: ConeCircle
  /// The impulses, to which the paths belong.
  private let fields: [ImpulseField]
  private let paths: [NeuronPath]
  /// By impulse; empty if neurons have to be moved one by one.
  private let surroundings: [ConeSurroundings]
  /// By `ExitKind`; on a ray, for the neurons with â ≤ 0.
  private let destinations: [(group: Int, cone: Int)]

  /// - Parameters:
  ///   - start: the place of the group.
  ///   - fields: the impulses.
  init(from start: Place, under fields: [ImpulseField], _ circle: ConeCircle) {
    self.start = start
    self.circle = circle
    self.fields = fields
    paths = fields.map(NeuronPath.init)
    var surroundings: [ConeSurroundings] = []
    var destinations: [(group: Int, cone: Int)] = []
    // With one sample both rays of a cone lie on the same line, and a neuron beyond one is beyond
    // the other.
    if case .cone(let cone) = start, circle.n > 1 {
      surroundings = fields.map { $0.surroundings(ofCone: cone) }
      if surroundings.contains(where: { !($0.maxRapidity <= max_rapidity_of_exits) }) {
        surroundings = []
      }
      let (before, behind) = circle.rays(ofCone: cone)
      let places: [Place] = [
        start, .ray(before, positive: false), .ray(behind, positive: false),
        .cone(circle.across(before, from: cone)), .cone(circle.across(behind, from: cone)),
      ]
      destinations = places.map { (circle.group(of: $0), circle.cone(of: $0)) }
    }
    self.surroundings = surroundings
    self.destinations = destinations
  }

  /// Room for what is found out about neurons on the way, to be used again and again.
  typealias Room = UnsafeMutableBufferPointer<ConeExit>

  /// Calls `body` with every neuron that leaves the group.
  ///
  /// - Parameters:
  ///   - members: some members of the group.
  ///   - positions: which of them may leave.
  ///   - frame: the frame of the group before.
  ///   - room: for as many exits as there are positions.
  ///   - body: takes an index in `positions` and the exit, in their order.
  @inline(__always)
  func forEach(
    of members: UnsafeBufferPointer<Member>, at positions: UnsafeBufferPointer<UInt32>, _ frame: Frame,
    _ room: Room,
    _ body: (Int, NeuronExit) -> Void
  ) {
    if surroundings.isEmpty {
      for i in positions.indices {
        if let exit = path(of: members[Int(positions[i])], frame) { body(i, exit) }
      }
      return
    }
    findMany(members, positions, frame, room)
    for i in positions.indices {
      let found = room[i]
      let kind = ExitKind(UInt32(truncatingIfNeeded: found.kind))
      if kind == exit_stays { continue }
      if kind == exit_is_doubtful {
        if let exit = path(of: members[Int(positions[i])], frame) { body(i, exit) }
        continue
      }
      let (group, cone) = destinations[Int(found.kind)]
      let slides = kind == exit_slides_on_first || kind == exit_slides_on_second
      body(
        i,
        NeuronExit(
          state: NeuronState(found.a, found.w, found.b), group: slides && found.a > 0 ? group + 1 : group,
          cone: cone))
    }
  }

  private func findMany(
    _ members: UnsafeBufferPointer<Member>, _ positions: UnsafeBufferPointer<UInt32>, _ frame: Frame,
    _ room: Room
  ) {
    guard let first = members.baseAddress, let position = positions.baseAddress, let exits = room.baseAddress
    else { return }
    let m = frame.change
    let columns = [m.c0.x, m.c0.y, m.c0.z, m.c1.x, m.c1.y, m.c1.z, m.c2.x, m.c2.y, m.c2.z]
    first.withMemoryRebound(to: Double.self, capacity: members.count * Member.doubles) { neurons in
      neurons_leaving_cone(
        neurons, position, positions.count, columns, surroundings, surroundings.count, exits)
    }
  }

  /// What becomes of one neuron, if it leaves the group.
  private func path(of member: Member, _ frame: Frame) -> NeuronExit? {
    var place = start
    var state = frame.apply(member.state)
    var leaves = false
    for path in paths where path.move(&place, &state) { leaves = true }
    return leaves
      ? NeuronExit(state: state, group: circle.group(of: place), cone: circle.cone(of: place)) : nil
  }
}

extension ImpulseField {
  /// What the impulse does in a cone and next to it.
  fileprivate func surroundings(ofCone cone: Int) -> ConeSurroundings {
    let (before, behind) = geometry.circle.rays(ofCone: cone)
    return ConeSurroundings(
      home: ConeMotion(cones[cone], isTurned: false),
      side: (side(before, from: cone), side(behind, from: cone)))
  }

  private func side(_ ray: Int, from home: Int) -> RaySide {
    let circle = geometry.circle
    let beyond = cones[circle.across(ray, from: home)]
    let r = rays[ray]
    let isInactive = circle.inactiveSide(ofRay: ray) == home
    return RaySide(
      unit: (r.unit.x, r.unit.y), push_home: isInactive ? r.pushInactive : -r.pushActive,
      push_beyond: isInactive ? -r.pushActive : r.pushInactive, along: r.along,
      beyond: ConeMotion(beyond, isTurned: beyond.rays.0 != ray))
  }
}

extension ConeMotion {
  /// - Parameter isTurned: whether the ray behind the cone comes first.
  fileprivate init(_ cone: ImpulseField.Cone, isTurned: Bool) {
    let (n0, n1) = isTurned ? (cone.normals.1, cone.normals.0) : cone.normals
    self.init(
      direction: (cone.direction.x, cone.direction.y), rapidity: cone.rapidity,
      cosh_minus_one: cone.whole.coshMinusOne, sinh: cone.whole.sinh, half_tanh: cone.whole.halfTanh,
      normal: ((n0.x, n0.y), (n1.x, n1.y)), slope: isTurned ? (cone.slopes.1, cone.slopes.0) : cone.slopes)
  }
}

extension ConeSurroundings {
  /// The largest rapidity of a neuron; not a number if one is none.
  fileprivate var maxRapidity: Double {
    [
      home.rapidity, side.0.beyond.rapidity, side.1.beyond.rapidity, side.0.along.magnitude,
      side.1.along.magnitude,
    ]
    .reduce(0) { $1 > $0 || $1.isNaN ? $1 : $0 }
  }
}
