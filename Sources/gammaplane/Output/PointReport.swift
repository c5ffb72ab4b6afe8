import Foundation
import LimitFit
import Model
import Orchestration
import ResultStore

/// What `show` tells of a point.
struct PointReport: Encodable {
  /// The runs of one width that are in the fit.
  struct Width: Encodable {
    var width: Double
    /// How many.
    var runs: Int
    /// The mean of the order parameter over seeds, geometric unless it can be negative; nil without
    /// runs.
    var mean: Double?
    /// exp of the standard deviation of its logarithm over seeds; its standard deviation if it can
    /// be negative; nil with less than two runs.
    var spread: Double?
  }

  /// The fit of the point, as in the table `phase_map`.
  struct Fit: Encodable {
    var trend: String
    var note: String
    var exponent: PointFit.Estimate?
    /// `computed` or `extrapolated`.
    var exponentSource: ExponentSource?
    var extrapolated: PointFit.Estimate?
    var expectedExponent: Double?
    var crossoverWidth: Double?
    var instability: Double?
    /// The probability of each model.
    var models: [String: Double]
    var limit: PointFit.Estimate?
    var slope: PointFit.Estimate?
    var localSlopes: [LocalSlope]
    var drift: Double?
    var driftP: Double?
    var dispersion: Double?
    var dispersionDecay: Double?
    var lackOfFit: Double?
    /// What stands for an interval that is 0 alone.
    var zero: String?

    enum CodingKeys: String, CodingKey {
      case trend, note, exponent, models, limit, slope, drift, dispersion
      case extrapolated, instability
      case exponentSource = "exponent_source"
      case expectedExponent = "expected_exponent"
      case crossoverWidth = "crossover_width"
      case localSlopes = "local_slopes"
      case driftP = "drift_p"
      case dispersionDecay = "dispersion_decay"
      case lackOfFit = "lack_of_fit"
    }

    init(_ fit: PointFit) {
      trend = fit.trend.rawValue
      note = fit.note
      exponent = fit.exponent
      exponentSource = fit.exponentSource
      extrapolated = fit.extrapolated
      expectedExponent = fit.expectedExponent
      crossoverWidth = fit.crossoverWidth
      instability = fit.instability
      models = [:]
      models["power"] = fit.power
      models["corrected"] = fit.corrected
      models["constant"] = fit.constant
      limit = fit.limit
      slope = fit.slope
      localSlopes = fit.localSlopes
      drift = fit.drift
      driftP = fit.driftProbability
      dispersion = fit.dispersion
      dispersionDecay = fit.dispersionDecay
      lackOfFit = fit.lackOfFit
      zero = fit.zeroInWords { PointReport.number($0) }
    }
  }

  /// One run, whatever became of it.
  struct RunLine: Encodable {
    var run: String
    var width: Double
    var seed: UInt64
    /// An outcome, `failed` or `pending`.
    var state: String
    var reason: String?
    var detail: String?
    var stderrTail: String?
    var attempts: Int?
    var quantities: NamedNumbers?
    var steps: Int?
    var wallSeconds: Double?

    enum CodingKeys: String, CodingKey {
      case run, width, seed, state, reason, detail, attempts, quantities, steps
      case stderrTail = "stderr_tail"
      case wallSeconds = "wall_seconds"
    }
  }

  var sweep: String
  var setting: Setting
  var orderParameter: String
  var widths: [Width]
  var fit: Fit
  var runs: [RunLine]
  var provenance: [ProvenanceLine]
  private let quantity: Quantity
  private let theory: (any Theory)?
  private let quantityNames: [String]

  enum CodingKeys: String, CodingKey {
    case sweep, setting, widths, fit, runs, provenance
    case orderParameter = "order_parameter"
  }

  init(_ setting: Setting, of sweep: Sweep, _ context: SweepContext, in store: ResultStore) throws {
    self.sweep = sweep.name
    self.setting = setting
    orderParameter = context.orderParameter
    quantity = context.quantity
    theory = context.theory
    let all = RunSet(sweep.restricted(to: setting))
    let recorded = try store.recorded(all, of: sweep.problem.digest)
    runs = recorded.map(RunLine.init)
    let known = Set(runs.filter { $0.width.isFinite }.flatMap { $0.quantities?.names ?? [] })
    quantityNames =
      [context.orderParameter].filter(known.contains)
      + known.subtracting([context.orderParameter]).sorted()
    let name = context.orderParameter
    // Of all points: seeds are correlated between widths where they are at every point.
    let map = try presentFit(of: sweep, context, in: store)
    fit = Fit(
      map.points.first { $0.setting == setting }
        ?? PointFit(
          setting: setting, trend: .undecided, note: "",
          expectedExponent: context.theory?.expectedExponent(at: setting)))
    widths = all.widths.filter(\.isFinite).map { width in
      let values = recorded.filter { $0.run.width == width && $0.failure == nil }
        .compactMap { $0.record?.result }
        .filter { $0.outcome == .converged || $0.outcome == .stationary }.compactMap { $0.quantities[name] }
      return Width(width, values, isSigned: context.quantity.isSigned)
    }
    provenance = ProvenanceLine.lines(of: recorded)
  }

