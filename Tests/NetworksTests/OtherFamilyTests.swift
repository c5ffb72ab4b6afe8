import Foundation
import Model
import Networks
import RealModule
import Testing

// No `@testable`: whatever a family in another module needs is public.

/// Functions f(x) = w_0 + w_1 x whose weights follow the gradient flow: everything is known in
/// closed form.
private struct StraightLine: NetworkFamily {
  var description: FamilyDescription {
    FamilyDescription(
      title: "straight line", methods: ["line/1"], parameters: [Parameter("slope")],
      quantities: [Quantity("sup_reach"), Quantity("reach"), .meanSquaredResidual, .time], plane: ["slope"])
  }

  func start(_ run: Run, of problem: Problem, options: FlowOptions) throws -> any Flow {
    var clock = FlowClock()
    let weights = Weights(problem, [0, run.setting["slope"] ?? 0])
    clock.noteInitialValues()
    return ImpulseFlow(weights, recorder: Recorder(), of: problem, timeScale: run.width, clock: clock)
  }

  func resume(
    _ run: Run, of problem: Problem, options: FlowOptions, from reader: inout CheckpointReader
  ) throws -> any Flow {
    let clock = try FlowClock(from: &reader)
    var recorder = Recorder()
    recorder.times = try (0..<reader.int(in: 0...1000)).map { _ in try reader.double() }
    var weights = Weights(problem, [0, 0])
    weights.start = [try reader.double(), try reader.double()]
    weights.now = [try reader.double(), try reader.double()]
    return try ImpulseFlow(
      resuming: weights, recorder: recorder, of: problem, timeScale: run.width, clock: clock, from: &reader)
  }

  func estimate(_ run: Run, of problem: Problem) -> RunEstimate { RunEstimate(seconds: 1e-3, bytes: 1 << 20) }
}

/// Two weights and n samples.
private struct Weights: ResidualDriven, Checkpointed {
  struct Motion: ResidualMotion {
    let weights: [Double]
    let residual: [Double]
  }

  /// √(1/n) (1, x_i) and √(1/n) y_i.
  let features: [[Double]]
  let targets: [Double]
  var start: [Double]
  var now: [Double]

  init(_ problem: Problem, _ weights: [Double]) {
    let samples = problem.samples
    let share = 1 / Double(samples?.count ?? 1).squareRoot()
    features = samples?.x.map { [share, share * $0[0]] } ?? []
    targets = samples?.y.map { share * $0 } ?? []
    start = weights
    now = weights
  }

  var sampleCount: Int { features.count }
  var residual: [Double] { residual(now) }

  func residual(_ w: [Double]) -> [Double] {
    zip(features, targets).map { $0[0] * w[0] + $0[1] * w[1] - $1 }
  }

  func kernel() -> [Double] {
    features.flatMap { a in features.map { b in a[0] * b[0] + a[1] * b[1] } }
  }

  private func moved(_ impulse: Impulse) -> [Double] {
    (0..<2).map { j in zip(features, impulse.samples).reduce(0) { $0 - $1.0[j] * $1.1 } }
  }

  func motion(along pieces: [Impulse]) -> Motion {
    let weights = pieces.reduce(now) { w, piece in zip(w, moved(piece)).map { $0 + $1 } }
    return Motion(weights: weights, residual: residual(weights))
  }

  mutating func advance(_ motion: Motion) { now = motion.weights }

  func mobility(_ impulse: Impulse) -> Double { moved(impulse).reduce(0) { max($0, abs($1)) } }

  /// |w_0 − w_0(0)|, which overshoots, and the distance from the start.
  static let trackedNames = ["reach", "distance"]

  private var change: [Double] { zip(now, start).map { $0 - $1 } }

  var tracked: [Double] {
    [abs(change[0]), (change[0] * change[0] + change[1] * change[1]).squareRoot()]
  }

  var squaredRates: [Double] {
    let rates = moved(Impulse(samples: residual))
    return [2 * change[0] * rates[0], 2 * (change[0] * rates[0] + change[1] * rates[1])]
  }

  func save(to writer: inout CheckpointWriter) throws {
    for number in start + now { try writer.write(number) }
  }
}

/// Records the times of all steps.
private struct Recorder: FlowRecorder {
  var times: [Double] = []
  let record: RecordNames = ["times"]

  func wants(time: Double) -> Bool { true }

  mutating func observe(_ state: FlowState, _ ensemble: Weights) -> [Double]? {
    times.append(state.time)
    return nil
  }

  func arrays(at end: FlowState, _ ensemble: Weights) -> RecordedArrays {
    ["times": NumericArray(times, shape: [times.count])]
  }

