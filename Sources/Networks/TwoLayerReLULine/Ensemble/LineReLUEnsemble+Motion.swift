import RealModule

/// A motion of the ensemble along a path of impulses: the courses of the groups, and the neurons
/// that leave theirs on the way.
struct LineReLUMotion: ResidualMotion {
  /// r̃_i after the motion.
  let residual: [Double]
  /// By group; nil where it has no members or does not move.
  fileprivate let courses: [GroupCourse?]
  /// In order of groups, and within a group of descending slack classes and ascending positions.
  fileprivate let inspections: [Inspection]
  /// By group; nil where no member had to be inspected.
  fileprivate let ways: [GroupExits?]

  /// Whether some of the members of a group, so many in all, are at its place at the end.
  fileprivate func keepsMembers(of group: Int, _ count: Int, at place: Place) -> Bool {
    let own = inspections.filter { $0.slice.group == group }
    if courses[group].map({ $0.place == place }) ?? true {
      return own.reduce(0) { $0 + $1.departures.count } < count
    }
    return own.contains { $0.exits.contains { Int($0.group) == group } }
  }

  /// A part of the members of a group that have to be inspected.
  fileprivate struct Slice {
    let group: Int
    let slackClass: Int
    let blocks: Range<Int>
  }

  /// What inspecting them has found.
  fileprivate struct Inspection {
    let slice: Slice
    /// How many members were inspected.
    let count: Int
    /// The positions in their slack class of those that leave their group.
    let departures: [UInt32]
    /// Where the first of them go. For the others that is worked out again when the motion is
    /// made: to keep it for all would take as much memory as the neurons themselves.
    let exits: [Exit]
    /// What those that leave change in Σ â w, by cone.
    let changes: FewByNumber<PlaneVector>

    /// Where all of them go, of a group that has not been changed since.
    func allExits(from group: NeuronGroup, _ ways: GroupExits) -> [Exit] {
      if exits.count == departures.count { return exits }
      var exits = exits
      exits.reserveCapacity(departures.count)
      let size = UInt32(MemberList.blockSize)
      let room = GroupExits.Room.allocate(capacity: MemberList.blockSize)
      defer { room.deallocate() }
      var rest = departures[exits.count...]
      while let first = rest.first {
        let ofBlock = rest.prefix { $0 / size == first / size }
        rest = rest.dropFirst(ofBlock.count)
        let positions = ofBlock.map { $0 % size }
        group.members[slice.slackClass].blocks[Int(first / size)].withUnsafeBufferPointer { members in
          positions.withUnsafeBufferPointer { positions in
            ways.forEach(of: members, at: positions, group.frame, room) { exits.append(Exit($1)) }
          }
        }
      }
      return exits
    }
  }

  /// Where a neuron that leaves its group is at the end, of which many are kept; 32 bytes.
  fileprivate struct Exit {
    let a: Double
    let w: Double
    let b: Double
    let group: Int32

    init(_ exit: NeuronExit) {
      a = exit.state.x
      w = exit.state.y
      b = exit.state.z
      group = Int32(truncatingIfNeeded: exit.group)
    }

    var state: NeuronState { NeuronState(a, w, b) }

    /// For how many of so many members exits are kept: for all in small networks, and never for so
    /// many that it would count: four mebibytes in all, or four bytes a neuron.
    static func limit(members: Int, width: Int) -> Int {
      width <= 1 << 17 ? members : max(members / 8, (members << 17) / width)
    }
  }
}

extension LineReLUEnsemble {
  /// Moves all groups, and one by one the neurons that leave theirs on the way.
  func motion(along pieces: [Impulse]) -> LineReLUMotion {
    let fields = fields(of: pieces)
    let courses = groups.indices.map { g -> GroupCourse? in
      guard !groups[g].isEmpty, g != geometry.circle.deadCone else { return nil }
      return GroupCourse(groups[g], at: place(of: g), fields: fields, border: border)
    }
    let slices = slices(courses)
    var ways = [GroupExits?](repeating: nil, count: groups.count)
    for slice in slices where ways[slice.group] == nil {
      ways[slice.group] = GroupExits(from: place(of: slice.group), under: fields, geometry.circle)
    }
    let inspections = pool(for: slices).map(slices.count) { inspect(slices[$0], courses, ways) }
    var strays = [PlaneVector](repeating: .zero, count: geometry.circle.count)
    for inspection in inspections {
      for (cone, sum) in inspection.changes.values { strays[cone] += sum }
    }
    let frames = groups.indices.map { courses[$0]?.frame ?? (groups[$0].isEmpty ? nil : groups[$0].frame) }
    return LineReLUMotion(
      residual: residual(frames, homes: courses.map { $0?.place }, strays: strays), courses: courses,
      inspections: inspections, ways: ways)
  }

