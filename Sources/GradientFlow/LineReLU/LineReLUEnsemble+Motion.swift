import RealModule

/// A motion of the ensemble along a path of impulses: the courses of the groups, and the neurons that leave theirs
/// on the way.
public struct LineReLUMotion: EnsembleMotion {
  /// r̃_i after the motion.
  public let residual: [Double]
  /// By group; nil where it has no members or does not move.
  fileprivate let courses: [GroupCourse?]
  /// In order of groups, and within a group of descending slack classes and ascending positions.
  fileprivate let inspections: [Inspection]
  /// The impulses.
  fileprivate let fields: [ImpulseField]

  /// A part of the members of a group that have to be looked at.
  fileprivate struct Slice {
    let group: Int
    let slackClass: Int
    let blocks: Range<Int>
  }

  /// What came out of looking at them.
  fileprivate struct Inspection {
    let slice: Slice
    /// How many members were looked at.
    let count: Int
    /// The positions in their slack class of those that leave their group.
    let departures: [UInt32]
    /// Where the first of them go. For the others that is worked out again when the motion is carried out: to keep it
    /// for all would take as much memory as the neurons themselves.
    let exits: [Exit]
    /// What those that leave change in Σ â w, by cone.
    let changes: ConeSums
  }

  /// Where a neuron that leaves its group is at the end; 32 bytes.
  fileprivate struct Exit {
    let a: Double
    let w: Double
    let b: Double
    let group: Int32

    init(_ state: NeuronState, group: Int) {
      a = state.x
      w = state.y
      b = state.z
      self.group = Int32(truncatingIfNeeded: group)
    }

    var state: NeuronState { NeuronState(a, w, b) }

    /// For how many of so many members exits are kept: for all in small networks, and never for so many that it would
    /// count: four mebibytes in all, or four bytes a neuron.
    static func limit(members: Int, width: Int) -> Int {
      width <= 1 << 17 ? members : max(members / 8, (members << 17) / width)
    }
  }

  /// Σ â w in a few cones.
  fileprivate struct ConeSums {
    private(set) var sums: [(cone: Int, sum: PlaneVector)] = []

    mutating func add(_ product: PlaneVector, to cone: Int) {
      // Neurons leave for a few cones next to theirs, one after the other for the same.
      for i in sums.indices where sums[i].cone == cone {
        sums[i].sum += product
        return
      }
      sums.append((cone, product))
    }
  }
}

extension LineReLUEnsemble {
  /// Moves all groups, and one by one the neurons that leave theirs on the way.
  public func motion(along pieces: [[Double]]) -> LineReLUMotion {
    let fields = pieces.map { ImpulseField($0, geometry) }
    let courses = groups.indices.map { g -> GroupCourse? in
      guard !groups[g].isEmpty, g != geometry.circle.deadCone else { return nil }
      return GroupCourse(groups[g], at: place(of: g), fields: fields, border: border)
    }
    let slices = slices(courses)
    let inspections = cores(for: slices).map(slices.count) { inspect(slices[$0], courses, fields) }
    var strays = [PlaneVector](repeating: .zero, count: geometry.circle.count)
    for inspection in inspections {
      for (cone, sum) in inspection.changes.sums { strays[cone] += sum }
    }
    let frames = groups.indices.map { courses[$0]?.frame ?? (groups[$0].isEmpty ? nil : groups[$0].frame) }
    return LineReLUMotion(
      residual: residual(frames, homes: courses.map { $0?.place }, strays: strays), courses: courses,
      inspections: inspections, fields: fields)
  }

