import RealModule

/// Neurons that move alike: those of a cone, or those that slide on a ray with equal sign of â.
///
/// A neuron's state is θ = M θ̃ with the frame M of its group, so that moving the group changes M
/// alone. Members are kept by the slack they had when the frame was last the identity: as long as
/// the group has not moved by more than that, they need not be looked at.
struct NeuronGroup: Sendable {
  /// Σ θ̃ θ̃ᵀ, Σ θ̃ dᵀ and Σ |d|² over the members, where d = (θ̃ − θ(0)) in its input weights, 0
  /// in â.
  struct Moments: Sendable {
    var state = Matrix3.zero
    var offset = Matrix3.zero
    var offsetSquared = 0.0

    @inline(__always)
    mutating func add(_ state: NeuronState, offset d: PlaneVector, weight: Double) {
      self.state.addOuter(state, state, weight: weight)
      if d != .zero {
        offset.addOuter(state, NeuronState(0, d), weight: weight)
        offsetSquared += weight * d.dot(d)
      }
    }
  }

  /// M.
  private(set) var frame = Frame()
  /// The rapidity by which a sliding group has grown since the frame was the identity.
  private(set) var growth = 0.0
  private(set) var moments = Moments()
  /// The members by class of their slack; empty, or one list for each class and one for what is
  /// smaller.
  private(set) var members: [MemberList] = []
  private(set) var count = 0
  /// Members looked at since the frame was the identity.
  private var inspected = 0

  var isEmpty: Bool { count == 0 }

  /// A group without members.
  init() {}

  /// Adds a neuron whose `state` is its present θ.
  @inline(__always)
  mutating func insert(_ neuron: Member, _ border: Border) {
    if isEmpty { self = NeuronGroup() }
    insert(pulled: neuron.with(frame.pullBack(neuron.state)), border)
  }

  /// Adds neurons at the start of the flow, in the given slack classes.
  mutating func insertInitial(_ neurons: UnsafeBufferPointer<Member>, slackClass: Int) {
    if members.isEmpty { reserveLists() }
    members[slackClass].append(contentsOf: neurons)
    for neuron in neurons { moments.state.addOuter(neuron.state, neuron.state, weight: 1) }
    count += neurons.count
  }

  @inline(__always)
  private mutating func insert(pulled: Member, _ border: Border) {
    if members.isEmpty { reserveLists() }
    members[border.slackClass(of: pulled.state)].append(pulled)
    let state = pulled.state
    moments.add(state, offset: state.w - pulled.initial, weight: 1)
    count += 1
  }

  private mutating func reserveLists() {
    members = [MemberList](repeating: MemberList(), count: Border.classes + 1)
  }

  /// Removes members of a slack class and hands them over.
  ///
  /// - Parameters:
  ///   - positions: ascending.
  ///   - body: takes an index in `positions` and the member, in this order.
  mutating func remove(slackClass: Int, at positions: [UInt32], _ body: (Int, Member) -> Void) {
    guard !positions.isEmpty else { return }
    var rest = moments
    members[slackClass].remove(at: positions) { i, member in
      rest.add(member.state, offset: member.state.w - member.initial, weight: -1)
      body(i, member)
    }
    moments = rest
    count -= positions.count
    // What rounding leaves in the moments of an empty group must not count.
    if isEmpty { self = NeuronGroup() }
  }

  /// Hands over all members in their present states and leaves the group empty.
  mutating func drain(_ body: (Member) -> Void) {
    let frame = frame
    for slackClass in members.indices {
      members[slackClass].drain { body($0.with(frame.apply($0.state))) }
    }
    self = NeuronGroup()
  }

  /// Moves all members together.
  mutating func advance(to next: Frame, growth: Double, inspected: Int) {
    frame = next
    self.growth = growth
    self.inspected += inspected
  }

  /// Whether it has cost more to look at members in vain than it costs to sort them anew, or the
  /// frame has moved so far from the identity that digits would be lost: those that a neuron loses
  /// which shrinks while the frame grows are the square of its norm.
  var wantsOrder: Bool {
    !isEmpty && (inspected > 8 * count + 64 || frame.change.norm > Self.maxChange)
  }

  private static let maxChange = 100.0

  /// Applies the frame to all members, so that it is the identity, and sorts them by their slack.
  mutating func order(_ border: Border) {
    // d + (M − 1) θ̃ takes the place of d, in its input weights: exact however small. What is not
    // small is better summed anew, without what is left of members that left.
    let n = frame.change
    let isSmall = n.norm < 0.1
    var moved = moments.state * n.transposed + moments.offset
    moved.c0 = .zero
    let offset = moved + n * moved
    let offsetSquared = squaredDisplacement
    var ordered = NeuronGroup()
    ordered.reserveLists()
    ordered.count = count
    drain { member in
      ordered.members[border.slackClass(of: member.state)].append(member)
      let displacement = isSmall ? .zero : member.state.w - member.initial
      ordered.moments.add(member.state, offset: displacement, weight: 1)
    }
    if isSmall {
      ordered.moments.offset = offset
      ordered.moments.offsetSquared = offsetSquared
    }
    self = ordered
  }

  /// M (Σ θ̃ θ̃ᵀ) Mᵀ = Σ θ θᵀ in the given frame.
  @inline(__always) func secondMoment(in frame: Frame) -> Matrix3 {
    // M S = S + N S; (M S) Mᵀ = M S + (M S) Nᵀ.
    let ms = moments.state + frame.change * moments.state
    return ms + ms * frame.change.transposed
  }

  /// Σ â (w − w(0)) over the members.
  var outputDisplacement: PlaneVector {
    // Σ θ (w − w(0))ᵀ = M Σ θ̃ (N θ̃ + d)ᵀ.
    let n = frame.change
    let pulled = moments.state * n.transposed + moments.offset
    let product = pulled + n * pulled
    return PlaneVector(product.c1.x, product.c2.x)
  }

  /// Σ |w − w(0)|² over the members.
  var squaredDisplacement: Double {
    // w − w(0) is N θ̃ + d in its input weights.
    let n = frame.change
    let moved = n * moments.state * n.transposed
    let mixed = n * moments.offset
    let cross = mixed.c1.y + mixed.c2.z
    return moved.c1.y + moved.c2.z + 2 * cross + moments.offsetSquared
  }
}

extension NeuronGroup: Checkpointed {
  func save(to writer: inout CheckpointWriter) throws {
    try frame.change.save(to: &writer)
    try moments.state.save(to: &writer)
    try moments.offset.save(to: &writer)
    try writer.write(moments.offsetSquared)
    try writer.write(growth)
    try writer.write(inspected)
    for list in members { try list.save(to: &writer) }
  }

  mutating func restore(from reader: inout CheckpointReader) throws {
    var change = Matrix3.zero
    try change.restore(from: &reader)
    frame = Frame(change: change)
    try moments.state.restore(from: &reader)
    try moments.offset.restore(from: &reader)
    moments.offsetSquared = try reader.double()
    growth = try reader.double()
    inspected = try reader.int(in: 0...Int.max)
    reserveLists()
    for slackClass in members.indices { try members[slackClass].restore(from: &reader) }
    count = members.reduce(0) { $0 + $1.count }
  }
}
