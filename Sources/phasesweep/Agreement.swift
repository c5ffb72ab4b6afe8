import LimitFit
import Model

/// How the verdicts of a phase map compare with the theorem, away from the theoretical boundary.
struct Agreement: Hashable, Codable {
  /// Points nearer to the boundary than this say nothing: there the limit sets in beyond any width.
  static let distance = 0.2
  /// A wrong verdict at this distance or more is alarming.
  static let alarmingDistance = 0.4

  /// Points at ``distance`` or more.
  var far = 0
  /// Those of them with the theorem's verdict.
  var agreeing = 0
  /// Those of them that are undecided.
  var undecided = 0
  /// Decided points at ``alarmingDistance`` or more with another verdict than the theorem's.
  var wrong = 0

  init(_ map: PhaseMap) {
    for fit in map.points {
      let distance = fit.point.distanceToTheoreticalBoundary
      guard distance >= Self.distance else { continue }
      far += 1
      if fit.verdict.rawValue == fit.point.theoreticalRegime.rawValue {
        agreeing += 1
      } else if fit.verdict == .undecided {
        undecided += 1
      } else if distance >= Self.alarmingDistance {
        wrong += 1
      }
    }
  }

  /// One line for people.
  var summary: String {
    guard far > 0 else { return "no point is far enough from the theoretical line to compare" }
    var text =
      "\(agreeing) of \(Formatting.count(far, "point")) at distance ≥ \(Self.distance) from the theoretical "
      + "line agree with the theorem (\(Formatting.percent(agreeing, of: far)))"
    if undecided > 0 { text += ", \(undecided) undecided" }
    if wrong > 0 { text += ", \(wrong) wrong at distance ≥ \(Self.alarmingDistance)" }
    return text
  }

  enum CodingKeys: String, CodingKey {
    case far, agreeing, undecided, wrong
  }
}
