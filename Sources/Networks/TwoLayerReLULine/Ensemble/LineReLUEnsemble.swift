import Model
import RealModule

/// A two-layer ReLU network with bias on inputs of dimension 1, its neurons grouped by what they
/// do.
///
/// An impulse moves every group by one boost, whatever the width; only neurons that leave their
/// group are looked at one by one (`docs/method.md`, section 4).
struct LineReLUEnsemble: ResidualDriven {
  private(set) var geometry: ConeGeometry
  /// c = κ/κ': f_i = c Σ_k â_k σ(w_k·x_i).
  let scale: Double
  /// How many neurons there are: m, or the number of nodes.
  let width: Int
  /// ‖θ_w(0)‖².
  let initialSquared: Double
  /// 2n cones, then for every ray the neurons with â ≤ 0 and those with â > 0.
  var groups: [NeuronGroup]
  /// r̃_i, n values in ascending order of x.
  var residual: [Double]
  /// Whether the neurons 2j and 2j + 1 began with opposite ā and equal w, for all j.
  var isPaired = false
  /// What it may compute on.
  let pool: ThreadPool

  /// The ensemble at the start of the flow.
  ///
  /// - Parameters:
  ///   - samples: the training data, of dimension 1.
  ///   - scales: κ and κ', both positive.
  ///   - initial: ā, w̄ and biases of the m neurons.
  ///   - threads: how many threads to use, at least 1; the results are the same with any number.
  ///   - onProgress: called now and then, when some more neurons have been drawn.
  init(
    samples: SampleSet, scales: WidthScales, initial: InitialNeurons, threads: Int,
    onProgress: (() -> Void)? = nil
  ) {
    geometry = ConeGeometry(samples)
    pool = ThreadPool(threadCount: threads)
    scale = scales.outputScale
    width = initial.width
    let start = InitialGroups(
      initial, kappaPrime: scales.kappaPrime, geometry, pool, onProgress: onProgress)
    groups = start.groups
    initialSquared = start.inputSquared
    residual = []
    residual = residual(groups.map { $0.isEmpty ? nil : $0.frame }, homes: nil, strays: nil)
  }

  /// The ensemble at a state that was saved.
  init(
    samples: SampleSet, scales: WidthScales, width: Int, threads: Int, from reader: inout CheckpointReader
  ) throws {
    geometry = ConeGeometry(samples)
    pool = ThreadPool(threadCount: threads)
    scale = scales.outputScale
    self.width = width
    initialSquared = try reader.double()
    for i in geometry.y.indices { geometry.y[i] = try reader.double() }
    groups = [NeuronGroup](repeating: NeuronGroup(), count: 3 * geometry.circle.count)
    for _ in 0..<(try reader.int(in: 0...groups.count)) {
      try groups[try reader.int(in: 0...groups.count - 1)].restore(from: &reader)
    }
    guard groups.reduce(0, { $0 + $1.count }) == width else { throw CheckpointError.damaged }
    residual = []
    residual = residual(groups.map { $0.isEmpty ? nil : $0.frame }, homes: nil, strays: nil)
  }

  /// Makes f̃ at the present state what it is said to be: from now on f is that of the neurons plus
  /// a constant for every sample. For functions of which the neurons have lost the digits.
  ///
  /// - Parameter function: f̃_i = √ω_i f(x_i), n values in ascending order of x.
  mutating func correct(function: [Double]) {
    // r̃ = f̃ − ỹ for the function that is right.
    let right = zip(function, geometry.y).map { $0 - $1 }
    for i in right.indices { geometry.y[i] += residual[i] - right[i] }
    residual = right
  }

  /// n, the number of distinct samples.
  var sampleCount: Int { geometry.n }

  /// RD, from moments that keep displacements apart from positions: right to rounding however
  /// small.
  var relativeChange: Double {
    let squared = groups.reduce(0) { $0 + $1.squaredDisplacement }
    // Rounding may leave a displacement of zero slightly negative.
    guard squared > 0 else { return 0 }
    let ratio = squared / initialSquared
    return ratio.isFinite ? ratio.squareRoot() : squared.squareRoot() / initialSquared.squareRoot()
  }

  /// d(RD²)/dτ = 2 Σ (w − w(0))·ẇ / ‖θ_w(0)‖² with ẇ = â v, v the drive of the present residual.
  var squaredChangeRate: Double {
    let field = ImpulseField(residual, geometry)
    var sum = 0.0
    for g in groups.indices where !groups[g].isEmpty {
      sum += field.drive(at: place(of: g)).dot(groups[g].outputDisplacement)
    }
    return 2 * sum / initialSquared
  }

  /// The name of RD.
  static let relativeChangeName = "rd"

