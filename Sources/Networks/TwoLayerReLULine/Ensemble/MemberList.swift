/// A neuron as its group keeps it. It carries its own initial input weights, so that no step has to
/// look them up in another place of memory; 48 bytes, which `VectorKernels` reads as they lie: six
/// numbers, the state first.
struct Member: BitwiseCopyable, Sendable {
  /// θ̃ = (â, w, b), the state in the frame of the group.
  var a: Double
  var w: Double
  var b: Double
  /// (w, b) at the start.
  let initialW: Double
  let initialB: Double
  /// Which neuron it is, counted from 0.
  let index: UInt32

  /// How many numbers of eight bytes one takes.
  static let doubles = MemoryLayout<Member>.stride / MemoryLayout<Double>.stride

  @inline(__always)
  init(_ state: NeuronState, initial: PlaneVector, index: UInt32) {
    a = state.x
    w = state.y
    b = state.z
    initialW = initial.x
    initialB = initial.y
    self.index = index
  }

  /// θ̃.
  @inline(__always) var state: NeuronState { NeuronState(a, w, b) }

  /// (w, b) at the start.
  @inline(__always) var initial: PlaneVector { PlaneVector(initialW, initialB) }

  /// The same neuron in another state.
  @inline(__always) func with(_ state: NeuronState) -> Member {
    Member(state, initial: initial, index: index)
  }
}

/// Members of a group in blocks of a fixed size: a list that grows and shrinks without moving what
/// it holds, and never reserves much more than that.
struct MemberList: Sendable {
  /// How many members a block holds.
  static let blockSize = 1024

  /// All of the fixed size but the last, none empty.
  private(set) var blocks: [ContiguousArray<Member>] = []

  var isEmpty: Bool { blocks.isEmpty }

  var count: Int {
    guard let last = blocks.last else { return 0 }
    return (blocks.count - 1) * Self.blockSize + last.count
  }

  @inline(__always) subscript(position: Int) -> Member {
    blocks[position / Self.blockSize][position % Self.blockSize]
  }

  @inline(__always) mutating func append(_ member: Member) {
    if room == 0 { makeRoom() }
    room -= 1
    blocks[blocks.count - 1].append(member)
  }

  /// How many members the last block can take without growing.
  private var room = 0

  /// Gives the last block room for a member. The first block grows by doubling, the others are
  /// reserved whole; none ever beyond the size of a block.
  private mutating func makeRoom() {
    if blocks.isEmpty || blocks[blocks.count - 1].count >= Self.blockSize {
      let size = blocks.isEmpty ? Self.minBlockSize : Self.blockSize
      blocks.append([])
      blocks[blocks.count - 1].reserveCapacity(size)
    } else {
      let size = Swift.min(Self.blockSize, 2 * blocks[blocks.count - 1].count)
      blocks[blocks.count - 1].reserveCapacity(size)
    }
    measureRoom()
  }

  private static let minBlockSize = 4

  private mutating func measureRoom() {
    // What was reserved may be a little more than asked for.
    room = blocks.last.map { Swift.min(Self.blockSize, $0.capacity) - $0.count } ?? 0
  }

  mutating func append(contentsOf members: UnsafeBufferPointer<Member>) {
    var rest = members[...]
    while !rest.isEmpty {
      if room == 0 { makeRoom() }
      let portion = rest.prefix(room)
      room -= portion.count
      blocks[blocks.count - 1].append(contentsOf: UnsafeBufferPointer(rebasing: portion))
      rest = rest.dropFirst(portion.count)
    }
  }

  /// Removes members and hands them over; others from the end take their places.
  ///
  /// - Parameters:
  ///   - positions: ascending.
  ///   - body: takes an index in `positions` and the member, in this order.
  mutating func remove(at positions: [UInt32], _ body: (Int, Member) -> Void) {
    Self.forEachBlock(of: positions[...]) { block, indices in
      blocks[block].withUnsafeBufferPointer { members in
        for i in indices { body(i, members[Int(positions[i]) % Self.blockSize]) }
      }
    }
    let rest = count - positions.count
    // Behind the end to come are some that leave as well, and the others fill the gaps before it.
    let gaps = positions.firstIndex { Int($0) >= rest } ?? positions.count
    var moving: [Member] = []
    moving.reserveCapacity(gaps)
    var leaving = positions[gaps...]
    for position in rest..<count {
      if let next = leaving.first, Int(next) == position {
        leaving = leaving.dropFirst()
      } else {
        moving.append(self[position])
      }
    }
    shorten(to: rest)
    Self.forEachBlock(of: positions[..<gaps]) { block, indices in
      blocks[block].withUnsafeMutableBufferPointer { members in
        for i in indices { members[Int(positions[i]) % Self.blockSize] = moving[i] }
      }
    }
  }

  private mutating func shorten(to count: Int) {
    let whole = (count + Self.blockSize - 1) / Self.blockSize
    blocks.removeLast(blocks.count - whole)
    if let last = blocks.last {
      blocks[whole - 1].removeLast((whole - 1) * Self.blockSize + last.count - count)
    }
    measureRoom()
  }

  /// Calls `body` with every block that holds one of the positions, which ascend, and with their
  /// indices.
  private static func forEachBlock(of positions: ArraySlice<UInt32>, _ body: (Int, Range<Int>) -> Void) {
    var rest = positions
    while let first = rest.first {
      let block = Int(first) / blockSize
      let ofBlock = rest.prefix { Int($0) / blockSize == block }
      body(block, ofBlock.indices)
      rest = rest.dropFirst(ofBlock.count)
    }
  }

  /// Hands over all members, block by block, and gives their memory back on the way.
  mutating func drain(_ body: (Member) -> Void) {
    room = 0
    blocks.reverse()
    while let block = blocks.popLast() {
      block.withUnsafeBufferPointer { for member in $0 { body(member) } }
    }
  }
}

extension MemberList: Checkpointed {
  func save(to writer: inout CheckpointWriter) throws {
    try writer.write(count)
    for block in blocks {
      for member in block {
        for number in [member.a, member.w, member.b, member.initialW, member.initialB] {
          try writer.write(number)
        }
        try writer.write(Int(member.index))
      }
    }
  }

  mutating func restore(from reader: inout CheckpointReader) throws {
    for _ in 0..<(try reader.int(in: 0...TwoLayerReLULine.maxWidth)) {
      let state = NeuronState(try reader.double(), try reader.double(), try reader.double())
      let initial = PlaneVector(try reader.double(), try reader.double())
      let index = try reader.int(in: 0...TwoLayerReLULine.maxWidth)
      append(Member(state, initial: initial, index: UInt32(truncatingIfNeeded: index)))
    }
  }
}
