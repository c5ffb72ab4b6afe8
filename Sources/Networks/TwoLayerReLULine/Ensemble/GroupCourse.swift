import RealModule
import VectorKernels

/// How a group moves as a whole under a sequence of straight impulses: where its frame stands after
/// each, and where its members are at the end unless they leave on the way.
///
/// A group that slides may be released as a whole; from then on it moves like the cone it enters.
struct GroupCourse {
  /// Where the members are at the end.
  private(set) var place: Place
  /// The frame at the end.
  private(set) var frame: Frame
  /// The growth of a sliding group at the end.
  private(set) var growth: Double
  /// The slack classes from this one on hold members that may leave on the way.
  private(set) var firstClass = Border.classes + 1

  /// What must stay positive at the end of every impulse, as functionals of θ̃.
  private var tests: [FunctionalPair] = []
  /// Within an impulse they may dip by this much below their values at its ends, in units of |θ̃|.
  private var dipSquared = 0.0

  /// The course of a group at a place under fields of which at least one moves it.
  init(_ group: NeuronGroup, at start: Place, fields: [ImpulseField], border: (Place) -> Border) {
    place = start
    frame = group.frame
    growth = group.growth
    var minGrowth = growth
    var shrinks = false
    var turn = 0.0
    var dip = 0.0
    for field in fields {
      if case .ray(let ray, let positive) = place {
        let circle = field.geometry.circle
        switch field.rays[ray].motion(sign: positive ? 1 : -1) {
        case .slides: break
        case .leavesToActive: place = .cone(circle.activeSide(ofRay: ray))
        case .leavesToInactive: place = .cone(circle.inactiveSide(ofRay: ray))
        }
      }
      let bounds = border(place)
      let drive = field.drive(at: place)
      frame = frame.followed(by: Boost(drive))
      tests.append(FunctionalPair(frame.functional(bounds.v1), frame.functional(bounds.v2)))
      if case .ray(let ray, let positive) = place {
        let rapidity = (positive ? 1 : -1) * field.rays[ray].along
        growth += rapidity
        minGrowth = min(minGrowth, growth)
        if rapidity < 0 { shrinks = true }
      } else {
        let rapidity = drive.norm
        let turned1 = frame.functionalChange(bounds.v1)
        let turned2 = frame.functionalChange(bounds.v2)
        turn = max(turn, turned1.dot(turned1), turned2.dot(turned2))
        dip = max(dip, (1 + frame.change.norm) * rapidity * rapidity / 8 * Double.exp(rapidity))
      }
    }
    dipSquared = dip * dip
    if place != start {
      firstClass = 0
    } else if case .cone = place {
      firstClass = Border.firstClass(slackUpTo: turn.squareRoot() + dip)
    } else if shrinks {
      firstClass = Border.firstClass(slackUpTo: Double.tanh(max(0, -minGrowth)))
    }
  }

  /// Writes the positions of the members that may leave the group on the way, ascending; no other
  /// member can.
  ///
  /// - Parameter positions: room for as many as there are members.
  /// - Returns: how many there are.
  func findThoseThatMayLeave(
    _ members: UnsafeBufferPointer<Member>, _ positions: UnsafeMutableBufferPointer<UInt32>
  ) -> Int {
    guard let first = members.baseAddress, let found = positions.baseAddress else { return 0 }
    return first.withMemoryRebound(to: Double.self, capacity: members.count * Member.doubles) { neurons in
      tests.withUnsafeBufferPointer { tests in
        guard let pairs = tests.baseAddress else { return 0 }
        return neurons_at_border(neurons, members.count, pairs, tests.count, dipSquared, found)
      }
    }
  }
}

extension FunctionalPair {
  /// Two functionals of θ.
  fileprivate init(_ v1: NeuronState, _ v2: NeuronState) {
    self.init(a: (v1.x, v2.x), w: (v1.y, v2.y), b: (v1.z, v2.z))
  }
}
