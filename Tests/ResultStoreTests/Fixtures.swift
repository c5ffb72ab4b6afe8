import Foundation
import LimitFit
import Model
import ResultStore

/// A folder that goes away with the test.
final class TemporaryFolder {
  let url: URL

  init() throws {
    url = FileManager.default.temporaryDirectory
      .appendingPathComponent("gammaplane-store-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(at: url) }

  /// The path of a database in here.
  var database: String { path(ResultStore.fileName) }

  func path(_ name: String) -> String { url.appendingPathComponent(name).path }
}

enum Fixture {
  static let description = FamilyDescription(
    title: "a network", methods: ["test 1"], parameters: [Parameter("gamma"), Parameter("gamma_prime")],
    quantities: [Quantity("sup_rd", symbol: "sup RD"), Quantity("rd")], plane: ["gamma", "gamma_prime"])

  static let provenance = SharedProvenance(
    Provenance(
      program: "gammaplane 0.1.0", commit: "abc", worker: "worker 1", description: description, host: "node7")
  )

  static let plane = Plane(x: "gamma", y: "gamma_prime")

  static func problem(target: Double = 1e-6) throws -> Problem {
    Problem(
      method: "test 1",
      samples: try SampleSet(x: [-1.0, -0.3, 0.4, 1.0], y: [0.2, -0.4, 0.6, -0.1]), target: target)
  }

  /// The axes of runs.
  static func axes(
    gamma: [Double] = [0.5, 0.1 + 0.2], prime: [Double] = [-0.5, 0], widths: [Double] = [1000, 10_000],
    seeds: [UInt64] = [0, .max]
  ) -> Axes {
    Axes(
      parameters: ["gamma": gamma.sorted(), "gamma_prime": prime.sorted()], width: widths, seed: seeds)
  }

  static func sweep(
    name: String = "test", gamma: [Double] = [0.5, 0.1 + 0.2], widths: [Double] = [1000, 10_000],
    seeds: [UInt64] = [0, .max], target: Double = 1e-6
  ) throws -> Sweep {
    Sweep(
      name: name, axes: axes(gamma: gamma, widths: widths, seeds: seeds),
      problem: try problem(target: target))
  }

  static func setting(_ gamma: Double, _ prime: Double) -> Setting {
    ["gamma": gamma, "gamma_prime": prime]
  }

  static func result(_ outcome: Outcome = .converged, rd: Double = 0.125) -> RunResult {
    RunResult(
      outcome: outcome, reason: "because",
      quantities: ["rd": rd, "sup_rd": rd * 1.5, "mean_squared_residual": 1e-6, "time": 12.5],
      steps: 321, wallSeconds: 0.25, initialSeconds: 0.0625)
  }

  static func record(
    _ run: Run, of sweep: Sweep, _ result: RunResult = result(), budget: Budget = .default
  ) -> RunRecord {
    RunRecord(
      run: run, problem: sweep.problem.digest, result: result, budget: budget, provenance: provenance,
      finishedAt: Date(timeIntervalSince1970: 1_796_054_059))
  }

  static func failure(_ run: Run, of sweep: Sweep, reason: String = "killed by signal 9") -> FailureRecord {
    FailureRecord(
      identity: run.identity(of: sweep.problem.digest), run: run, problem: sweep.problem.digest, attempts: 3,
      reason: reason, stderrTail: "oh dear\n")
  }

  /// An array whose numbers are all `mark`.
  static func array(_ mark: Double) -> NumericArray {
    NumericArray(
      columns: [.init("time"), .init("rd", .float32)], rows: [[mark, mark], [mark, mark]])
  }

  static func phaseMap(of sweep: Sweep) -> PhaseMap {
    let points = sweep.axes.settings.enumerated().map { index, setting in
      var counts = PointFit.Counts()
      counts.converged = 3
      counts.failed = 1
      var fit = PointFit(
        setting: setting, trend: Trend.allCases[index % 4], note: index == 0 ? "too few widths" : "",
        expectedExponent: index == 2 ? nil : -0.5, widths: 2, runsUsed: 4, counts: counts)
      if index == 0 { return fit }
      fit.slope = PointFit.Estimate(
        value: 1 / 3.0, low: index == 1 ? nil : -0.1, high: index == 1 ? nil : 0.7)
      fit.exponent = PointFit.Estimate(value: 0.1, low: -1e-300, high: 0.2)
      (fit.power, fit.corrected, fit.constant) = (0.7, 0.2, 0.1)
      fit.limit = PointFit.Estimate(value: 2, low: 1, high: 1e9)
      fit.localSlopes = [
        LocalSlope(from: 10, to: 20, slope: 0.1, low: nil, high: nil),
        LocalSlope(from: 20, to: 30, slope: 1 / 7.0, low: 0.1, high: 0.2),
      ]
      (fit.drift, fit.driftProbability) = (0.01, 1e-20)
      (fit.dispersion, fit.dispersionDecay, fit.lackOfFit) = (0.02, 0.5, 0)
      return fit
    }
    func point(_ x: Double, _ y: Double) -> PlanePoint { PlanePoint(x: x, y: y) }
    let boundary = [
      BoundaryLine([BoundaryLine.Vertex(point(1, -1)), BoundaryLine.Vertex(point(1, 0))]),
      BoundaryLine(
        [
          BoundaryLine.Vertex(
            point(0.1, 0.2), towardsVanishing: point(0.05, 0.2), towardsGrowing: point(0.15, 0.21)),
          BoundaryLine.Vertex(point(0.3, 0.7)),
        ], slice: ["delta": 0.25]),
    ]
    return PhaseMap(orderParameter: "sup_rd", plane: plane, points: points, boundary: boundary)
  }
}

extension ResultStore {
  /// The fit of a sweep, if it is of the quantity and plane of ``Fixture``, and nothing has
  /// changed.
  func currentFit(of sweep: Sweep) throws -> PhaseMap? {
    try currentPhaseMap(of: sweep, orderParameter: "sup_rd", plane: Fixture.plane)
  }

  /// What a fit of sup RD sees of a sweep.
  func observations(of sweep: Sweep) throws -> [Observation] {
    try observations(of: sweep, quantity: "sup_rd")
  }
}

/// The error that `body` throws; nil if it throws none.
func storeError(_ body: () throws -> Void) -> StoreError? {
  do { try body() } catch { return error as? StoreError }
  return nil
}
