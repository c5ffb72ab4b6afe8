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
  static func problem(target: Double = 1e-6) throws -> Problem {
    Problem(
      network: Network(), samples: try SampleSet(x: [-1.0, -0.3, 0.4, 1.0], y: [0.2, -0.4, 0.6, -0.1]),
      target: target)
  }

  static func sweep(
    name: String = "test", gamma: [Double] = [0.5, 0.1 + 0.2], widths: [Int] = [1000, 10_000],
    seeds: [UInt64] = [0, .max], target: Double = 1e-6
  ) throws -> Sweep {
    Sweep(
      name: name,
      axes: Axes(gamma: gamma.sorted(), gammaPrime: [-0.5, 0], width: widths, seed: seeds),
      problem: try problem(target: target), budget: .standard, limits: Limits())
  }

  static func result(_ outcome: Outcome = .converged, rd: Double = 0.125) -> RunResult {
    RunResult(
      outcome: outcome, reason: "because", rd: rd, supRD: rd * 1.5, meanSquaredResidual: 1e-6, time: 12.5,
      steps: 321, wallSeconds: 0.25, initialSeconds: 0.0625)
  }

  static func record(
    _ run: Run, of sweep: Sweep, _ result: RunResult = result(), budget: Budget = .standard
  ) -> RunRecord {
    RunRecord(run: run, problem: sweep.problem.digest, result: result, budget: budget, worker: "1")
  }

  static func failure(_ run: Run, of sweep: Sweep, reason: String = "killed by signal 9") -> FailureRecord {
    FailureRecord(
      identity: run.identity(of: sweep.problem.digest), run: run, problem: sweep.problem.digest, attempts: 3,
      reason: reason, stderrTail: "oh dear\n")
  }

  static func phaseMap(of sweep: Sweep) -> PhaseMap {
    let points = sweep.axes.points.enumerated().map { index, point in
      var counts = PointFit.Counts()
      counts.converged = 3
      counts.failed = 1
      var fit = PointFit(
        point: point, verdict: Verdict.allCases[index % 4], note: index == 0 ? "too few widths" : "",
        expectedExponent: -0.5, widths: 2, runsUsed: 4, counts: counts)
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
      (fit.scatter, fit.scatterDecay, fit.lackOfFit) = (0.02, 0.5, 0)
      return fit
    }
    func point(_ gamma: Double, _ gammaPrime: Double) -> PhasePoint {
      PhasePoint(gamma: gamma, gammaPrime: gammaPrime)
    }
    let boundary = [
      BoundaryLine([BoundaryLine.Vertex(point(1, -1)), BoundaryLine.Vertex(point(1, 0))]),
      BoundaryLine([
        BoundaryLine.Vertex(
          point(0.1, 0.2), towardsLinear: point(0.05, 0.2), towardsCondensed: point(0.15, 0.21)),
        BoundaryLine.Vertex(point(0.3, 0.7)),
      ]),
    ]
    return PhaseMap(points: points, boundary: boundary)
  }
}

/// The error that `body` throws; nil if it throws none.
func storeError(_ body: () throws -> Void) -> StoreError? {
  do { try body() } catch { return error as? StoreError }
  return nil
}
