import Model
import Networks

/// What the values of an axis may be.
struct Axis {
  enum Kind {
    case parameter, width, seed
  }

  var key: String
  var kind: Kind
  /// The least and the largest value; infinite where there is none.
  var range: ClosedRange<Double>
  /// Its value where none is given; nil: it must be given.
  var defaultValue: Double?
  /// The key that holds the axis, for messages.
  var parent = "axes"

  static let width = Axis(key: "width", kind: .width, range: Double.leastNonzeroMagnitude...1e100)
  static let seed = Axis(key: "seed", kind: .seed, range: 0...Double(maxInteger))

  /// The axis of a parameter.
  static func parameter(_ parameter: Parameter) -> Axis {
    Axis(
      key: parameter.name, kind: .parameter, range: parameter.range ?? -.infinity ... .infinity,
      defaultValue: parameter.defaultValue)
  }

  /// The same axis below another key.
  func below(_ parent: String) -> Axis {
    var axis = self
    axis.parent = parent
    return axis
  }

  var path: String { "\(parent).\(key)" }

  var expected: String {
    switch kind {
    case .width: return "a positive number up to 1e100"
    case .seed: return "a whole number from 0 to \(maxInteger)"
    case .parameter:
      let (low, high) = (formattedNumber(range.lowerBound), formattedNumber(range.upperBound))
      switch (range.lowerBound.isFinite, range.upperBound.isFinite) {
      case (true, true): return "a number from \(low) to \(high)"
      case (true, false): return "a number of at least \(low)"
      case (false, true): return "a number of at most \(high)"
      case (false, false): return "a finite number"
      }
    }
  }

  func accepts(_ value: Double) -> Bool {
    range.contains(value) && (kind != .seed || value.rounded() == value)
  }

  /// The values of a range of this axis, ascending and each once.
  func values(_ range: AxisRange) -> [Double] {
    range.values(wholeBetweenWholeEnds: kind != .parameter)
  }

  /// How a range may look.
  var example: String {
    guard kind == .parameter else { return Section.example(of: key) }
    if range.contains(0), range.contains(1) { return "\(key): { from: 0, to: 1, step: 0.25 }" }
    guard range.lowerBound.isFinite, range.upperBound.isFinite else { return "\(key): [1, 2]" }
    return
      "\(key): { from: \(formattedNumber(range.lowerBound)), to: \(formattedNumber(range.upperBound)), count: 5 }"
  }
}