  /// Whether one of the impulses pushes neurons on a ray to another side than the first does. Rays count that
  /// have neurons on them or beside them.
  public func isUndecided(along pieces: [[Double]]) -> Bool {
    let fields = pieces.map { ImpulseField($0, geometry) }
    guard let first = fields.first else { return false }
    return (0..<geometry.circle.count).contains { ray in
      let expected = first.rays[ray].pushes
      return fields.contains { $0.rays[ray].pushes != expected } && isInUse(ray)
    }
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

  /// The members that have to be looked at, in parts.
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

  /// Enough that a core is not called for nothing, and so few that all cores have something to do.
  private static var blocksPerSlice: Int { 8 }

  /// All cores where there is much to look at, else one.
  private func cores(for slices: [LineReLUMotion.Slice]) -> Cores {
    let blocks = slices.reduce(0) { $0 + $1.blocks.count }
    return blocks >= 4 * Self.blocksPerSlice ? cores : Cores(count: 1)
  }

  private func inspect(
    _ slice: LineReLUMotion.Slice, _ courses: [GroupCourse?], _ fields: [ImpulseField]
  ) -> LineReLUMotion.Inspection {
    var departures: [UInt32] = []
    var exits: [LineReLUMotion.Exit] = []
    let exitLimit = LineReLUMotion.Exit.limit(
      members: slice.blocks.count * MemberList.blockSize, width: width)
    var changes = LineReLUMotion.ConeSums()
    var inspected = 0
    let start = place(of: slice.group)
    let group = groups[slice.group]
    guard let course = courses[slice.group] else {
      return .init(slice: slice, count: 0, departures: [], exits: [], changes: changes)
    }
    let home = cone(of: course.place)
    let paths = fields.map(NeuronPath.init)
    let found = UnsafeMutableBufferPointer<UInt32>.allocate(capacity: MemberList.blockSize)
    defer { found.deallocate() }
    for block in slice.blocks {
      let members = group.members[slice.slackClass].blocks[block]
      inspected += members.count
      members.withUnsafeBufferPointer { members in
        for offset in found.prefix(course.findThoseThatMayLeave(members, found)) {
          let member = members[Int(offset)].state
          guard let exit = Self.exit(group.frame.apply(member), from: start, paths) else { continue }
          let together = course.frame.apply(member)
          changes.add(-together.x * together.w, to: home)
          changes.add(exit.state.x * exit.state.w, to: cone(of: exit.place))
          if exits.count < exitLimit {
            exits.append(.init(exit.state, group: geometry.circle.group(of: exit.place)))
          }
          departures.append(UInt32(truncatingIfNeeded: block * MemberList.blockSize) + offset)
        }
      }
    }
    return .init(slice: slice, count: inspected, departures: departures, exits: exits, changes: changes)
  }

  /// Where a neuron with the state θ is at the end of the paths, if it leaves its group on the way.
  @inline(__always)
  private static func exit(
    _ state: NeuronState, from start: Place, _ paths: [NeuronPath]
  ) -> (place: Place, state: NeuronState)? {
    var place = start
    var state = state
    var leaves = false
    for path in paths where path.move(&place, &state) { leaves = true }
    return leaves ? (place, state) : nil
  }

  /// Moves all groups and regroups the neurons that left theirs.
  public mutating func advance(_ motion: LineReLUMotion) {
    let departures = motion.inspections.reduce(0) { $0 + $1.departures.count }
    let crew = departures >= 4 * MemberList.blockSize ? cores : Cores(count: 1)
    let borders = groups.indices.map { border(place(of: $0)) }
    var arrivals = [[MemberList]](repeating: [], count: groups.count)
    for emigrants in advanceGroups(motion, crew) {
      for list in emigrants.lists { arrivals[list.destination].append(list.members) }
    }
    arrivals.withUnsafeMutableBufferPointer { arrivals in
      let arrivals = arrivals
      crew.forEach(&groups) { g, group in
        for i in arrivals[g].indices { arrivals[g][i].drain { group.insert($0, borders[g]) } }
      }
    }
    let deadCone = geometry.circle.deadCone
    let unordered = groups.indices.filter { groups[$0].wantsOrder && $0 != deadCone }
    let members = unordered.reduce(0) { $0 + groups[$1].count }
    groups.withUnsafeMutableBufferPointer { [cores] groups in
      let groups = groups
      (members >= 4 * MemberList.blockSize ? cores : Cores(count: 1)).perform(unordered.count) {
        groups[unordered[$0]].order(borders[unordered[$0]])
      }
    }
    residual = residual(groups.map { $0.isEmpty ? nil : $0.frame }, homes: nil, strays: nil)
  }

  /// Neurons on their way from a group to others, in their present states.
  private struct Emigrants {
    private(set) var lists: [(destination: Int, members: MemberList)] = []

    @inline(__always) mutating func add(_ member: Member, to destination: Int) {
      for i in lists.indices where lists[i].destination == destination {
        lists[i].members.append(member)
        return
      }
      var members = MemberList()
      members.append(member)
      lists.append((destination, members))
    }
  }

  /// Moves all groups and takes out the neurons that leave them; by the group that they left.
  private mutating func advanceGroups(_ motion: LineReLUMotion, _ crew: Cores) -> [Emigrants] {
    var inspections = [Range<Int>](repeating: 0..<0, count: groups.count)
    for (i, inspection) in motion.inspections.enumerated() {
      let g = inspection.slice.group
      inspections[g] = (inspections[g].isEmpty ? i : inspections[g].lowerBound)..<i + 1
    }
    let places = groups.indices.map { place(of: $0) }
    let circle = geometry.circle
    return groups.withUnsafeMutableBufferPointer { groups in
      let groups = groups
      return crew.map(groups.count) { g in
        var emigrants = Emigrants()
        guard let course = motion.courses[g] else { return emigrants }
        var inspected = 0
        let paths = motion.fields.map(NeuronPath.init)
        let frame = groups[g].frame
        for inspection in motion.inspections[inspections[g]].reversed() {
          inspected += inspection.count
          // Positions ascend within a class: from the back, those still to come stay valid.
          var i = inspection.departures.count
          while i > 0 {
            i -= 1
            let member = groups[g].remove(
              slackClass: inspection.slice.slackClass, at: Int(inspection.departures[i]))
            if i < inspection.exits.count {
              let exit = inspection.exits[i]
              emigrants.add(member.with(exit.state), to: Int(exit.group))
            } else {
              let exit =
                Self.exit(frame.apply(member.state), from: places[g], paths)
                ?? (places[g], course.frame.apply(member.state))
              emigrants.add(member.with(exit.state), to: circle.group(of: exit.place))
            }
          }
        }
        groups[g].advance(to: course.frame, growth: course.growth, inspected: inspected)
        if course.place != places[g] {
          groups[g].drain { emigrants.add($0, to: circle.group(of: course.place)) }
        }
        return emigrants
      }
    }
  }
}
