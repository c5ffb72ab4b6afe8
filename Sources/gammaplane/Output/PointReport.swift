import Foundation
import LimitFit
import Model
import ResultStore

/// What `show` says of a point.
struct PointReport: Encodable {
  /// The runs of one width that are in the fit.
  struct Width: Encodable {
    var width: Int
    /// How many.
    var runs: Int
    /// Geometric means over seeds; nil without runs.
    var rd: Double?
    var supRD: Double?
    /// exp of the standard deviation of log sup RD over seeds; nil with less than two.
    var spread: Double?

    enum CodingKeys: String, CodingKey {
      case width, runs, rd, spread
      case supRD = "sup_rd"
    }
  }

  /// The fit of the point, as in the table `phase_map`.
  struct Fit: Encodable {
    var verdict: String
    var note: String
    var exponent: PointFit.Estimate?
    var expectedExponent: Double
    /// The probability of each model.
    var models: [String: Double]
    var rdLimit: PointFit.Estimate?
    var slope: PointFit.Estimate?
    var localSlopes: [LocalSlope]
    var drift: Double?
    var driftP: Double?
    var scatter: Double?
    var scatterDecay: Double?
    var lackOfFit: Double?

    enum CodingKeys: String, CodingKey {
      case verdict, note, exponent, models, slope, drift, scatter
      case expectedExponent = "expected_exponent"
      case rdLimit = "rd_limit"
      case localSlopes = "local_slopes"
      case driftP = "drift_p"
      case scatterDecay = "scatter_decay"
      case lackOfFit = "lack_of_fit"
    }

    init(_ fit: PointFit) {
      verdict = fit.trend.rawValue
      note = fit.note
      exponent = fit.exponent
      expectedExponent = fit.expectedExponent
      models = [:]
      models["power"] = fit.power
      models["corrected"] = fit.corrected
      models["constant"] = fit.constant
      rdLimit = fit.limit
      slope = fit.slope
      localSlopes = fit.localSlopes
      drift = fit.drift
      driftP = fit.driftProbability
      scatter = fit.scatter
      scatterDecay = fit.scatterDecay
      lackOfFit = fit.lackOfFit
    }
  }

  /// One run, whatever became of it.
  struct RunLine: Encodable {
    var run: String
    var width: Int
    var seed: UInt64
    /// An outcome, `failed` or `pending`.
    var state: String
    var reason: String?
    var detail: String?
    var stderrTail: String?
    var attempts: Int?
    var rd: Double?
    var supRD: Double?
    var meanSquaredResidual: Double?
    var time: Double?
    var steps: Int?
    var wallSeconds: Double?

    enum CodingKeys: String, CodingKey {
      case run, width, seed, state, reason, detail, attempts, rd, time, steps
      case stderrTail = "stderr_tail"
      case supRD = "sup_rd"
      case meanSquaredResidual = "mean_squared_residual"
      case wallSeconds = "wall_seconds"
    }
  }

  var sweep: String
  var gamma: Double
  var gammaPrime: Double
  var widths: [Width]
  var fit: Fit
  var runs: [RunLine]

  enum CodingKeys: String, CodingKey {
    case sweep, gamma, widths, fit, runs
    case gammaPrime = "gamma_prime"
  }

  init(_ point: Setting, of sweep: Sweep, in store: ResultStore) throws {
    self.sweep = sweep.name
    gamma = point.gamma
    gammaPrime = point.gammaPrime
    let all = RunSet(sweep.restricted(to: point))
    let recorded = try store.recorded(all, of: sweep.problem.digest)
    runs = recorded.map(RunLine.init)
    let antisymmetric = sweep.problem.network.antisymmetric
    let found = try store.currentPhaseMap(of: sweep)?.points.first { $0.point == point }
    let row =
      found ?? PhaseMap.fit(observations: recorded.map(\.observation), antisymmetric: antisymmetric).points
      .first
      ?? PointFit(
        point: point, verdict: .undecided, note: "",
        expectedExponent: point.expectedExponent(antisymmetric: antisymmetric))
    fit = Fit(row)
    widths = all.widths.map { width in
      let used = recorded.filter { $0.run.width == width && $0.failure == nil }.compactMap {
        $0.record?.result
      }
      .filter { $0.outcome != .budgetExhausted && $0.supRD > 0 }
      return Width(width: width, used)
    }
  }

