import RealModule

/// How a group moves as a whole under a sequence of straight impulses: where its frame stands after each, and
/// where its members are at the end unless they leave on the way.
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
  private var tests: [Test] = []
  /// Within an impulse they may dip by this much below their values at its ends, in units of |θ̃|.
  private var dipSquared = 0.0

  /// The course of a group at a place under fields of which at least one moves it.
  init(_ group: NeuronGroup, at start: Place, fields: [ImpulseField], border: (Place) -> Border) {
    place = start
    frame = group.frame
    growth = group.growth
    var leastGrowth = growth
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
      tests.append(Test(frame.functional(bounds.v1), frame.functional(bounds.v2)))
      if case .ray(let ray, let positive) = place {
        let rapidity = (positive ? 1 : -1) * field.rays[ray].along
        growth += rapidity
        leastGrowth = min(leastGrowth, growth)
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
      firstClass = Border.firstClass(slackUpTo: Double.tanh(max(0, -leastGrowth)))
    }
  }

  /// Two functionals by components.
  private struct Test {
    let a: SIMD2<Double>
    let w: SIMD2<Double>
    let b: SIMD2<Double>

    init(_ v1: NeuronState, _ v2: NeuronState) {
      a = SIMD2(v1.x, v2.x)
      w = SIMD2(v1.y, v2.y)
      b = SIMD2(v1.z, v2.z)
    }
  }

  /// Calls `body` with the positions of the members that may leave the group on the way; no one else does.
  @inline(__always)
  func forEachThatMayLeave(_ members: UnsafeBufferPointer<Member>, _ body: (Int) -> Void) {
    tests.withUnsafeBufferPointer { tests in
      for position in members.indices {
        let member = members[position]
        var least = SIMD2<Double>(repeating: .infinity)
        for test in tests {
          let value = test.a * member.a + test.w * member.w + test.b * member.b
          least = pointwiseMin(least, value)
        }
        let smaller = min(least.x, least.y)
        let norm = member.a * member.a + member.w * member.w + member.b * member.b
        if smaller < 0 || smaller * smaller < dipSquared * norm { body(position) }
      }
    }
  }
}
