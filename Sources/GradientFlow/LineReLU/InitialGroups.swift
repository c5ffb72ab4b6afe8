/// The neurons at the start of the flow, grouped by cone.
///
/// Works through the neurons once, in chunks that stay in the cache, so that initial values need not be stored
/// anywhere else.
struct InitialGroups {
  /// 2n cones, then four groups without members for every pair of rays on a line.
  private(set) var groups: [NeuronGroup]
  /// ‖θ_w(0)‖².
  private(set) var inputSquared = 0.0

  /// How many neurons are drawn and sorted together.
  private static let chunkSize = 4096
  /// How many chunks are held at a time before their neurons go to the groups.
  private static let chunksPerWave = 64

  /// - Parameter onWave: called now and then, when some more neurons have been drawn.
  init(
    _ initial: InitialNeurons, kappaPrime: Double, _ geometry: ConeGeometry, _ cores: Cores,
    onWave: (() -> Void)?
  ) {
    groups = [NeuronGroup](repeating: NeuronGroup(), count: 3 * geometry.circle.count)
    let cones = geometry.circle.count
    let borders = (0..<cones).map { geometry.border(.cone($0)) }
    let chunks = (initial.width + Self.chunkSize - 1) / Self.chunkSize
    for first in stride(from: 0, to: chunks, by: Self.chunksPerWave) {
      let wave = cores.map(min(chunks - first, Self.chunksPerWave)) { i in
        let start = (first + i) * Self.chunkSize
        let range = start..<min(initial.width, start + Self.chunkSize)
        return Chunk(initial, range, kappaPrime, geometry, borders)
      }
      groups.withUnsafeMutableBufferPointer { groups in
        let groups = groups
        (wave.count > 1 ? cores : Cores(count: 1)).perform(cones) { cone in
          for chunk in wave { chunk.add(to: &groups[cone], cone: cone) }
        }
      }
      inputSquared = wave.reduce(inputSquared) { $0 + $1.inputSquared }
      onWave?()
    }
  }

  /// Some neurons, sorted by cone and class of slack.
  private struct Chunk {
    private(set) var inputSquared = 0.0
    private var members: ContiguousArray<Member> = []
    /// Where the neurons of a key begin: (classes + 1) · cone + class.
    private var starts: [Int32]

    private static let classes = Border.classes + 1

    init(
      _ initial: InitialNeurons, _ range: Range<Int>, _ kappaPrime: Double, _ geometry: ConeGeometry,
      _ borders: [Border]
    ) {
      var starts = [Int32](repeating: 0, count: borders.count * Self.classes + 1)
      var squared = 0.0
      var keys = [UInt32](repeating: 0, count: range.count)
      let drawn = ContiguousArray<Member>(unsafeUninitializedCapacity: range.count) { drawn, count in
        borders.withUnsafeBufferPointer { borders in
          starts.withUnsafeMutableBufferPointer { sizes in
            keys.withUnsafeMutableBufferPointer { keys in
              initial.forEach(in: range) { k, a, w, b in
                let input = PlaneVector(w, b)
                let state = NeuronState(kappaPrime * a, input)
                let cone = geometry.cone(of: input)
                let key = cone * Self.classes + borders[cone].slackClass(of: state)
                let i = k - range.lowerBound
                keys[i] = UInt32(truncatingIfNeeded: key)
                sizes[key + 1] += 1
                drawn.initializeElement(
                  at: i, to: Member(state, initial: input, index: UInt32(truncatingIfNeeded: k)))
                squared += input.dot(input)
              }
            }
          }
        }
        count = range.count
      }
      inputSquared = squared
      for key in 1..<starts.count { starts[key] += starts[key - 1] }
      var next = starts
      members = ContiguousArray(unsafeUninitializedCapacity: range.count) { members, count in
        drawn.withUnsafeBufferPointer { drawn in
          next.withUnsafeMutableBufferPointer { next in
            for i in drawn.indices {
              let key = Int(keys[i])
              members.initializeElement(at: Int(next[key]), to: drawn[i])
              next[key] += 1
            }
          }
        }
        count = range.count
      }
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
