import LimitFit
import Model
import RealModule

/// What a scaling panel shows of a setting, before it has a place.
struct ScalingPanel {
  /// A run with its value.
  typealias Mark = (run: Run, value: Double)

  let fit: PointFit
  let curve: FittedCurve?
  /// What can be drawn of the way to a computed limit, ascending.
  let rungs: [Ladder.Rung]
  /// The crossover width, where the way to the limit is shown.
  let crossover: Double?
  /// Runs with a place of their own, by kind and width. Those without a value have NaN.
  let marks: [PanelMark: [Mark]]
  /// All widths, ascending.
  let widths: [Double]
  /// The decades that the marks and the curve between them span; nil without any, or where values
  /// are signed.
  let decades: Decades?
  /// What signed values span; nil without any, or where they are not signed.
  let range: ClosedRange<Double>?
  /// What cannot be told from the marks.
  let remarks: [String]

  /// What a mark stands for.
  static func name(of mark: PanelMark, _ symbol: String) -> String {
    switch mark {
    case .value: "run"
    case .stationary: "stationary run"
    case .bound: "out of budget: at least"
    case .failed: "failed run"
    case .below: "\(symbol) = 0"
    }
  }

  init(_ entry: ScalingFigure.Entry, _ context: FigureContext) {
    let isSigned = context.orderParameter.isSigned
    fit = entry.fit
    let observations = entry.observations.filter { !$0.run.isLimit }.sorted {
      ($0.run.width, $0.run.seed) < ($1.run.width, $1.run.seed)
    }
    var marks: [PanelMark: [Mark]] = [:]
    var (pending, invalid, diverged) = (0, 0, 0)
    for observation in observations {
      let run = observation.run
      switch observation.state {
      case .pending: pending += 1
      case .failed: marks[.failed, default: []].append((run, .nan))
      case .finished(.diverged, _): diverged += 1
      case .finished(let outcome, let value):
        guard let value, value.isDrawable, isSigned || value >= 0 else {
          invalid += 1
          continue
        }
        // What is next to nothing has no place on a logarithmic axis.
        let isBelow = !isSigned && value < 1e-290
        marks[isBelow ? .below : PanelMark(outcome), default: []].append((run, isBelow ? 0 : value))
      }
    }
    self.marks = marks
    widths = Set(observations.map(\.run.width)).sorted()
    let largest = widths.last ?? 0
    rungs = isSigned ? [] : entry.rungs.filter { $0.logWidth.magnitude < 290 && $0.logValue.magnitude < 290 }
    crossover =
      rungs.isEmpty ? nil : entry.fit.crossoverWidth.flatMap { $0.isDrawable && $0 > 0 ? $0 : nil }
    curve =
      isSigned
      ? nil
      : entry.curve.flatMap { curve in
        let points = curve.points.filter {
          [$0.value, $0.low, $0.high, $0.width].allSatisfy { $0.isDrawable && $0 > 0 }
        }
        return points.count > 1 ? FittedCurve(points: points) : nil
      }
    let shown = [PanelMark.value, .stationary, .bound].flatMap { marks[$0] ?? [] }.map(\.value)
    let fitted = curve?.points.filter { $0.width <= largest * 1.001 }.map(\.value) ?? []
    decades = isSigned ? nil : Decades(shown + fitted + rungs.map { Double.exp10($0.logValue) })
    range = isSigned ? shown.min().flatMap { low in shown.max().map { low...$0 } } : nil
    remarks =
      (isSigned ? [] : [Self.exponent(fit, context)])
      + [
        Self.missing(
          marks, context.orderParameter.symbol, pending: pending, invalid: invalid, diverged: diverged)
      ].compactMap {
        $0
      }
  }

  /// S with its interval, and the trend.
  private static func exponent(_ fit: PointFit, _ context: FigureContext) -> String {
    let trend = context.caption(fit.trend)
    guard let best = fit.best else { return "no slope · \(trend)" }
    let name = fit.exponent == nil ? "slope" : "S"
    if best.isZero { return "S = 0, levels off · \(trend)" }
    guard let low = best.low, let high = best.high, low.isFinite, high.isFinite else {
      return "\(name) = \(Numeral.fixed(best.value)) · \(trend)"
    }
    let numbers = [best.value, low, high].map { Numeral.fixed($0, places: best.places) }
    return "\(name) = \(numbers[0]) [\(numbers[1]), \(numbers[2])] · \(trend)"
  }

  /// What is missing, the failed runs by name.
  private static func missing(
    _ marks: [PanelMark: [Mark]], _ symbol: String, pending: Int, invalid: Int, diverged: Int
  )
    -> String?
  {
    var parts: [String] = []
    if let failed = marks[.failed] {
      let names = failed.prefix(12).map { "m = \(Numeral.width($0.run.width)) seed \($0.run.seed)" }
      parts.append(
        "\(failed.count) failed: \(names.joined(separator: ", "))" + (failed.count > 12 ? ", …" : ""))
    }
    if let bounds = marks[.bound] { parts.append("\(bounds.count) out of budget") }
    if let stationary = marks[.stationary] { parts.append("\(stationary.count) stationary") }
    if diverged > 0 { parts.append("\(diverged) diverged") }
    if pending > 0 { parts.append("\(pending) pending") }
    if let zero = marks[.below] { parts.append("\(zero.count) with \(symbol) = 0") }
    if invalid > 0 { parts.append("\(invalid) without a valid \(symbol)") }
    return parts.isEmpty ? nil : parts.joined(separator: " · ")
  }
}

extension PanelMark {
  /// The mark of a run that ended with a value.
  fileprivate init(_ outcome: Outcome) {
    self =
      switch outcome {
      case .converged: .value
      case .stationary: .stationary
      case .budgetExhausted: .bound
      case .diverged: .failed
      }
  }
}
