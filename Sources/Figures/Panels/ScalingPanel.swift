import LimitFit
import Model
import RealModule

/// What a scaling panel shows of a point, before it has a place.
struct ScalingPanel {
  let fit: PointFit
  let curve: FittedCurve?
  /// Runs with a place of their own, by kind and width. Those without a value have NaN.
  let marks: [PanelMark: [(run: Run, rd: Double)]]
  /// All widths, ascending.
  let widths: [Int]
  /// The decades that the marks and the curve between them span; nil without any.
  let decades: Decades?
  /// What cannot be told from the marks.
  let remarks: [String]

  /// What the marks stand for.
  static let names: [PanelMark: String] = [
    .value: "run", .stalled: "run that stalled", .bound: "out of budget: at least",
    .failed: "failed run", .below: "RD = 0",
  ]

  init(_ entry: ScalingFigure.Entry) {
    fit = entry.fit
    let observations = entry.observations.sorted { ($0.run.width, $0.run.seed) < ($1.run.width, $1.run.seed) }
    var marks: [PanelMark: [(run: Run, rd: Double)]] = [:]
    var (pending, invalid) = (0, 0)
    for observation in observations {
      let run = observation.run
      switch observation.state {
      case .pending: pending += 1
      case .failed: marks[.failed, default: []].append((run, .nan))
      case .finished(_, let rd) where !rd.isDrawable || rd < 0: invalid += 1
      case .finished(_, let rd) where rd <= 0 || rd < 1e-290: marks[.below, default: []].append((run, 0))
      case .finished(.converged, let rd): marks[.value, default: []].append((run, rd))
      case .finished(.stalled, let rd): marks[.stalled, default: []].append((run, rd))
      case .finished(.budget, let rd): marks[.bound, default: []].append((run, rd))
      }
    }
    self.marks = marks
    widths = Set(observations.map(\.run.width)).sorted()
    let largest = widths.last.map(Double.init) ?? 0
    curve = entry.curve.flatMap { curve in
      let points = curve.points.filter {
        [$0.rd, $0.low, $0.high, $0.width].allSatisfy { $0.isDrawable && $0 > 0 }
      }
      return points.count > 1 ? FittedCurve(points: points) : nil
    }
    let shown = [PanelMark.value, .stalled, .bound].flatMap { marks[$0] ?? [] }.map(\.rd)
    decades = Decades(shown + (curve?.points.filter { $0.width <= largest * 1.001 }.map(\.rd) ?? []))
    remarks =
      [Self.exponent(fit)] + [Self.missing(marks, pending: pending, invalid: invalid)].compactMap { $0 }
  }

  /// The name of the point as plain text.
  var plainName: String { PanelSheet.name(of: fit.point).plain }

  /// S with its interval, and the verdict.
  private static func exponent(_ fit: PointFit) -> String {
    guard let best = fit.best else { return "no slope · \(fit.verdict.rawValue)" }
    let name = fit.exponent == nil ? "slope" : "S"
    guard let low = best.low, let high = best.high, low.isFinite, high.isFinite else {
      return "\(name) = \(Numeral.fixed(best.value)) · \(fit.verdict.rawValue)"
    }
    return
      "\(name) = \(Numeral.fixed(best.value)) [\(Numeral.fixed(low)), \(Numeral.fixed(high))] · \(fit.verdict.rawValue)"
  }

  /// What is missing, the failed runs by name.
  private static func missing(
    _ marks: [PanelMark: [(run: Run, rd: Double)]], pending: Int, invalid: Int
  ) -> String? {
    var parts: [String] = []
    if let failed = marks[.failed] {
      let names = failed.prefix(12).map { "m = \($0.run.width) seed \($0.run.seed)" }
      parts.append(
        "\(failed.count) failed: \(names.joined(separator: ", "))" + (failed.count > 12 ? ", …" : ""))
    }
    if let bounds = marks[.bound] { parts.append("\(bounds.count) out of budget") }
    if let stalled = marks[.stalled] { parts.append("\(stalled.count) stalled") }
    if pending > 0 { parts.append("\(pending) pending") }
    if let zero = marks[.below] { parts.append("\(zero.count) with RD = 0") }
    if invalid > 0 { parts.append("\(invalid) without a valid RD") }
    return parts.isEmpty ? nil : parts.joined(separator: " · ")
  }
}
