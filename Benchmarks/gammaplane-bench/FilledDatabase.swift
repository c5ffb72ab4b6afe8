import Cluster
import Foundation
import GridFile
import Model
import Networks
import ResultStore
import Theories

/// A database that holds a result for every run of a grid, for measuring what large ones cost; or
/// one for every shard of a submission.
struct FilledDatabase {
  private let grid: String
  private let database: String?
  private let submission: String?
  /// How many results are committed at once.
  private let batch = 10_000

  init(_ options: Options) throws {
    grid = try options.text("grid")
    submission = try? options.text("submission")
    database = submission == nil ? try options.text("database") : nil
  }

  /// Records the results: RD = m^S with the expected exponent, and a dispersion that the seed
  /// decides.
  func write() throws {
    let sweep = try GridFile.load(path: grid, allowHuge: true)
    let runs = RunSet(sweep)
    if let database { try write(runs, of: sweep, to: database) }
    guard let submission else { return }
    let bytes = try Data(contentsOf: URL(fileURLWithPath: submission + "/manifest"))
    let manifest = try ShardManifest(header: bytes)
    for (index, entry) in manifest.shards.enumerated() {
      guard let shard = Shard(number: index + 1, of: manifest.shards.count) else { continue }
      let own = Data(bytes.dropFirst(manifest.start + entry.offset).prefix(entry.bytes))
      let indices = try manifest.indices(of: shard, in: own)
      let database = "\(submission)/\(shard.number)/filled.sqlite"
      try write(indices.lazy.map { runs[$0] }, of: sweep, to: database)
    }
  }

  private func write(_ runs: some Sequence<Run>, of sweep: Sweep, to database: String) throws {
    let store = try ResultStore.open(at: database)
    try store.register(sweep)
    let problem = sweep.problem.digest
    let family = TwoLayerReLULine()
    let theory = family.theory(of: sweep.problem, plane: LuoEtAl2021.plane, orderParameter: "rd")
    var records: [RunRecord] = []
    func flush() throws {
      try store.record(records)
      records.removeAll(keepingCapacity: true)
    }
    let provenance = SharedProvenance(
      Provenance(worker: "worker 1", description: family.description, host: "bench"))
    for run in runs {
      let slope = theory?.expectedExponent(at: run.setting) ?? 0
      let rd = pow(run.width, slope) * (1 + 0.01 * Double(run.seed % 7))
      records.append(
        RunRecord(
          run: run, problem: problem,
          result: RunResult(
            outcome: .converged, reason: "target reached",
            quantities: ["rd": rd, "sup_rd": rd, "mean_squared_residual": 1e-6, "time": 12.5],
            steps: 103, wallSeconds: 0.01, initialSeconds: 0.001),
          budget: sweep.budget, provenance: provenance))
      if records.count == batch { try flush() }
    }
    try flush()
    try store.close()
  }
}