  /// RD alone.
  static let trackedNames = [relativeChangeName]

  /// RD.
  var tracked: [Double] { [relativeChange] }

  /// d(RD²)/dτ.
  var squaredRates: [Double] { [squaredChangeRate] }

  // MARK: Groups and places

  func place(of group: Int) -> Place { geometry.circle.place(ofGroup: group) }

  func border(_ place: Place) -> Border { geometry.border(place) }

  // MARK: Residuals and kernel

  /// The residuals with every group in the given frame (nil: without members).
  ///
  /// - Parameters:
  ///   - homes: where the members are, by group, where that is not the group's own place.
  ///   - strays: Σ â w to add, by cone, for neurons that are not where their group is.
  func residual(_ frames: [Frame?], homes: [Place?]?, strays: [PlaneVector]?) -> [Double] {
    // Σ â w by cone; f_i = c x̃_i · (sum over the cones where i is active).
    var products = strays ?? [PlaneVector](repeating: .zero, count: geometry.circle.count)
    for (g, frame) in frames.enumerated() {
      guard let frame else { continue }
      let moment = groups[g].secondMoment(in: frame)
      products[geometry.circle.cone(of: homes?[g] ?? place(of: g))] += PlaneVector(moment.c1.x, moment.c2.x)
    }
    let n = geometry.n
    var result = geometry.y.map { -$0 }
    var sum = PlaneVector.zero
    for i in 0..<n {
      sum += products[i]
      result[i] += scale * geometry.x[i].dot(sum)
    }
    sum = .zero
    for i in stride(from: n - 2, through: 0, by: -1) {
      // Sample i is active in the prefixes {0 … j} with j ≥ i: the cones n + 1 + j.
      sum += products[n + 1 + i]
      result[i] += scale * geometry.x[i].dot(sum)
    }
    return result
  }

  /// K_ij = c Σ_k [σ_ki σ_kj + â_k² σ'_ki σ'_kj x̃_i·x̃_j], from the moments of the groups.
  func kernel() -> [Double] {
    let n = geometry.n
    // Σ (w wᵀ + â² P) by cone, with the projector P on the directions in which the neurons may
    // move.
    typealias Symmetric = SIMD3<Double>
    var blocks = [Symmetric](repeating: .zero, count: geometry.circle.count)
    for g in groups.indices where !groups[g].isEmpty {
      let moment = groups[g].secondMoment(in: groups[g].frame)
      let a2 = moment.c0.x
      var block = Symmetric(moment.c1.y, moment.c1.z, moment.c2.z)
      if case .ray(let ray, _) = place(of: g) {
        let e = geometry.ray[ray]
        block += a2 * Symmetric(e.x * e.x, e.x * e.y, e.y * e.y)
      } else {
        block += Symmetric(a2, 0, a2)
      }
      blocks[geometry.circle.cone(of: place(of: g))] += block
    }
    // Suffix cones hold i ≤ j when they start at or before i, prefix cones when they end at or
    // behind j.
    var suffix = blocks[0..<n]
    for i in 1..<max(n, 1) { suffix[i] += suffix[i - 1] }
    var prefix = [Symmetric](repeating: .zero, count: n)
    for j in stride(from: n - 2, through: 0, by: -1) { prefix[j] = prefix[j + 1] + blocks[n + 1 + j] }
    var result = [Double](repeating: 0, count: n * n)
    for i in 0..<n {
      for j in i..<n {
        let t = suffix[i] + prefix[j]
        let image = PlaneVector(
          t.x * geometry.x[j].x + t.y * geometry.x[j].y, t.y * geometry.x[j].x + t.z * geometry.x[j].y)
        let value = scale * geometry.x[i].dot(image)
        result[i * n + j] = value
        result[j * n + i] = value
      }
    }
    return result
  }

  /// The largest |u| over the groups that hold neurons.
  func mobility(_ impulse: Impulse) -> Double {
    let known = impulse.reach == nil ? nil : knownDrives(of: [impulse])?.first
    let field = ImpulseField(impulse.samples, geometry, known: known)
    var result = 0.0
    for g in groups.indices where !groups[g].isEmpty {
      let rapidity = field.drive(at: place(of: g)).norm
      // `max` would pass over a number that is none.
      if rapidity.isNaN { return .infinity }
      result = max(result, rapidity)
    }
    return result
  }
}

extension LineReLUEnsemble: Checkpointed {
  func save(to writer: inout CheckpointWriter) throws {
    try writer.write(initialSquared)
    for y in geometry.y { try writer.write(y) }
    let occupied = groups.indices.filter { !groups[$0].isEmpty }
    try writer.write(occupied.count)
    for g in occupied {
      try writer.write(g)
      try groups[g].save(to: &writer)
    }
  }
}
