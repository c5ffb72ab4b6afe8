import Foundation
import Testing

@testable import Model

/// The compact forms of what is kept, and what is asked to be kept.
struct FlowRecordTests {
  private func point(_ time: Double, _ count: Int = 3) -> Trajectory.Point {
    .init(
      time: time, meanSquaredResidual: 0.1 * time, rd: 1e-300, outputNorm: 1e200, sliding: count, dead: 7,
      orientations: 1)
  }

  @Test func compactFormsAreReadBack() {
    let trajectory = Trajectory(points: [point(0), point(1e-200), point(1e200, 1_000_000_000)])
    #expect(trajectory.bytes.count == 3 * 56 && Trajectory(bytes: trajectory.bytes) == trajectory)

    let neurons = NeuronSnapshot.each([
      .init(before: .init(orientation: 0.5, amplitude: -1), after: .init(orientation: -3, amplitude: 0)),
      .init(before: .init(orientation: 1, amplitude: 2), after: .init(orientation: 2, amplitude: 4)),
    ])
    #expect(neurons.bytes.count == 32 && neurons.width == 2)
    #expect(NeuronSnapshot(bytesOfEach: neurons.bytes) == neurons)

    var before = OrientationHistogram()
    before.add(bin: 0, amplitude: -0.5)
    before.add(bin: 359, amplitude: 0.25)
    before.add(bin: 359, amplitude: 0.125)
    var after = OrientationHistogram()
    for bin in [5, 6, 7] { after.add(bin: bin, amplitude: 0) }
    #expect(before.positive.count[359] == 2 && before.positive.amplitude[359] == 0.375)
    #expect(before.negative.count[0] == 1 && before.negative.amplitude[0] == 0.5)
    let histograms = NeuronSnapshot.histograms(before: before, after: after)
    #expect(histograms.bytes.count == 8 * 2 * 2 * 2 * 360 && histograms.width == 3)
    #expect(NeuronSnapshot(bytesOfHistograms: histograms.bytes) == histograms)

    let function = FunctionSnapshot(points: [
      .init(x: -1, before: 0, after: 0.1), .init(x: 1, before: 1, after: -2),
    ])
    #expect(function.bytes.count == 24 && FunctionSnapshot(bytes: function.bytes) == function)
    // The first number of the first row, lowest byte first.
    #expect(Array(function.bytes.prefix(4)) == [0, 0, 0x80, 0xbf])
  }

  @Test func whatCannotBeIsNotRead() {
    #expect(Trajectory(bytes: []) == nil)
    #expect(Trajectory(bytes: Array(repeating: 0, count: 55)) == nil)
    #expect(Trajectory(bytes: Trajectory(points: [point(1), point(1)]).bytes) == nil)
    #expect(Trajectory(bytes: Trajectory(points: [point(.nan)]).bytes) == nil)
    #expect(Trajectory(bytes: Trajectory(points: (0...256).map { point(Double($0)) }).bytes) == nil)
    #expect(Trajectory(bytes: Trajectory(points: (0..<256).map { point(Double($0)) }).bytes) != nil)
    var half = Double.bytes(of: [0, 0, 0, 0, 0.5, 0, 0])
    #expect(Trajectory(bytes: half) == nil)
    half.removeLast()
    #expect(Trajectory(bytes: half) == nil)
    #expect(NeuronSnapshot(bytesOfEach: Array(repeating: 0, count: 15)) == nil)
    #expect(NeuronSnapshot(bytesOfEach: Float.bytes(of: [0, .infinity, 0, 0])) == nil)
    #expect(NeuronSnapshot(bytesOfHistograms: Array(repeating: 0, count: 100)) == nil)
    var one = OrientationHistogram()
    one.add(bin: 0, amplitude: 1)
    let unequal = NeuronSnapshot.histograms(before: one, after: OrientationHistogram())
    #expect(NeuronSnapshot(bytesOfHistograms: unequal.bytes) == nil)
    #expect(FunctionSnapshot(bytes: []) == nil)
    #expect(FunctionSnapshot(bytes: Float.bytes(of: [0, .nan, 0])) == nil)
  }

  @Test func singlePrecisionNumbersAreNeverInfinite() {
    #expect(Float(clamping: 1e300) == .greatestFiniteMagnitude)
    #expect(Float(clamping: -1e300) == -.greatestFiniteMagnitude)
    #expect(Float(clamping: 0.1) == 0.1)
  }

  @Test func aRecordHasWhatItHas() {
    let record = FlowRecord(
      trajectory: Trajectory(points: [point(0)]), function: FunctionSnapshot(points: []))
    #expect(record.observables == [.trajectory, .function])
    #expect(record.restricted(to: [.neurons, .function]).observables == .function)
    #expect(record.restricted(to: record.observables) == record)
  }

  @Test func observablesHaveNames() throws {
    #expect(Observables.allNames == ["trajectory", "neurons", "function"])
    #expect(Observables(names: ["function", "trajectory", "later"]).names == ["trajectory", "function"])
    let json = Data(#"["neurons","of a later version"]"#.utf8)
    #expect(try JSONDecoder().decode(Observables.self, from: json) == .neurons)
  }

  /// Definitions of sweeps from before there was anything to keep are read, and look as they did.
  @Test func sweepsThatKeepNothingLookAsBefore() throws {
    var sweep = Sweep(
      name: "a", axes: Axes(gamma: [1], gammaPrime: [0], width: [10], seed: [0]),
      problem: Problem(network: Network(), samples: try SampleSet(x: [0], y: [1])), budget: .standard,
      limits: Limits())
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    let plain = String(decoding: try encoder.encode(sweep), as: UTF8.self)
    #expect(!plain.contains("keep") && plain.contains(#""budget":{"steps":100000,"wall_seconds":600}"#))
    #expect(try JSONDecoder().decode(Sweep.self, from: Data(plain.utf8)) == sweep)
    sweep.keep = [KeepRule(what: [.neurons, .trajectory], gammaPrime: [0], seed: [0])]
    sweep.budget.time = 5
    let keeping = String(decoding: try encoder.encode(sweep), as: UTF8.self)
    #expect(
      keeping.contains(#""keep":[{"gamma_prime":[0],"seed":[0],"what":["trajectory","neurons"]}]"#))
    #expect(try JSONDecoder().decode(Sweep.self, from: Data(keeping.utf8)) == sweep)
  }
}
