import Model
import Networks
import RealModule

/// A network family for tests, and an example: a number that grows as m^p in ten steps. It has one
/// parameter, p, and one quantity, which is the order parameter and has the exponent p.
public struct ToyFamily: NetworkFamily {
  /// The family.
  public init() {}

  /// What it is called, and what its names mean.
  public var description: FamilyDescription {
    FamilyDescription(
      title: "a number that grows as a power of the width", methods: ["toy/1"],
      parameters: [Parameter("power", symbol: "p", summary: "the exponent", range: -2...2)],
      quantities: [Quantity("magnitude", symbol: "M", summary: "the number at the end")],
      recordables: [
        Recordable(
          Trajectory.name, summary: "the number against the step",
          columns: [.time, Quantity("magnitude", symbol: "M")])
      ], plane: ["power"])
  }

  /// It has no data.
  public var needsSamples: Bool { false }
  /// Any positive number is a width.
  public func widthUnit(of problem: Problem) -> Double? { nil }

  /// The number 1, up to the noise of the seed.
  public func start(_ run: Run, of problem: Problem, options: FlowOptions) throws -> any Flow {
    ToyFlow(run: run, record: options.record, points: [[0, 1 + 0.01 * Double(run.seed)]])
  }

  /// The number where it was.
  public func resume(
    _ run: Run, of problem: Problem, options: FlowOptions, from reader: inout CheckpointReader
  ) throws -> any Flow {
    let count = try reader.int(in: 1...11)
    var points: [[Double]] = []
    for step in 0..<count { points.append([Double(step), try reader.double()]) }
    return ToyFlow(run: run, record: options.record, points: points)
  }

  /// A millisecond.
  public func estimate(_ run: Run, of problem: Problem) -> RunEstimate {
    RunEstimate(seconds: 1e-3, bytes: 16 << 20)
  }
}

private struct ToyFlow: Flow {
  let run: Run
  let record: RecordNames
  var points: [[Double]]

  var state: FlowState {
    let last = points[points.count - 1]
    return FlowState(
      steps: points.count - 1, time: last[0], quantities: ["magnitude": last[1]], sample: last)
  }

  mutating func step(within budget: Budget) -> FlowEnding? {
    guard state.steps < 10 else { return ending(.converged, "ten steps") }
    guard state.steps < budget.steps else { return ending(.budgetExhausted, "steps") }
    let growth = Double.pow(run.width, (run.setting["power"] ?? 0) / 10)
    points.append([state.time + 1, points[points.count - 1][1] * growth])
    return nil
  }

  private func ending(_ outcome: Outcome, _ reason: String) -> FlowEnding {
    let course = Trajectory(columns: [Trajectory.timeColumn, "magnitude"], points: points)
    return FlowEnding(
      result: RunResult(
        outcome: outcome, reason: reason, quantities: state.quantities, steps: state.steps, wallSeconds: 0),
      arrays: record.contains(Trajectory.name) ? [Trajectory.name: course.array] : [:])
  }

  func save(to writer: inout CheckpointWriter) throws {
    try writer.write(points.count)
    for point in points { try writer.write(point[1]) }
  }
}
