import Model
import Testing

/// How many orientations carry a network.
struct OrientationCountTests {
  @Test(arguments: [
    ([1.0], 1), ([], 0), ([0, 0], 0), ([1, 1, 1, 1], 4), ([98.9, 1.1], 2), ([99.1, 0.9], 1),
    ([50, 49.5, 0.25, 0.25], 2),
  ])
  func theFewestThatCarryNearlyAll(amplitudes: [Double], count: Int) {
    #expect(OrientationCount.min(carrying: amplitudes) == count)
    #expect(OrientationCount.min(carrying: amplitudes.reversed()) == count)
  }

  @Test func deadNeuronsDoNotCount() throws {
    let samples = try SampleSet(x: [[-1], [1]], y: [0, 1])
    func neurons(_ angles: [Double]) -> NeuronSnapshot {
      .each(
        angles.map { angle in
          let neuron = NeuronSnapshot.Neuron(orientation: Float(angle), amplitude: -1)
          return .init(before: neuron, after: neuron)
        })
    }
    // (w, b) = (1, 0), (0, 1) and (−1, 0.5) are active on a sample, (0, −1) and (0.5, −0.6) on
    // none.
    #expect(neurons([0, 1.5708, 2.678]).orientationsAfter(samples) == 3)
    #expect(neurons([0, -1.5708, -0.876]).orientationsAfter(samples) == 1)
    // Within a degree they are one; π is in the last bin.
    #expect(neurons([0.001, 0.01]).orientationsAfter(samples) == 1)
    #expect(neurons([.pi, 3.14]).orientationsAfter(samples) == 1)
  }

  @Test func histogramsTellTheSame() throws {
    let samples = try SampleSet(x: [[-1], [1]], y: [0, 1])
    var after = OrientationHistogram()
    for (bin, amplitude) in [(180, 3.0), (180, -4), (270, 2), (90, 50)] {
      after.add(bin: bin, amplitude: amplitude)
    }
    let snapshot = NeuronSnapshot.histograms(before: after, after: after)
    // Bin 90 holds the angles from −90°: dead.
    #expect(snapshot.orientationsAfter(samples) == 2)
  }
}
