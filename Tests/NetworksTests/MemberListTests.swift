import Testing

@testable import Networks

struct MemberListTests {
  /// A list of so many members, numbered.
  private func list(_ count: Int) -> MemberList {
    var list = MemberList()
    for i in 0..<count { list.append(Member(.zero, initial: .zero, index: UInt32(i))) }
    return list
  }

  private func numbers(_ list: MemberList) -> [UInt32] { list.blocks.flatMap { $0.map(\.index) } }

  /// About the size of blocks, few and many, first and last: those that are asked for come out in
  /// order, the others stay, and none before the first of them changes its position.
  @Test(arguments: [1, 2, 1023, 1024, 1025, 2048, 3000], [0.001, 0.3, 0.97, 1])
  func takesOutThoseAskedFor(count: Int, share: Double) {
    var generator = Generator(seed: UInt64(count))
    for start in [0, count / 3, count - 1] {
      var list = list(count)
      let positions = (start..<count).filter { _ in Double.random(in: 0..<1, using: &generator) < share }
        .map { UInt32($0) }
      var removed: [UInt32] = []
      list.remove(at: positions) { i, member in
        #expect(i == removed.count)
        removed.append(member.index)
      }
      #expect(removed == positions)
      let gone = Set(positions)
      let rest = numbers(list)
      #expect(rest.sorted() == (0..<UInt32(count)).filter { !gone.contains($0) })
      #expect(rest.prefix(start).elementsEqual(0..<UInt32(start)))
      #expect(list.count == rest.count)
      #expect(list.blocks.dropLast().allSatisfy { $0.count == MemberList.blockSize })
      #expect(list.blocks.last?.isEmpty != true)
      // It can grow again.
      list.append(Member(.zero, initial: .zero, index: 9999))
      #expect(numbers(list) == rest + [9999])
    }
  }
}