  /// Whether one of the impulses pushes neurons on a ray to another side than the first does. Rays
  /// count that have neurons on them or beside them.
  func isUndecided(along pieces: [Impulse]) -> Bool {
    let known = knownDrives(of: pieces)
    let pushes = pieces.indices.map { geometry.pushes(of: pieces[$0].samples, known: known?[$0]) }
    guard let first = pushes.first else { return false }
    return first.indices.contains { ray in
      pushes.contains { $0[ray] != first[ray] } && isInUse(ray)
    }
  }

  /// Whether a motion leaves neurons on a ray off which the residuals push them before it as well
  /// as after, or in a cone to whose ray they came and off which the residuals do not push them
  /// there.
  func isContradictory(_ motion: LineReLUMotion, before: Impulse, after: Impulse) -> Bool {
    let circle = geometry.circle
    let known = knownDrives(of: [before, after])
    let before = RayPushes(of: before.samples, geometry, known: known?[0])
    lazy var after = RayPushes(of: after.samples, geometry, known: known?[1])
    // Groups on rays come behind those in cones.
    for g in groups.indices.dropFirst(circle.count) where !groups[g].isEmpty {
      guard case .ray(let ray, let positive) = place(of: g) else { continue }
      let sign = positive ? 1.0 : -1
      if before.motion(onRay: ray, sign: sign) != .slides, after.motion(onRay: ray, sign: sign) != .slides,
        motion.keepsMembers(of: g, groups[g].count, at: place(of: g))
      {
        return true
      }
    }
    for inspection in motion.inspections where inspection.slice.group < circle.count {
      let cone = inspection.slice.group
      for exit in inspection.exits where Int(exit.group) == cone {
        let ray = nearestRay(of: cone, to: exit.state.w)
        let entry: RayMotion = circle.activeSide(ofRay: ray) == cone ? .leavesToActive : .leavesToInactive
        let sign = exit.a > 0 ? 1.0 : -1
        if before.motion(onRay: ray, sign: sign) != entry, after.motion(onRay: ray, sign: sign) != entry {
          return true
        }
      }
    }
    return false
  }

  /// Of the two rays of a cone that which is nearer to a vector.
  private func nearestRay(of cone: Int, to w: PlaneVector) -> Int {
    let (before, behind) = geometry.circle.rays(ofCone: cone)
    func distance(_ ray: Int) -> Double { geometry.inward(fromRay: ray, to: cone).dot(w) }
    return distance(before) < distance(behind) ? before : behind
  }

  private func isInUse(_ ray: Int) -> Bool {
    let circle = geometry.circle
    return [
      Place.ray(ray, positive: false), .ray(ray, positive: true), .cone(circle.activeSide(ofRay: ray)),
      .cone(circle.inactiveSide(ofRay: ray)),
    ].contains { place in
      let g = circle.group(of: place)
      return g != circle.deadCone && !groups[g].isEmpty
    }
  }

  /// The members that have to be inspected, in parts.
  private func slices(_ courses: [GroupCourse?]) -> [LineReLUMotion.Slice] {
    var slices: [LineReLUMotion.Slice] = []
    for (g, course) in courses.enumerated() {
      guard let course else { continue }
      for slackClass in stride(from: Border.classes, through: course.firstClass, by: -1) {
        let blocks = groups[g].members[slackClass].blocks.count
        for first in stride(from: 0, to: blocks, by: Self.blocksPerSlice) {
          let range = first..<min(blocks, first + Self.blocksPerSlice)
          slices.append(.init(group: g, slackClass: slackClass, blocks: range))
        }
      }
    }
    return slices
  }

  /// Enough that a thread pays, and so few that all threads have something to do.
  private static var blocksPerSlice: Int { 4 }

  /// Less is done sooner than shared.
  private static var minSharedBlocks: Int { 4 }
  private static var minSharedDepartures: Int { 256 }

  /// All threads where there is much to inspect, else one.
  private func pool(for slices: [LineReLUMotion.Slice]) -> ThreadPool {
    let blocks = slices.reduce(0) { $0 + $1.blocks.count }
    return blocks >= Self.minSharedBlocks ? pool : .serial
  }

