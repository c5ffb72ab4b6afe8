import LimitFit
import Model

/// What the colours of a phase map tell.
public enum MapQuantity: Hashable, Sendable {
  /// The exponent S for m → ∞; with too few widths, the slope.
  case exponent
  /// The slope of a straight line through the logarithm of the order parameter against log m, over
  /// the widths at hand.
  case slope
  /// The trend alone: regions in flat colours.
  case trend
  /// The exponent less what theory expects.
  case residual
  /// The exponent less that of another sweep, as ``LimitFit/PhaseMap/lessExponents(of:)`` has it;
  /// the name of the other one.
  case difference(from: String)
  /// The width beyond which the limit of the exponent holds.
  case crossover
  /// How many orientations the neurons have after training.
  case orientations(OrientationCounts)
  /// The share of runs that came to rest above the target, among those with a result.
  case stationary
}

/// How many distinct orientations carry a network after training, at one width.
public struct OrientationCounts: Hashable, Sendable {
  /// The width.
  public var width: Double
  /// The mean over the runs of which it is known, by setting; at least 1.
  public var mean: [Setting: Double]

  /// Counts.
  public init(width: Double, mean: [Setting: Double]) {
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
      case .trend: nil
      case .residual: fit.residualEstimate
      case .difference: fit.exponent
      case .crossover:
        fit.crossoverWidth.map { PointFit.Estimate(value: $0, low: nil, high: nil) }
      case .orientations(let counts):
        counts.mean[fit.setting].map { PointFit.Estimate(value: $0, low: nil, high: nil) }
      case .stationary:
        fit.shareStationary.map { PointFit.Estimate(value: $0, low: nil, high: nil) }
      }
    return estimate.flatMap { $0.value.isFinite ? $0 : nil }
  }

  /// The colours of the numbers of a map; nil where trends are coloured.
  ///
  /// - Parameter limit: the end of the colours, where that is given and they are symmetric about 0.
  func scale(of points: [PointFit], limit: Double? = nil) -> ColourScale? {
    let values = points.compactMap(value)
    switch self {
    case .exponent, .slope, .residual:
      return ColourScale(
        SymmetricRange(ofSlopes: values, minLimit: 4 * TrendRule.boundedMargin, limit: limit))
    case .difference:
      return ColourScale(SymmetricRange(ofSlopes: values, minLimit: TrendRule.boundedMargin, limit: limit))
    case .orientations: return ColourScale(counts: values)
    case .crossover: return ColourScale(widths: values)
    case .stationary: return ColourScale(shares: values)
    case .trend: return nil
    }
  }

  /// Whether the regimes of a theory are named in the plane.
  var namesRegimes: Bool {
    switch self {
    case .exponent, .slope, .trend: true
    case .residual, .difference, .crossover, .orientations, .stationary: false
    }
  }

  /// The titles of the colour bar, the longest first.
  func titles(_ context: FigureContext) -> [RichText] {
    let slope: RichText = "d log " + context.orderParameter.richSymbol + " / d log " + .symbol("m")
    return switch self {
    case .exponent:
      ["order exponent  " + .symbol("S") + " = " + slope, .symbol("S") + " = " + slope, .symbol("S")]
    case .slope: ["slope  " + slope + "  over the widths at hand", "slope  " + slope, "slope"]
    case .trend: []
    case .residual: [.symbol("S") + " less the exponent expected in theory", .symbol("S") + " less theory"]
    case .difference(let other):
      [.symbol("S") + RichText(" less that of \(other)"), .symbol("S") + " less other"]
    case .crossover:
      [
        "crossover width: beyond it the slope is within 0.02 of " + .symbol("S"), "crossover width",
      ]
    case .orientations(let counts):
      ["orientations after training,  " + WidthColours.name(counts.width), "orientations"]
    case .stationary: ["share of stationary runs", "stationary"]
    }
  }

  /// The names of the ends of the colours of a map.
  func ends(_ scale: ColourScale, _ context: FigureContext) -> (low: String, high: String) {
    let symbol = context.orderParameter.symbol
    return switch self {
    case .exponent: (context.caption(.vanishing), context.caption(.growing))
    case .slope: ("\(symbol) falls", "\(symbol) grows")
    case .trend: ("", "")
    case .residual: ("below theory", "above theory")
    case .difference(let other): ("below \(other)", "above \(other)")
    case .crossover: ("early", "late")
    case .orientations: ("condensed", "spread out")
    case .stationary: ("none", scale.high == 1 ? "all" : "")
    }
  }

  /// What cells without a number lack.
  func lack(_ context: FigureContext) -> String {
    switch self {
    case .exponent, .slope: "no slope"
    case .trend: "no exponent"
    case .residual: context.theory == nil ? "no theory" : "no exponent"
    case .difference: "not in both"
    case .crossover: "not computed"
    case .orientations: "not recorded"
    case .stationary: "no result yet"
    }
  }
}

extension PointFit {
  /// The share of stationary runs among those with a result; nil if there are none.
  var shareStationary: Double? {
    counts.ended == 0 ? nil : Double(counts.stationary) / Double(counts.ended)
  }

  /// S less what theory expects, with its interval; nil where either is missing.
  fileprivate var residualEstimate: Estimate? {
    guard let exponent, let expectedExponent else { return nil }
    func less(_ number: Double) -> Double { number - expectedExponent }
    return Estimate(
      value: less(exponent.value), low: exponent.low.map(less), high: exponent.high.map(less))
  }
}
