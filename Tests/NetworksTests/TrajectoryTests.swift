import Foundation
import Model
import RealModule
import Testing

@testable import Networks

/// What is recorded of a run on its way, and that recording it changes nothing.
struct TrajectoryTests {
  /// A point of a trajectory by names.
  private struct Point {
    let time, meanSquaredResidual, rd, outputNorm, sliding, dead, orientations: Double

    init(_ row: [Double]) {
      (time, meanSquaredResidual, rd) = (row[0], row[1], row[2])
      (outputNorm, sliding, dead, orientations) = (row[3], row[4], row[5], row[6])
    }
  }

  static let points = [(0.5, 0.0), (1.25, 0.5), (1.75, 0.0), (1.5, -0.5)]
    .map { Setting(gamma: $0.0, gammaPrime: $0.1) }

  @Test(arguments: points)
  func theResultDoesNotDependOnWhatIsRecorded(_ point: Setting) throws {
    let run = Run(point, width: 300, seed: 1)
    var plain = try train(run, of: .fourSamples())
    var ending = try train(run, of: .fourSamples(), record: .everything)
    plain.result.wallSeconds = 0
    plain.result.initialSeconds = 0
    ending.result.wallSeconds = 0
    ending.result.initialSeconds = 0
    // Measures that are asked for are added to the result, and to nothing else.
    let measures = Set(TwoLayerReLULine().description.recordables.filter(\.isQuantity).map(\.name))
    for name in plain.result.quantities.names {
      #expect(ending.result.quantities[name] == plain.result.quantities[name], "\(name)")
    }
    #expect(Set(ending.result.quantities.names).subtracting(plain.result.quantities.names) == measures)
    ending.result.quantities = plain.result.quantities
    #expect(ending.result == plain.result)
    #expect(Set(ending.arrays.keys) == Set(RecordNames.everything.names).subtracting(measures))
    #expect(plain.arrays.isEmpty)
  }

  @Test(arguments: points)
  func theTrajectoryIsThatOfTheRun(_ point: Setting) throws {
    let run = Run(point, width: 300, seed: 1)
    var states: [FlowState] = []
    let ending = try train(run, of: .fourSamples(), record: ["trajectory"]) { states.append($0) }
    let result = ending.result
    let trajectory = try #require(ending.arrays.trajectory)
    #expect(trajectory.columns == NeuronRecorder.columns.map(\.name))
    #expect(TwoLayerReLULine().description.columns(of: Trajectory.name) == NeuronRecorder.columns)
    let points = trajectory.points.map(Point.init)
    let values = InitialValues(width: 300, seed: 1, antisymmetric: false)
    let first = try #require(points.first)
    #expect(first.time == 0 && first.rd == 0)
    let norm = values.a.reduce(0) { $0 + $1 * $1 }.squareRoot()
    #expect(abs(first.outputNorm / norm - 1) < 1e-12)
    let last = try #require(points.last)
    #expect(last.time == result.time && last.rd == result.rd)
    #expect(last.meanSquaredResidual == result.meanSquaredResidual)
    #expect(points.count <= Trajectory.maxPoints)
    #expect(zip(points, points.dropFirst()).allSatisfy { $0.time < $1.time })
    #expect(points.allSatisfy { $0.rd <= result.supRD && $0.sliding + $0.dead <= 300 })
    #expect(points.allSatisfy { $0.orientations >= 1 && $0.orientations <= 360 + 8 })
    // Every point is the end of a step.
    let times = Set(states.map(\.time))
    #expect(points.allSatisfy { times.contains($0.time) })
    let samples = states.compactMap(\.sample)
    #expect(samples.count >= points.count - 1)
    #expect(samples.allSatisfy { times.contains($0[0]) })
  }