  private func inspect(
    _ slice: LineReLUMotion.Slice, _ courses: [GroupCourse?], _ ways: [GroupExits?]
  ) -> LineReLUMotion.Inspection {
    var departures: [UInt32] = []
    var exits: [LineReLUMotion.Exit] = []
    var changes = FewByNumber<PlaneVector>(default: .zero)
    var inspected = 0
    guard let course = courses[slice.group], let ways = ways[slice.group] else {
      return .init(slice: slice, count: 0, departures: [], exits: [], changes: changes)
    }
    let exitLimit = LineReLUMotion.Exit.limit(
      members: slice.blocks.count * MemberList.blockSize, width: width)
    let frame = groups[slice.group].frame
    var lost = PlaneVector.zero
    let found = UnsafeMutableBufferPointer<UInt32>.allocate(capacity: MemberList.blockSize)
    let room = GroupExits.Room.allocate(capacity: MemberList.blockSize)
    defer {
      found.deallocate()
      room.deallocate()
    }
    let blocks = groups[slice.group].members[slice.slackClass].blocks
    for block in slice.blocks {
      blocks[block].withUnsafeBufferPointer { members in
        inspected += members.count
        let positions = UnsafeBufferPointer(
          rebasing: found[..<course.findThoseThatMayLeave(members, found)])
        departures.reserve(positions.count)
        exits.reserve(min(positions.count, exitLimit - exits.count))
        ways.forEach(of: members, at: positions, frame, room) { i, exit in
          let together = course.frame.apply(members[Int(positions[i])].state)
          lost += together.x * together.w
          changes[exit.cone] += exit.state.x * exit.state.w
          if exits.count < exitLimit { exits.append(.init(exit)) }
          departures.append(UInt32(truncatingIfNeeded: block * MemberList.blockSize) + positions[i])
        }
      }
    }
    changes[geometry.circle.cone(of: course.place)] -= lost
    return .init(slice: slice, count: inspected, departures: departures, exits: exits, changes: changes)
  }

  /// Moves all groups and regroups the neurons that left theirs.
  mutating func advance(_ motion: LineReLUMotion) {
    let departures = motion.inspections.reduce(0) { $0 + $1.departures.count }
    let pool = departures >= Self.minSharedDepartures ? pool : .serial
    let borders = groups.indices.map { border(place(of: $0)) }
    var arrivals = [[MemberList]](repeating: [], count: groups.count)
    for emigrants in advanceGroups(motion, pool) {
      for (destination, members) in emigrants.values { arrivals[destination].append(members) }
    }
    arrivals.withUnsafeMutableBufferPointer { arrivals in
      let arrivals = arrivals
      pool.forEach(&groups) { g, group in
        for i in arrivals[g].indices { arrivals[g][i].drain { group.insert($0, borders[g]) } }
      }
    }
    let deadCone = geometry.circle.deadCone
    let unordered = groups.indices.filter { groups[$0].wantsOrder && $0 != deadCone }
    let members = unordered.reduce(0) { $0 + groups[$1].count }
    groups.withUnsafeMutableBufferPointer { [pool = self.pool] groups in
      let groups = groups
      (members >= 4 * MemberList.blockSize ? pool : .serial).perform(unordered.count) {
        groups[unordered[$0]].order(borders[unordered[$0]])
      }
    }
    residual = residual(groups.map { $0.isEmpty ? nil : $0.frame }, homes: nil, strays: nil)
  }

  /// Moves all groups and takes out the neurons that leave them, in their present states; by the
  /// group that they left and that to which they go.
  private mutating func advanceGroups(_ motion: LineReLUMotion, _ pool: ThreadPool)
    -> [FewByNumber<MemberList>]
  {
    var inspections = [Range<Int>](repeating: 0..<0, count: groups.count)
    for (i, inspection) in motion.inspections.enumerated() {
      let g = inspection.slice.group
      inspections[g] = (inspections[g].isEmpty ? i : inspections[g].lowerBound)..<i + 1
    }
    let places = groups.indices.map { place(of: $0) }
    let circle = geometry.circle
    return groups.withUnsafeMutableBufferPointer { groups in
      let groups = groups
      return pool.map(groups.count) { g in
        var emigrants = FewByNumber(default: MemberList())
        guard let course = motion.courses[g] else { return emigrants }
        var inspected = 0
        for inspection in motion.inspections[inspections[g]].reversed() {
          inspected += inspection.count
          let slackClass = inspection.slice.slackClass
          guard let ways = motion.ways[g] else { continue }
          let exits = inspection.allExits(from: groups[g], ways)
          // Slices of a class come from the back: the positions of those still to come stay valid.
          groups[g].remove(slackClass: slackClass, at: inspection.departures) { i, member in
            emigrants[Int(exits[i].group)].append(member.with(exits[i].state))
          }
        }
        groups[g].advance(to: course.frame, growth: course.growth, inspected: inspected)
        if course.place != places[g] {
          let next = circle.group(of: course.place)
          groups[g].drain { emigrants[next].append($0) }
        }
        return emigrants
      }
    }
  }
}

extension Array {
  /// Makes room for some more elements, and by doubling.
  fileprivate mutating func reserve(_ more: Int) {
    if count + more > capacity { reserveCapacity(Swift.max(count + more, 2 * capacity)) }
  }
}
