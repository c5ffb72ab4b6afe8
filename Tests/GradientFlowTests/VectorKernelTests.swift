import Testing
import VectorKernels

@testable import GradientFlow

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
}
