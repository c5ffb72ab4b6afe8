import Model
import RealModule

/// A vector of the plane of input weights: (w, b).
typealias PlaneVector = SIMD2<Double>

extension SIMD2<Double> {
  /// The scalar product.
  @inline(__always) func dot(_ v: Self) -> Double { x * v.x + y * v.y }
  /// The Euclidean norm.
  @inline(__always) var norm: Double { dot(self).squareRoot() }
}

/// The partition of the plane of input weights (w, b) by n samples on a line into 2n open cones of
/// constant active set and the 2n rays between them.
///
/// Sample i is active for a neuron when w·x̃_i > 0, x̃_i = √ω_i (x_i, 1), where ω_i is the share of
/// the sample (1/n, or more when the same sample is given several times). ``ConeCircle`` numbers
/// the cones and rays. All vectors of the plane are given in the coordinates of ``InputFrame``.
struct ConeGeometry: Sendable {
  /// The circular order of cones and rays.
  let circle: ConeCircle
  /// The coordinates of the plane.
  let frame: InputFrame
  /// x_i and √ω_i, n numbers each.
  let input: [Double]
  let rootShare: [Double]
  /// n, the number of distinct samples.
  var n: Int { circle.n }
  /// x̃_i, n vectors, ascending in x.
  let x: [PlaneVector]
  /// ỹ_i = √ω_i y_i in the same order.
  var y: [Double]
  /// The unit vectors of the 2n rays.
  let ray: [PlaneVector]
  /// x̃_i / |x̃_i|: the unit normals of the samples' lines, towards the active side.
  let normal: [PlaneVector]

  /// The geometry of samples of dimension 1.
  init(_ samples: SampleSet) {
    precondition(samples.dimension == 1, "the inputs lie on a line")
    let pairs = zip(samples.x, samples.y).map { (x: $0[0], y: $1) }.sorted { $0.x < $1.x }
    var distinct: [(x: Double, y: Double, count: Int)] = []
    for pair in pairs {
      if let last = distinct.last, last.x == pair.x {
        distinct[distinct.count - 1].count += 1
      } else {
        distinct.append((pair.x, pair.y, 1))
      }
    }
    circle = ConeCircle(n: distinct.count)
    let share = distinct.map { (Double($0.count) / Double(samples.count)).squareRoot() }
    // Alone, a sample has no differences to keep.
    let frame = distinct.count > 1 ? InputFrame(inputs: distinct.map(\.x)) : InputFrame(centre: 0)
    self.frame = frame
    input = distinct.map(\.x)
    rootShare = share
    x = zip(distinct, share).map { frame.extended($0.x) * $1 }
    y = zip(distinct, share).map { $0.y * $1 }
    normal = x.map { $0 / $0.norm }
    let forward = normal.map { PlaneVector($0.y, -$0.x) }
    ray = forward + forward.map { -$0 }
  }

  /// The unit normal of a ray's line that points into the given neighbouring cone.
  @inline(__always) func inward(fromRay r: Int, to cone: Int) -> PlaneVector {
    let normal = normal[circle.sample(ofRay: r)]
    return cone == circle.activeSide(ofRay: r) ? normal : -normal
  }

  /// What keeps a neuron at a place.
  func border(_ place: Place) -> Border {
    switch place {
    case .cone(let cone):
      let (before, behind) = circle.rays(ofCone: cone)
      return Border(
        v1: NeuronState(0, inward(fromRay: before, to: cone)),
        v2: NeuronState(0, inward(fromRay: behind, to: cone)), slides: false)
    case .ray(let r, let positive):
      return Border(
        v1: NeuronState(positive ? 1 : -1, .zero), v2: NeuronState(0, ray[r]), slides: true)
    case .origin:
      return Border(v1: .zero, v2: .zero, slides: true)
    }
  }

  /// The cone in which (w, b) lies; a vector on a ray counts to the inactive side.
  @inline(__always) func cone(of w: PlaneVector) -> Int {
    let active = activeCount(w)
    if w.x >= 0 { return n - active }
    return active == n ? 0 : n + active
  }

  /// So many samples are looked at sooner one by one than found by bisection.
  static let fewSamples = 24

  /// The number of active samples, which come first where w.x < 0 and last elsewhere.
  @inline(__always) private func activeCount(_ w: PlaneVector) -> Int {
    x.withUnsafeBufferPointer { x in
      // Counting has no branches to mispredict.
      if x.count <= Self.fewSamples {
        var active = 0
        for x in x { active += w.dot(x) > 0 ? 1 : 0 }
        return active
      }
      let rising = w.x >= 0
      var low = 0
      var high = x.count
      while low < high {
        let middle = (low + high) / 2
        if (w.dot(x[middle]) > 0) != rising { low = middle + 1 } else { high = middle }
      }
      return rising ? x.count - low : low
    }
  }
}
