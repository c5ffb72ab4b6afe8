import RealModule

/// Why a flow counts as being at rest (`docs/method.md`, section 6).
public struct RestEvidence: Hashable, Sendable, CustomStringConvertible {
  /// The part of the mean squared residual that the neurons could still reduce, as a share of it.
  public var reducibleShare: Double
  /// The largest relative change of any neuron, at its present speed, within the time elapsed.
  public var change: Double
  /// Since when, in decades of time, the mean squared residual has not changed by more than
  /// ``noticeable``.
  public var decades: Double

  /// A relative change of the mean squared residual that is one: 10⁻⁶.
  public static let noticeable = 1e-6

  /// In words, with few digits.
  public var description: String {
    let still =
      decades < 0.05 ? "" : ", unchanged for \(tenths(decades)) decades of time"
    return "at rest: nothing left to reduce (share \(short(reducibleShare))), no neuron moves "
      + "(\(short(change)) within the time elapsed)" + still
  }
}

/// 3e-12: one digit and a power of ten.
func short(_ value: Double) -> String {
  guard value.isFinite, value > 0 else { return value == 0 ? "0" : "\(value)" }
  let exponent = Double.log10(value).rounded(.down)
  let digit = (value / .exp10(exponent)).rounded()
  return digit < 10 ? "\(Int(digit))e\(Int(exponent))" : "1e\(Int(exponent) + 1)"
}

/// 4.2: one decimal.
private func tenths(_ value: Double) -> String {
  let tenths = Int(Swift.min(value * 10, 1e6).rounded())
  return "\(tenths / 10).\(tenths % 10)"
}