  /// Everything, for people.
  var text: String {
    var lines = ["\(sweep): \(setting.text)"]
    if !widths.isEmpty { lines.append(measured) }
    lines.append(limit)
    if !fit.localSlopes.isEmpty { lines.append(slopes) }
    if !fit.note.isEmpty { lines.append("note: \(fit.note)") }
    lines.append(
      Formatting.table(
        [["width", "seed", "state"] + quantityNames + ["steps", "wall", "attempts", "reason"]]
          + runs.filter { $0.width.isFinite || $0.quantities == nil }.map { $0.cells(quantityNames) },
        left: [2, 6 + quantityNames.count]))
    for run in runs {
      let detail = Formatting.lines(run.detail ?? "", after: "  ", first: 10)
      let tail = Formatting.lines(run.stderrTail ?? "", after: "  | ", last: 10)
      guard !tail.isEmpty || !detail.isEmpty else { continue }
      let head = "width \(formattedNumber(run.width)), seed \(run.seed):"
      lines += [head, detail, tail].filter { !$0.isEmpty }
    }
    lines += provenance.map { "computed: \($0.text)" }
    return lines.joined(separator: "\n")
  }

  /// The order parameter at each width.
  private var measured: String {
    Formatting.table(
      [["width", "runs", quantity.symbol, "spread"]]
        + widths.map {
          [
            formattedNumber($0.width), "\($0.runs)", Self.number($0.mean),
            $0.spread.map { quantity.isSigned ? "± \(Self.number($0))" : String(format: "×÷ %.3f", $0) }
              ?? "–",
          ]
        })
  }

  /// What is measured, what the limit is, and what is expected, beside each other.
  private var exponents: String {
    func row(_ name: String, _ estimate: PointFit.Estimate?) -> [String]? {
      estimate.map { estimate in
        [name]
          + [estimate.value, estimate.low, estimate.high].map { value in
            value.map { String(format: "%.\(max(4, estimate.places))f", $0) } ?? "–"
          }
      }
    }
    let ends = [widths.first, widths.last].compactMap { $0 }.map { formattedNumber($0.width) }
    let isComputed = fit.exponentSource == .computed
    let rows = [
      row("measured, over widths \(ends.joined(separator: " to "))", fit.slope),
      row("extrapolated to m → ∞", isComputed ? fit.extrapolated : fit.exponent),
      isComputed ? row("computed at m → ∞", fit.exponent) : nil,
      theory.map { theory in
        // Where it depends on the data, theory knows bounds.
        let range = theory.exponentRange(at: setting).flatMap { $0.lowerBound < $0.upperBound ? $0 : nil }
        return ["theory, \(theory.name)"]
          + [fit.expectedExponent, range?.lowerBound, range?.upperBound].map { value in
            value.map { Self.number($0) } ?? ""
          }
      },
    ].compactMap { $0 }
    let symbol = quantity.symbol
    return Formatting.table([["d log \(symbol) / d log m", "", "95 % from", "to"]] + rows, left: [0])
  }

  /// The trend in the words of the theory, if there is one.
  private var caption: String {
    Trend(rawValue: fit.trend).flatMap { theory?.caption($0) } ?? fit.trend
  }

  /// The exponent and what it was made from.
  private var limit: String {
    func text(_ estimate: PointFit.Estimate) -> String {
      guard let low = estimate.low, let high = estimate.high else { return Self.number(estimate.value) }
      return "\(Self.number(estimate.value)) (95 %: \(Self.number(low)) to \(Self.number(high)))"
    }
    var lines = [exponents, "trend: \(caption)"]
    if let zero = fit.zero { lines.append("an interval of 0 alone: \(quantity.symbol) \(zero)") }
    if let crossover = fit.crossoverWidth {
      lines.append(
        "crossover: beyond m = \(Self.number(crossover)) the slope is within 0.02 of the computed one")
    }
    let models = fit.models.sorted { $0.value > $1.value }
      .map { "\($0.key) \(String(format: "%.0f %%", 100 * $0.value))" }
    if !models.isEmpty { lines.append("models of the extrapolation: \(models.joined(separator: ", "))") }
    if let limit = fit.limit {
      let isComputed = fit.exponentSource == .computed
      lines.append("limit of \(quantity.symbol)\(isComputed ? "" : " if it is finite"): \(text(limit))")
    }
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
          [formattedNumber($0.from), formattedNumber($0.to)]
            + [$0.slope, $0.low, $0.high].map(Self.number)
        })
  }

  fileprivate static func number(_ value: Double?) -> String {
    value.map { String(format: "%.4g", $0) } ?? "–"
  }
}

extension PointReport.Width {
  init(_ width: Double, _ values: [Double], isSigned: Bool) {
    self.width = width
    let values = isSigned ? values : values.filter { $0 > 0 }.map { log($0) }
    let scale: (Double) -> Double = isSigned ? { $0 } : { exp($0) }
    runs = values.count
    guard !values.isEmpty else { return }
    let middle = values.reduce(0, +) / Double(values.count)
    mean = scale(middle)
    guard values.count > 1 else { return }
    let squares = values.reduce(0) { $0 + ($1 - middle) * ($1 - middle) }
    spread = scale((squares / Double(values.count - 1)).squareRoot())
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
    quantities = result?.quantities
    steps = result?.steps
    wallSeconds = result?.wallSeconds
  }

  fileprivate func cells(_ names: [String]) -> [String] {
    [formattedNumber(width), "\(seed)", state] + names.map { PointReport.number(quantities?[$0]) }
      + [
        steps.map { "\($0)" } ?? "–", wallSeconds.map(Formatting.duration) ?? "–",
        attempts.map { "\($0)" } ?? "–", Formatting.line(reason ?? ""),
      ]
  }
}
