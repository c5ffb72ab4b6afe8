import RealModule
import VectorKernels

/// A smooth activation σ of two-layer networks.
///
/// Another one is a line of ``all`` and a case of `activate` in `SmoothFunctions.h`.
public struct SmoothActivation: Hashable, Sendable {
  /// How σ(−u) relates to σ(u).
  public enum Parity: Hashable, Sendable {
    /// σ(−u) = σ(u).
    case even
    /// σ(−u) = −σ(u).
    case odd
    /// Neither.
    case none
  }

  /// Its name in grid files.
  public let name: String
  /// p, the order of its first derivative that does not vanish at 0; at least 1.
  ///
  /// Source: Zhou et al., *Towards understanding the condensation of neural networks at initial
  /// training*, NeurIPS 2022, definition 1.
  public let multiplicity: Int
  /// Its parity, but for ``valueAtZero``.
  public let parity: Parity
  /// σ(0).
  public let valueAtZero: Double
  /// Its code in the kernels that move neurons.
  let kind: SmoothKind

  private init(
    _ name: String, _ kind: SmoothKind, multiplicity: Int, parity: Parity, valueAtZero: Double = 0
  ) {
    self.name = name
    self.kind = kind
    self.multiplicity = multiplicity
    self.parity = parity
    self.valueAtZero = valueAtZero
  }

  /// u: a linear network.
  public static let linear = SmoothActivation("linear", smooth_linear, multiplicity: 1, parity: .odd)
  /// tanh u.
  public static let tanh = SmoothActivation("tanh", smooth_tanh, multiplicity: 1, parity: .odd)
  /// u tanh u.
  public static let xTanh = SmoothActivation("x_tanh", smooth_x_tanh, multiplicity: 2, parity: .even)
  /// u² tanh u.
  public static let x2Tanh = SmoothActivation("x2_tanh", smooth_x2_tanh, multiplicity: 3, parity: .odd)
  /// 1/(1 + e^−u).
  public static let sigmoid = SmoothActivation(
    "sigmoid", smooth_sigmoid, multiplicity: 1, parity: .odd, valueAtZero: 0.5)
  /// log(1 + e^u).
  public static let softplus = SmoothActivation(
    "softplus", smooth_softplus, multiplicity: 1, parity: .none, valueAtZero: .log(2))
  /// u Φ(u) with the distribution function Φ of the normal distribution.
  public static let gelu = SmoothActivation("gelu", smooth_gelu, multiplicity: 1, parity: .none)

  /// All of them.
  public static let all: [SmoothActivation] = [tanh, xTanh, x2Tanh, sigmoid, softplus, gelu, linear]

  /// The one of a name; nil if there is none.
  public init?(named name: String) {
    guard let found = Self.all.first(where: { $0.name == name }) else { return nil }
    self = found
  }

  /// Whether the derivative of an order j ≥ 1 does not vanish at 0.
  func hasOrder(_ j: Int) -> Bool {
    guard self != .linear else { return j == 1 }
    guard j > multiplicity else { return j == multiplicity }
    switch parity {
    case .odd: return !j.isMultiple(of: 2)
    // softplus and GELU are u/2 and an even function.
    case .even, .none: return j.isMultiple(of: 2)
    }
  }

  /// k, the least order with which any values at so many inputs in general position can be fitted by
  /// polynomials; nil if there is none.
  ///
  /// - Parameters:
  ///   - samples: n, of distinct inputs.
  ///   - dimension: d.
  ///   - bias: whether inputs are extended by 1: then an order spans all lower ones.
  func order(fitting samples: Int, dimension d: Int, bias: Bool) -> Int? {
    var spanned = bias || valueAtZero == 0 ? 0.0 : 1
    for j in 1...1000 where hasOrder(j) {
      // C(d + j, d), or C(d + j − 1, d − 1) for the monomials of the order alone.
      let above = bias ? d : d - 1
      let count = (0..<above).reduce(1.0) { $0 * Double(j + above - $1) / Double($1 + 1) }
      spanned = bias ? count : spanned + count
      if spanned >= Double(samples) { return j }
    }
    return nil
  }

  /// g(z) = (σ(s z) − σ(0)) / s^p and g'(z): numbers of order one as s → 0, where g becomes
  /// homogeneous of degree p. Right to a few units in the last place, but for what rounding of s z
  /// changes.
  ///
  /// - Parameter scale: s, at least ``minScale``.
  public func scaled(_ z: [Double], by scale: Double) -> (values: [Double], derivatives: [Double]) {
    var values = [Double](repeating: 0, count: z.count)
    var derivatives = values
    smooth_activation(Int32(kind.rawValue), scale, z, z.count, &values, &derivatives)
    return (values, derivatives)
  }

  /// Smaller scales make no difference: neurons that grow to its inverse leave double precision.
  static let minScale = 1e-150
}