  func save(to writer: inout CheckpointWriter) throws {
    try writer.write(times.count)
    for time in times { try writer.write(time) }
  }
}

struct OtherFamilyTests {
  private let family: any NetworkFamily = StraightLine()

  /// Inputs −1, 0 and 3, which are far from orthogonal to the constant, so that w_0 overshoots.
  private func problem(target: Double = 1e-8) throws -> Problem {
    Problem(
      method: "line/1", samples: try SampleSet(x: [-1, 0, 3], y: [1, 0, -3]), target: target,
      tolerance: 1e-3)
  }

  private let run = Run(["slope": 2], width: 4, seed: 0)

  /// The weights at time τ by the eigenvectors of the 2 × 2 matrix A of dw/dτ = −A (w − w*), w* =
  /// (0, −1).
  private func exact(_ tau: Double) -> (offset: Double, slope: Double) {
    // A = (1/n) Σ (1, x)(1, x)ᵀ = [1, s; s, t].
    let (s, t) = (2.0 / 3, 10.0 / 3)
    let root = ((t - 1) * (t - 1) / 4 + s * s).squareRoot()
    let rates = [(1 + t) / 2 - root, (1 + t) / 2 + root]
    let start = (0.0, 3.0)
    return rates.reduce((0, -1)) { sum, rate in
      let v = (s, rate - 1)
      let size = v.0 * v.0 + v.1 * v.1
      let component = (start.0 * v.0 + start.1 * v.1) / size * Double.exp(-rate * tau)
      return (sum.0 + component * v.0, sum.1 + component * v.1)
    }
  }

  /// A linear flow is integrated exactly, and time is that of the family.
  @Test func aLinearFlowIsExact() throws {
    for time in [0.05, 0.2, 1] {
      var flow = try family.start(run, of: try problem(), options: FlowOptions())
      let result = flow.run(within: Budget(steps: 1000, wallSeconds: 60, time: time)).result
      #expect(result.outcome == .budgetExhausted && result.quantities["time"] == time)
      let (offset, slope) = exact(time * run.width)
      let reach = try #require(result.quantities["reach"])
      let distance = try #require(result.quantities["distance"])
      #expect(abs(reach - abs(offset)) < 1e-9)
      #expect(abs(distance - (offset * offset + (slope - 2) * (slope - 2)).squareRoot()) < 1e-9)
    }
  }

  /// The suprema are those over all times, between steps as well: those of what overshoots are
  /// larger than the end, those of what grows are the end.
  @Test func supremaAreThoseOfTheCourse() throws {
    var flow = try family.start(run, of: try problem(), options: FlowOptions())
    let result = flow.run(within: .default).result
    #expect(result.outcome == .converged)
    let expected = (0...100_000).reduce(0) { max($0, abs(exact(Double($1) * 1e-4).offset)) }
    let found = try #require(result.quantities["sup_reach"])
    let end = try #require(result.quantities["reach"])
    #expect(end < 1e-3 && abs(found / expected - 1) < 5e-3, "\(found), \(expected)")
    #expect(
      result.quantities["sup_distance"].map { $0 >= result.quantities["distance"] ?? .infinity } == true)
    #expect(result.quantities.count == 6)
  }

  @Test func aRunIsSuspendedAndResumed() throws {
    let path = NSTemporaryDirectory() + "line-\(UUID())"
    let file = CheckpointFile(path: path)
    defer { file.remove() }
    var whole = try family.start(run, of: try problem(), options: FlowOptions())
    let expected = whole.run(within: .default)
    var first = try family.start(run, of: try problem(), options: FlowOptions())
    for _ in 0..<expected.result.steps / 2 { #expect(first.step(within: .default) == nil) }
    try file.write(first, run, of: try problem())
    var second = try #require(try file.resume(run, of: try problem(), by: family))
    let ending = second.run(within: .default)
    #expect(ending.result.quantities == expected.result.quantities && ending.arrays == expected.arrays)
    #expect(throws: CheckpointError.otherRun) {
      try file.resume(run, of: try problem(target: 1e-7), by: family)
    }
  }

  /// A list of families asks them in order, and has each parameter once.
  @Test func familiesAreFound() throws {
    let families = NetworkFamilies([TwoLayerReLULine(), StraightLine(), StraightLine()])
    #expect(families.family(of: try problem())?.description.title == "straight line")
    #expect(families.family(method: "another/1", network: [:], inputs: nil) == nil)
    #expect(families.parameters.map(\.name) == ["gamma", "gamma_prime", "slope"])
    #expect(families.methods.prefix(2) == ["impulse/4", "line/1"])
  }
}
