import RealModule

/// An orthogonal matrix Q = H_0 H_1 … as a product of Householder reflectors H_k = 1 − u_k u_kᵀ,
/// where u_k starts at position `offset + k`. Q itself is never formed.
struct Reflectors {
  /// The order n.
  private let n: Int
  /// The number of reflectors.
  private let count: Int
  /// The position of the first element of u_0.
  private let offset: Int
  /// Row-major with n columns: u_k ends row k.
  private var rows: [Double]

  typealias Pointer = UnsafeMutablePointer<Double>

  /// The reflectors in the given rows of n elements.
  init(rows: [Double], count: Int, offset: Int, n: Int) {
    self.rows = rows
    self.count = count
    self.offset = offset
    self.n = n
  }

  /// x ← Qᵀ x.
  func applyTransposed(_ x: Pointer) {
    for k in 0..<count { reflect(k, x) }
  }

  /// x ← Q x.
  func apply(_ x: Pointer) {
    for k in stride(from: count - 1, through: 0, by: -1) { reflect(k, x) }
  }

  @inline(__always) private func reflect(_ k: Int, _ x: Pointer) {
    rows.withUnsafeBufferPointer { rows in
      guard let base = rows.baseAddress else { return }
      let first = offset + k
      Self.reflect(Pointer(mutating: base) + k * n + first, x + first, n - first)
    }
  }

  /// x ← (1 − u uᵀ) x.
  @inline(__always) static func reflect(_ u: Pointer, _ x: Pointer, _ count: Int) {
    RowKernels.add(-RowKernels.dot(u, x, count), u, to: x, count)
  }

  /// Replaces the vector x by the u of the reflector that maps x to (value, 0, 0, …), and returns
  /// the value.
  static func make(_ x: Pointer, _ count: Int) -> Double {
    let head = x[0]
    let squared = RowKernels.dot(x + 1, x + 1, count - 1)
    guard squared > 0 else {
      for j in 0..<count { x[j] = 0 }
      return head
    }
    let norm = (head * head + squared).squareRoot()
    let value = head > 0 ? -norm : norm
    x[0] = head - value
    let scale = (2 / (x[0] * x[0] + squared)).squareRoot()
    for j in 0..<count { x[j] *= scale }
    return value
  }
}
