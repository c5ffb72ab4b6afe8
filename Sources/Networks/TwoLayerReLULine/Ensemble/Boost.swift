import RealModule

/// The state θ = (â, w, b) of a neuron, â = κ' ā.
typealias NeuronState = SIMD3<Double>

extension SIMD3<Double> {
  /// The scalar product.
  @inline(__always) func dot(_ v: Self) -> Double { x * v.x + y * v.y + z * v.z }
  /// The input weights (w, b).
  @inline(__always) var w: PlaneVector { PlaneVector(y, z) }
  /// A state of the given output weight and input weights.
  @inline(__always) init(_ a: Double, _ w: PlaneVector) { self.init(a, w.x, w.y) }
}

/// A real 3 × 3 matrix, by columns.
struct Matrix3: Sendable {
  var c0: SIMD3<Double>
  var c1: SIMD3<Double>
  var c2: SIMD3<Double>

  static let zero = Matrix3(c0: .zero, c1: .zero, c2: .zero)

  @inline(__always) static func * (m: Matrix3, v: SIMD3<Double>) -> SIMD3<Double> {
    m.c0 * v.x + m.c1 * v.y + m.c2 * v.z
  }

  @inline(__always) static func * (a: Matrix3, b: Matrix3) -> Matrix3 {
    Matrix3(c0: a * b.c0, c1: a * b.c1, c2: a * b.c2)
  }

  @inline(__always) static func + (a: Matrix3, b: Matrix3) -> Matrix3 {
    Matrix3(c0: a.c0 + b.c0, c1: a.c1 + b.c1, c2: a.c2 + b.c2)
  }

  /// Adds weight · u vᵀ.
  @inline(__always) mutating func addOuter(_ u: SIMD3<Double>, _ v: SIMD3<Double>, weight: Double) {
    c0 += u * (weight * v.x)
    c1 += u * (weight * v.y)
    c2 += u * (weight * v.z)
  }

  @inline(__always) var transposed: Matrix3 {
    Matrix3(
      c0: SIMD3(c0.x, c1.x, c2.x), c1: SIMD3(c0.y, c1.y, c2.y), c2: SIMD3(c0.z, c1.z, c2.z))
  }

  /// The Frobenius norm, an upper bound of the spectral norm.
  @inline(__always) var norm: Double { (c0.dot(c0) + c1.dot(c1) + c2.dot(c2)).squareRoot() }
}

/// The map of a neuron under a constant drive u: θ ↦ exp([0, uᵀ; u, 0]) θ, a Lorentz boost of
/// rapidity ν = |u|, which conserves â² − |w|² (`docs/method.md`, section 4). Kept as the
/// difference from the identity, so that displacements far below one lose no digits.
struct Boost: Sendable {
  /// exp(…) − 1.
  let change: Matrix3

  /// The boost by u, |u| ≤ 300.
  init(_ u: PlaneVector) {
    let rapidity = u.norm
    guard rapidity > 0 else {
      change = .zero
      return
    }
    let direction = u / rapidity
    let growth = Rapidity(rapidity)
    let c = growth.coshMinusOne
    let s = growth.sinh
    change = Matrix3(
      c0: SIMD3(c, s * direction.x, s * direction.y),
      c1: SIMD3(s * direction.x, c * direction.x * direction.x, c * direction.x * direction.y),
      c2: SIMD3(s * direction.y, c * direction.x * direction.y, c * direction.y * direction.y))
  }
}

/// The accumulated motion of a group of neurons: a product of boosts M ∈ SO⁺(2, 1), kept as M − 1.
struct Frame: Sendable {
  /// M − 1.
  private(set) var change: Matrix3

  init(change: Matrix3 = .zero) { self.change = change }

  /// θ = M θ̃.
  @inline(__always) func apply(_ state: NeuronState) -> NeuronState { state + change * state }

  /// θ̃ = M⁻¹ θ; M⁻¹ = η Mᵀ η with η = diag(1, −1, −1).
  @inline(__always) func pullBack(_ state: NeuronState) -> NeuronState {
    let flipped = SIMD3(state.x, -state.y, -state.z)
    let image = SIMD3(change.c0.dot(flipped), change.c1.dot(flipped), change.c2.dot(flipped))
    return state + SIMD3(image.x, -image.y, -image.z)
  }

  /// Mᵀ v: the functional on θ̃ that is v on θ.
  @inline(__always) func functional(_ v: SIMD3<Double>) -> SIMD3<Double> {
    v + SIMD3(change.c0.dot(v), change.c1.dot(v), change.c2.dot(v))
  }

  /// (Mᵀ − 1) v: how far the functional has turned since the frame was the identity.
  @inline(__always) func functionalChange(_ v: SIMD3<Double>) -> SIMD3<Double> {
    SIMD3(change.c0.dot(v), change.c1.dot(v), change.c2.dot(v))
  }

  /// The frame after a further boost.
  @inline(__always) func followed(by boost: Boost) -> Frame {
    var next = self
    next.change = boost.change + change + boost.change * change
    return next
  }
}

extension SIMD3<Double> {
  func save(to writer: inout CheckpointWriter) throws {
    try writer.write(x)
    try writer.write(y)
    try writer.write(z)
  }

  mutating func restore(from reader: inout CheckpointReader) throws {
    x = try reader.double()
    y = try reader.double()
    z = try reader.double()
  }
}

extension Matrix3 {
  func save(to writer: inout CheckpointWriter) throws {
    try c0.save(to: &writer)
    try c1.save(to: &writer)
    try c2.save(to: &writer)
  }

  mutating func restore(from reader: inout CheckpointReader) throws {
    try c0.restore(from: &reader)
    try c1.restore(from: &reader)
    try c2.restore(from: &reader)
  }
}
