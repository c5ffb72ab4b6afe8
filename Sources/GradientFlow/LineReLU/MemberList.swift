/// A neuron as its group keeps it. It carries its own initial input weights, so that no step has to look them up
/// in another place of memory; 48 bytes, which `VectorKernels` reads as they lie: six numbers, the state first.
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

/// Members of a group in blocks of a fixed size: a list that grows and shrinks without moving what it holds,
/// and never reserves much more than that.
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
    makeRoom()
    blocks[blocks.count - 1].append(member)
  }

  /// Sees to it that the last block has room for a member. The first block grows by doubling, the others are reserved
  /// whole; none ever beyond the size of a block.
  @inline(__always) private mutating func makeRoom() {
    guard room == 0 else { return }
    if blocks.isEmpty || blocks[blocks.count - 1].count >= Self.blockSize {
      let size = blocks.isEmpty ? Self.smallestBlock : Self.blockSize
      blocks.append([])
      blocks[blocks.count - 1].reserveCapacity(size)
    } else {
      let size = Swift.min(Self.blockSize, 2 * blocks[blocks.count - 1].count)
      blocks[blocks.count - 1].reserveCapacity(size)
    }
  }

  private static let smallestBlock = 4

  /// How many members the last block can take without growing.
  @inline(__always) private var room: Int {
    // What was reserved may be a little more than asked for.
    blocks.last.map { Swift.min(Self.blockSize, $0.capacity) - $0.count } ?? 0
  }

  mutating func append(contentsOf members: UnsafeBufferPointer<Member>) {
    var rest = members[...]
    while !rest.isEmpty {
      makeRoom()
      let last = blocks.count - 1
      let portion = rest.prefix(room)
      blocks[last].append(contentsOf: UnsafeBufferPointer(rebasing: portion))
      rest = rest.dropFirst(portion.count)
    }
  }

  /// Removes the member at a position; the last one takes its place.
  mutating func remove(at position: Int) {
    let block = blocks.count - 1
    let last = blocks[block].removeLast()
    if blocks[block].isEmpty { blocks.removeLast() }
    if position < count {
      blocks[position / Self.blockSize][position % Self.blockSize] = last
    }
  }

  /// Hands over all members, block by block, and gives their memory back on the way.
  mutating func drain(_ body: (Member) -> Void) {
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
    for _ in 0..<(try reader.int(in: 0...FlowRun.largestWidth)) {
      let state = NeuronState(try reader.double(), try reader.double(), try reader.double())
      let initial = PlaneVector(try reader.double(), try reader.double())
      let index = try reader.int(in: 0...FlowRun.largestWidth)
      append(Member(state, initial: initial, index: UInt32(truncatingIfNeeded: index)))
    }
  }
}
