import LimitFit
import Model

/// What the colours of a phase map tell.
public enum MapQuantity: Hashable, Sendable {
  /// The exponent S for m → ∞; with too few widths, the slope.
  case exponent
  /// The slope of a straight line through log RD against log m, over the widths at hand.
  case slope
  /// The verdict alone: regions in flat colours.
  case verdict
  /// The exponent less what theory expects.
  case residual
  /// How many orientations the neurons have after training.
  case orientations(OrientationCounts)
  /// The share of runs that came to rest above the target, among those with a result.
  case stalled
}

/// How many distinct orientations carry a network after training, at one width.
public struct OrientationCounts: Hashable, Sendable {
  /// The width.
  public var width: Int
  /// The mean over the runs of which it is known; at least 1.
  public var mean: [PhasePoint: Double]

  /// Counts.
  public init(width: Int, mean: [PhasePoint: Double]) {
    self.width = width
    self.mean = mean
  }
}

/// Words of a figure in place of its own; an empty one leaves the words out.
public struct FigureWords: Hashable, Sendable {
  /// Along the abscissa and the ordinate.
  public var abscissa: String?, ordinate: String?
  /// Beside the colour bar.
  public var colours: String?
  /// At the lower and the upper end of the colour bar.
  public var low: String?, high: String?

  /// No words: those of the figure.
  public init() {}
}

extension MapQuantity {
  /// The number of a point; nil where there is none.
  func value(_ fit: PointFit) -> Double? { estimate(fit)?.value }

  /// The number of a point and its interval.
  func estimate(_ fit: PointFit) -> PointFit.Estimate? {
    let estimate: PointFit.Estimate? =
      switch self {
      case .exponent: fit.best
      case .slope: fit.slope
      case .verdict: nil
      case .residual:
        fit.exponent.map { s in
          func less(_ number: Double) -> Double { number - fit.expectedExponent }
          return PointFit.Estimate(value: less(s.value), low: s.low.map(less), high: s.high.map(less))
        }
      case .orientations(let counts):
        counts.mean[fit.point].map { PointFit.Estimate(value: $0, low: nil, high: nil) }
      case .stalled:
        fit.shareStalled.map { PointFit.Estimate(value: $0, low: nil, high: nil) }
      }
    return estimate.flatMap { $0.value.isFinite ? $0 : nil }
  }

  /// The colours of the numbers of a map; nil where verdicts are coloured.
  func scale(of points: [PointFit]) -> ColourScale? {
    let values = points.compactMap(value)
    switch self {
    case .exponent, .slope, .residual:
      return ColourScale(SymmetricRange(ofSlopes: values, least: 4 * Verdict.criticalMargin))
    case .orientations: return ColourScale(counts: values)
    case .stalled: return ColourScale(shares: values)
    case .verdict: return nil
    }
  }

  /// Whether the regimes are named in the plane.
  var namesRegimes: Bool {
    switch self {
    case .exponent, .slope, .verdict: true
    case .residual, .orientations, .stalled: false
    }
  }

  /// The titles of the colour bar, the longest first.
  var titles: [RichText] {
    let slope: RichText = "d log RD / d log " + .symbol("m")
    return switch self {
    case .exponent:
      ["order exponent  " + .symbol("S") + " = " + slope, .symbol("S") + " = " + slope, .symbol("S")]
    case .slope: ["slope  " + slope + "  over the widths at hand", "slope  " + slope, "slope"]
    case .verdict: []
    case .residual: [.symbol("S") + " less the exponent expected in theory", .symbol("S") + " less theory"]
    case .orientations(let counts):
      [
        "orientations after training,  " + WidthColours.name(counts.width), "orientations",
      ]
    case .stalled: ["share of stalled runs", "stalled"]
    }
  }

  /// The names of the ends of the colours of a map.
  func ends(_ scale: ColourScale) -> (low: String, high: String) {
    switch self {
    case .exponent: ("linear", "condensed")
    case .slope: ("RD falls", "RD grows")
    case .verdict: ("", "")
    case .residual: ("below theory", "above theory")
    case .orientations: ("condensed", "spread out")
    case .stalled: ("none", scale.high == 1 ? "all" : "")
    }
  }

  /// What cells without a number lack.
  var lack: String {
    switch self {
    case .exponent, .slope: "no slope"
    case .verdict, .residual: "no exponent"
    case .orientations: "not kept"
    case .stalled: "no result yet"
    }
  }
}

extension PointFit {
  /// The share of stalled runs among those with a result; nil if there are none.
  var shareStalled: Double? {
    let ended = counts.converged + counts.stalled + counts.budget
    return ended == 0 ? nil : Double(counts.stalled) / Double(ended)
  }
}