  /// Sliding, dead and moving neurons are all there are; counted here from the neurons themselves.
  @Test(arguments: points)
  func countsAddUp(_ point: Setting) throws {
    let samples = try #require(try Problem.fourSamples().samples)
    let width = 200
    let ensemble = LineReLUEnsemble(
      samples: samples, kappa: point.kappa(width: width), kappaPrime: point.kappaPrime(width: width),
      values: InitialValues(width: width, seed: 3, antisymmetric: false))
    var integrator = ImpulseIntegrator(ensemble, tolerance: 1e-3, target: 1e-6)
    let observation = NetworkObservation(point.scales(width: width))
    for _ in 0..<5000 {
      let ensemble = integrator.ensemble
      var counts: [NeuronActivity: Int] = [:]
      ensemble.forEachGroup { activity, count, _, _ in counts[activity, default: 0] += count }
      #expect(counts.values.reduce(0, +) == width)
      var visited = Set<Int>()
      ensemble.forEachNeuron { k, _ in visited.insert(k) }
      #expect(visited == Set(0..<width))

      let neurons = ensemble.neurons()
      let dead = neurons.count { state in samples.x.allSatisfy { state.w.x * $0[0] + state.w.y <= 1e-12 } }
      let seen = observation.sample(of: ensemble)
      // Neurons that slide on a ray beside the dead cone are on no active side either.
      #expect(seen.dead <= dead && dead <= seen.dead + seen.sliding)
      let norm = neurons.reduce(0) { $0 + $1.x * $1.x }.squareRoot() / point.kappaPrime(width: width)
      #expect(abs(seen.outputNorm / norm - 1) < 1e-9)
      guard integrator.step() == .continues else { break }
    }
  }

  @Test func condensedNetworksHaveFewOrientations() throws {
    func orientations(_ point: Setting) throws -> (Double, Double) {
      let arrays = try train(
        Run(point, width: 2000, seed: 0), of: .fourSamples(), record: ["trajectory"]
      ).arrays
      let counts = try #require(arrays.trajectory?.values(of: "orientations"))
      return (counts.first ?? 0, counts.last ?? 0)
    }
    let linear = try orientations(Setting(gamma: 0.5, gammaPrime: 0))
    #expect(linear.0 > 100 && linear.1 > 100)
    let condensed = try orientations(Setting(gamma: 2, gammaPrime: -0.5))
    #expect(condensed.0 > 100 && condensed.1 <= 12, "\(condensed)")
  }

  // MARK: The sampler

  /// Bounded, with both ends, one a bin, and the same as if the final bins had been known from the
  /// start.
  @Test(arguments: 0..<20)
  func theSamplerIsBoundedAndHasBothEnds(_ seed: UInt64) {
    var generator = Generator(seed: seed)
    print("theSamplerIsBoundedAndHasBothEnds: seed \(seed)")
    let most = Int.random(in: 3...40, using: &generator)
    let decades = Double.random(in: 0.01...40, using: &generator)
    let count = Int.random(in: 1...3000, using: &generator)
    let times =
      [0]
      + (0..<count).map { _ in Double.exp10(Double.random(in: -decades / 2...decades / 2, using: &generator))
      }
      .sorted()
    var sampler = TrajectorySampler(maxPoints: most)
    for time in times where sampler.wants(time: time) { sampler.add([time, 1]) }
    let bins = sampler.resolution
    if sampler.lacks(time: times[count]) { sampler.add(last: [times[count], 1]) }
    let recorded = sampler.points.map { $0[0] }
    #expect(recorded.count <= most)
    #expect(recorded.first == 0 && recorded.last == times[count])
    #expect(zip(recorded, recorded.dropFirst()).allSatisfy { $0 < $1 })
    func bin(_ time: Double) -> Double { (Double.log2(time) * bins).rounded(.down) }
    var expected = [0.0]
    for time in times.dropFirst() where expected.count == 1 || bin(time) != bin(expected[expected.count - 1])
    {
      expected.append(time)
    }
    if expected.last != times[count] { expected.append(times[count]) }
    #expect(recorded == expected)
  }

  @Test func aRunOfNoStepHasAStart() {
    var sampler = TrajectorySampler()
    #expect(sampler.wants(time: 0))
    sampler.add([0, 1])
    #expect(!sampler.lacks(time: 0) && sampler.points.count == 1)
  }
}

/// A generator that can be repeated (SplitMix64).
struct Generator: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var z = state
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return z ^ (z >> 31)
  }
}
