import VectorKernels

/// The neurons at the start of the flow, grouped by cone.
///
/// Works through the neurons once, in chunks that stay in the cache, so that initial values need
/// not be stored anywhere else.
struct InitialGroups {
  /// 2n cones, then four groups without members for every pair of rays on a line.
  private(set) var groups: [NeuronGroup]
  /// ‖θ_w(0)‖².
  private(set) var inputSquared = 0.0

  /// How many neurons are drawn and sorted together.
  private static let chunkSize = 4096
  /// How many chunks are held at a time before their neurons go to the groups.
  private static let chunksPerWave = 64

  /// - Parameter onProgress: called now and then, when some more neurons have been drawn.
  init(
    _ initial: InitialNeurons, kappaPrime: Double, _ geometry: ConeGeometry, _ pool: ThreadPool,
    onProgress: (() -> Void)?
  ) {
    groups = [NeuronGroup](repeating: NeuronGroup(), count: 3 * geometry.circle.count)
    let cones = geometry.circle.count
    let borders = (0..<cones).map { geometry.border(.cone($0)) }
    let chunks = (initial.width + Self.chunkSize - 1) / Self.chunkSize
    for first in stride(from: 0, to: chunks, by: Self.chunksPerWave) {
      let wave = pool.map(min(chunks - first, Self.chunksPerWave)) { i in
        let start = (first + i) * Self.chunkSize
        let range = start..<min(initial.width, start + Self.chunkSize)
        return Chunk(initial, range, kappaPrime, geometry, borders)
      }
      groups.withUnsafeMutableBufferPointer { groups in
        let groups = groups
        (wave.count > 1 ? pool : .serial).perform(cones) { cone in
          for chunk in wave { chunk.add(to: &groups[cone], cone: cone) }
        }
      }
      inputSquared = wave.reduce(inputSquared) { $0 + $1.inputSquared }
      onProgress?()
    }
  }

  /// Some neurons, sorted by cone and class of slack.
  private struct Chunk {
    let inputSquared: Double
    private let members: ContiguousArray<Member>
    /// Where the neurons of a key begin: (classes + 1) · cone + class.
    private let starts: [Int32]

    private static let classes = Border.classes + 1

    init(
      _ initial: InitialNeurons, _ range: Range<Int>, _ kappaPrime: Double, _ geometry: ConeGeometry,
      _ borders: [Border]
    ) {
      var starts = [Int32](repeating: 0, count: borders.count * Self.classes + 1)
      var squared = 0.0
      var sorted = ContiguousArray<Member>()
      initial.withValues(in: range, turnedTo: geometry.frame) { a, w, b in
        let keys = [UInt32](unsafeUninitializedCapacity: range.count) { keys, count in
          geometry.sort(a, w, b, kappaPrime, borders, keys)
          count = range.count
        }
        for key in keys { starts[Int(key) + 1] += 1 }
        for key in 1..<starts.count { starts[key] += starts[key - 1] }
        var next = starts
        sorted = ContiguousArray(unsafeUninitializedCapacity: range.count) { members, count in
          next.withUnsafeMutableBufferPointer { next in
            for (i, key) in keys.enumerated() {
              let input = PlaneVector(w[i], b[i])
              let member = Member(
                NeuronState(kappaPrime * a[i], input), initial: input,
                index: UInt32(truncatingIfNeeded: range.lowerBound + i))
              members.initializeElement(at: Int(next[Int(key)]), to: member)
              next[Int(key)] += 1
              squared += input.dot(input)
            }
          }
          count = range.count
        }
      }
      inputSquared = squared
      members = sorted
      self.starts = starts
    }

    /// Adds the neurons of a cone to its group.
    func add(to group: inout NeuronGroup, cone: Int) {
      members.withUnsafeBufferPointer { members in
        for slackClass in 0..<Self.classes {
          let key = cone * Self.classes + slackClass
          let range = Int(starts[key])..<Int(starts[key + 1])
          guard !range.isEmpty else { continue }
          group.insertInitial(UnsafeBufferPointer(rebasing: members[range]), slackClass: slackClass)
        }
      }
    }
  }
}

extension InitialNeurons {
  /// Calls `body` once with ā, w̄ and the biases of the neurons of a range, in order and in the
  /// given coordinates.
  fileprivate func withValues(
    in range: Range<Int>, turnedTo frame: InputFrame, _ body: (Values, Values, Values) -> Void
  ) {
    withValues(in: range) { a, w, b in
      guard frame.isTurned, !areTurned else { return body(a, w, b) }
      let turned = zip(w, b).map { frame.turned(PlaneVector($0, $1)) }
      turned.map(\.x).withUnsafeBufferPointer { w in
        turned.map(\.y).withUnsafeBufferPointer { b in body(a, w, b) }
      }
    }
  }
}

extension ConeGeometry {
  /// Writes where neurons belong at the start: the number of the cone times the number of slack
  /// classes, plus the class.
  ///
  /// - Parameters:
  ///   - a: ā, to be multiplied by `kappaPrime`.
  ///   - w: the input weights.
  ///   - b: the biases.
  ///   - borders: of the cones.
  ///   - keys: takes as many keys as there are neurons.
  fileprivate func sort(
    _ a: InitialNeurons.Values, _ w: InitialNeurons.Values, _ b: InitialNeurons.Values, _ kappaPrime: Double,
    _ borders: [Border], _ keys: UnsafeMutableBufferPointer<UInt32>
  ) {
    if n <= Self.fewSamples, let a0 = a.baseAddress, let w0 = w.baseAddress, let b0 = b.baseAddress,
      let keys = keys.baseAddress
    {
      let lines = zip(x, normal).map { SampleLine(x: ($0.x, $0.y), normal: ($1.x, $1.y)) }
      cones_of_neurons(a0, w0, b0, a.count, kappaPrime, lines, n, Int32(Border.classes), keys)
      return
    }
    for i in a.indices {
      let input = PlaneVector(w[i], b[i])
      let cone = cone(of: input)
      let slackClass = borders[cone].slackClass(of: NeuronState(kappaPrime * a[i], input))
      keys.initializeElement(at: i, to: UInt32(truncatingIfNeeded: cone * (Border.classes + 1) + slackClass))
    }
  }
}