  /// Everything, for people.
  var text: String {
    var lines = ["\(sweep): γ = \(gamma), γ' = \(gammaPrime)"]
    lines.append(
      Formatting.table(
        [["width", "runs", "RD", "sup RD", "spread"]]
          + widths.map {
            [
              "\($0.width)", "\($0.runs)", Self.number($0.rd), Self.number($0.supRD),
              $0.spread.map { String(format: "×÷ %.3f", $0) } ?? "–",
            ]
          }))
    lines.append(limit)
    if !fit.localSlopes.isEmpty { lines.append(slopes) }
    if !fit.note.isEmpty { lines.append("note: \(fit.note)") }
    lines.append(
      Formatting.table(
        [
          [
            "width", "seed", "state", "sup RD", "mean sq. residual", "steps", "time", "wall", "attempts",
            "reason",
          ]
        ]
          + runs.map(\.cells), left: [2, 9]))
    for run in runs {
      let detail = Formatting.lines(run.detail ?? "", after: "  ", first: 10)
      let tail = Formatting.lines(run.stderrTail ?? "", after: "  | ", last: 10)
      guard !tail.isEmpty || !detail.isEmpty else { continue }
      lines += ["width \(run.width), seed \(run.seed):", detail, tail].filter { !$0.isEmpty }
    }
    return lines.joined(separator: "\n")
  }

  /// The exponent and what it was made from.
  private var limit: String {
    func text(_ estimate: PointFit.Estimate) -> String {
      guard let low = estimate.low, let high = estimate.high else { return Self.number(estimate.value) }
      return "\(Self.number(estimate.value)) (95 %: \(Self.number(low)) to \(Self.number(high)))"
    }
    var lines = [
      "verdict: \(fit.trend)",
      "exponent S for m → ∞: \(fit.exponent.map(text) ?? "none"); theory \(Self.number(fit.expectedExponent))",
    ]
    let models = fit.models.sorted { $0.value > $1.value }
      .map { "\($0.key) \(String(format: "%.0f %%", 100 * $0.value))" }
    if !models.isEmpty { lines.append("models: \(models.joined(separator: ", "))") }
    if let limit = fit.rdLimit { lines.append("limit of RD if it is finite: \(text(limit))") }
    if let slope = fit.slope { lines.append("slope of a straight line over all widths: \(text(slope))") }
    if let drift = fit.drift, let p = fit.driftP {
      lines.append("drift of the slope per decade: \(Self.number(drift)) (p = \(Self.number(p)))")
    }
    return lines.joined(separator: "\n")
  }

  /// The slopes between neighbouring widths.
  private var slopes: String {
    Formatting.table(
      [["from", "to", "local slope", "95 % from", "to"]]
        + fit.localSlopes.map {
          ["\($0.from)", "\($0.to)", Self.number($0.slope), Self.number($0.low), Self.number($0.high)]
        })
  }

  fileprivate static func number(_ value: Double?) -> String {
    value.map { String(format: "%.4g", $0) } ?? "–"
  }
}

extension PointReport.Width {
  init(width: Int, _ results: [RunResult]) {
    func mean(_ values: [Double]) -> Double? {
      values.isEmpty ? nil : values.reduce(0, +) / Double(values.count)
    }
    let logs = results.map { log($0.supRD) }
    self.width = width
    runs = results.count
    supRD = mean(logs).map { exp($0) }
    let ends = results.map(\.rd)
    rd = ends.contains(0) ? mean(ends) : mean(ends.map { log($0) }).map { exp($0) }
    if logs.count > 1, let middle = mean(logs) {
      let squares = logs.reduce(0) { $0 + ($1 - middle) * ($1 - middle) }
      spread = exp((squares / Double(logs.count - 1)).squareRoot())
    }
  }
}

extension PointReport.RunLine {
  init(_ recorded: RecordedRun) {
    let result = recorded.record?.result
    run = recorded.identity.description
    width = recorded.run.width
    seed = recorded.run.seed
    state = recorded.state
    reason = recorded.reason
    detail = recorded.failure?.detail
    stderrTail = recorded.failure?.stderrTail
    attempts = recorded.attempts
    rd = result?.rd
    supRD = result?.supRD
    meanSquaredResidual = result?.meanSquaredResidual
    time = result?.time
    steps = result?.steps
    wallSeconds = result?.wallSeconds
  }

  fileprivate var cells: [String] {
    [
      "\(width)", "\(seed)", state, PointReport.number(supRD), PointReport.number(meanSquaredResidual),
      steps.map { "\($0)" } ?? "–", PointReport.number(time), wallSeconds.map(Formatting.duration) ?? "–",
      attempts.map { "\($0)" } ?? "–", Formatting.line(reason ?? ""),
    ]
  }
}
