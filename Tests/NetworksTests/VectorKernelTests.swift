import Model
import Testing
import VectorKernels

@testable import Networks

struct VectorKernelTests {
  /// Numbers between −1 and 1.
  private struct Numbers {
    var generator: Generator
    mutating func next() -> Double { Double.random(in: -1...1, using: &generator) }
    mutating func state() -> NeuronState { NeuronState(next(), next(), next()) }
  }

  /// The definition, one neuron after the other.
  private func expected(_ members: [Member], _ pairs: [FunctionalPair], dipSquared: Double) -> [UInt32] {
    members.indices.filter { i in
      let s = members[i].state
      var least = Double.infinity
      for p in pairs {
        let first: Double = p.a.0 * s.x + p.w.0 * s.y + p.b.0 * s.z
        let second: Double = p.a.1 * s.x + p.w.1 * s.y + p.b.1 * s.z
        least = min(least, first, second)
      }
      let norm: Double = s.x * s.x + s.y * s.y + s.z * s.z
      return least < 0 || least * least < dipSquared * norm
    }.map { UInt32($0) }
  }

  /// Every number of neurons about that of the lanes, so that the last vector is full, and is not.
  @Test(arguments: [0, 1, 2, 3, 4, 5, 7, 8, 63, 1024], [1, 2, 16])
  func thoseAtABorderAreFound(count: Int, pairCount: Int) {
    var numbers = Numbers(generator: Generator(seed: UInt64(1 + count * 100 + pairCount)))
    for dipSquared in [0, 1e-4, 0.1] {
      let members = (0..<count).map {
        Member(numbers.state(), initial: PlaneVector(numbers.next(), numbers.next()), index: UInt32($0))
      }
      let pairs = (0..<pairCount).map { _ in
        // Mostly positive ones, or every neuron would be at a border.
        FunctionalPair(
          a: (numbers.next() / 9, numbers.next() / 9), w: (numbers.next() / 9, numbers.next()),
          b: (numbers.next() / 9, numbers.next() / 9))
      }
      var found = [UInt32](repeating: 0, count: count)
      let number = members.withUnsafeBytes { bytes in
        found.withUnsafeMutableBufferPointer { found -> Int in
          guard let first = bytes.bindMemory(to: Double.self).baseAddress, let room = found.baseAddress
          else { return 0 }
          return neurons_at_border(first, count, pairs, pairCount, dipSquared, room)
        }
      }
      #expect(Array(found.prefix(number)) == expected(members, pairs, dipSquared: dipSquared))
    }
  }

  /// The kernel reads members as six numbers, of which the first three are the state.
  @Test func aMemberLiesAsTheKernelReadsIt() {
    let member = Member(NeuronState(1, 2, 3), initial: PlaneVector(4, 5), index: 6)
    let numbers = withUnsafeBytes(of: member) { Array($0.bindMemory(to: Double.self).prefix(5)) }
    #expect(numbers == [1, 2, 3, 4, 5])
    #expect(Member.doubles == 6)
  }

  /// Neurons that leave a cone do so where one neuron after the other would, under one and under
  /// many impulses, small and large, with few samples and with many.
  @Test(arguments: [2, 3, 4, 9], [0.05, 0.3, 1])
  func thoseThatLeaveAConeEndWhereTheyWouldOneByOne(n: Int, size: Double) throws {
    var left = (onRay: 0, inCone: 0)
    for seed in 0..<40 {
      var numbers = Numbers(generator: Generator(seed: UInt64(seed * 100 + n)))
      let geometry = ConeGeometry(
        try SampleSet(x: (0..<n).map { _ in numbers.next() }, y: (0..<n).map { _ in numbers.next() }))
      let circle = geometry.circle
      let fields = (0..<(1 + seed % 3)).map { _ in
        ImpulseField((0..<n).map { _ in size * numbers.next() }, geometry)
      }
      let frame = Frame().followed(by: Boost(PlaneVector(numbers.next() / 9, numbers.next() / 9)))
      let neurons = (0..<203).map { i in
        Member(numbers.state(), initial: .zero, index: UInt32(i))
      }
      for cone in 0..<circle.count where cone != circle.deadCone {
        let members = neurons.filter { geometry.cone(of: frame.apply($0.state).w) == cone }
        // Odd numbers, and not all of them.
        let positions = members.indices.filter { $0 % 3 != 1 }.map { UInt32($0) }
        var exits: [Int: NeuronExit] = [:]
        let ways = GroupExits(from: .cone(cone), under: fields, circle)
        let room = GroupExits.Room.allocate(capacity: positions.count)
        defer { room.deallocate() }
        members.withUnsafeBufferPointer { members in
          positions.withUnsafeBufferPointer { positions in
            ways.forEach(of: members, at: positions, frame, room) { exits[$0] = $1 }
          }
        }
        for (i, position) in positions.enumerated() {
          var place = Place.cone(cone)
          var state = frame.apply(members[Int(position)].state)
          var leaves = false
          for field in fields where NeuronPath(field).move(&place, &state) { leaves = true }
          guard leaves else {
            #expect(exits[i] == nil)
            continue
          }
          let exit = try #require(exits[i])
          #expect(exit.group == circle.group(of: place))
          #expect(exit.cone == circle.cone(of: place))
          let difference = exit.state - state
          #expect(difference.dot(difference).squareRoot() < 1e-13 * (1 + state.dot(state).squareRoot()))
          if case .ray = place { left.onRay += 1 } else { left.inCone += 1 }
        }
      }
    }
    #expect(left.onRay > 4 && left.inCone > 4, "\(left)")
  }

  /// Cones and slacks at the start are those by which neurons are sorted later, of ordinary neurons
  /// and of those at the edges: on a ray, without input weights, or so large or small that squares
  /// are not numbers or nothing.
  @Test(arguments: [1, 2, 3, 10, ConeGeometry.fewSamples])
  func neuronsAreSortedAtTheStartAsLater(n: Int) throws {
    var numbers = Numbers(generator: Generator(seed: UInt64(n)))
    let geometry = ConeGeometry(
      try SampleSet(x: (0..<n).map { _ in numbers.next() }, y: (0..<n).map { _ in numbers.next() }))
    var states = geometry.ray.map { NeuronState(numbers.next(), $0) }
    for size in [0.0, -0.0, 1e-200, 1e200] {
      states += [NeuronState(1, size, 1), NeuronState(1, 1, size), NeuronState(0, size, size)]
    }
    states += (0..<401).map { _ in numbers.state() }
    let scale = 0.75
    var keys = [UInt32](repeating: .max, count: states.count)
    let lines = zip(geometry.x, geometry.normal).map {
      SampleLine(x: ($0.x, $0.y), normal: ($1.x, $1.y))
    }
    cones_of_neurons(
      states.map(\.x), states.map(\.y), states.map(\.z), states.count, scale, lines, n,
      Int32(Border.classes), &keys)
    for (state, key) in zip(states, keys) {
      let cone = geometry.cone(of: state.w)
      let scaled = NeuronState(scale * state.x, state.w)
      let slackClass = geometry.border(.cone(cone)).slackClass(of: scaled)
      #expect(Int(key) == cone * (Border.classes + 1) + slackClass, "\(state)")
    }
  }
}
