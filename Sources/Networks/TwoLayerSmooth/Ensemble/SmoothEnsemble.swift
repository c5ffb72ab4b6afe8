import Model
import RealModule
import VectorKernels

/// A two-layer network with a smooth activation, its neurons moved one by one.
///
/// Along a straight impulse q, with p_i = −√ω_i q_i, a neuron moves by
///
///     dâ/ds = Σ_i p_i (σ(0)/s^p + g(w·x_i)),   dw/ds = â Σ_i p_i g'(w·x_i) x_i,   0 ≤ s ≤ 1
///
/// in the symbols of ``SmoothScales``: classical Runge–Kutta steps, in each of which no neuron
/// changes by more than a fixed share.
struct SmoothEnsemble: ResidualDriven {
  /// The training data.
  let samples: SmoothSamples
  /// σ.
  let activation: SmoothActivation
  /// The scales of the width.
  let scales: SmoothScales
  /// How many neurons are kept.
  let width: Int
  /// ‖θ_w(0)‖² of all that the kept neurons stand for.
  let initialSquared: Double
  /// By block multiplicities and w(0), see `smooth_neurons_move`.
  let fixed: [Double]
  /// By block â and w − w(0).
  private(set) var moving: [Double]
  /// √ω_i (y_i + a constant of the sample): what f̃ is compared with.
  private(set) var targets: [Double]
  /// r̃_i, n values.
  private(set) var residual: [Double]
  /// Σ |w − w(0)|².
  private var squaredDisplacement: Double
  /// The mobility of the residual, and Σ (w − w(0))·dw/dτ: asked for several times at every state.
  private var drift = (speed: 0.0, path: 0.0)
  /// The largest relative change of a neuron in a Runge–Kutta step.
  private let maxChange: Double
  private let products: [Double]
  private let pool: ThreadPool

  /// Where a motion would lead.
  struct Motion: ResidualMotion {
    let residual: [Double]
    fileprivate let moving: [Double]
    fileprivate let squaredDisplacement: Double
  }

  /// The ensemble at the start of the flow.
  ///
  /// - Parameters:
  ///   - samples: the training data.
  ///   - activation: σ.
  ///   - scales: of the width.
  ///   - initial: at least one neuron.
  ///   - tolerance: of the integrator that moves them.
  ///   - threads: how many threads to use, at least 1; the results are the same with any number.
  init(
    samples: SmoothSamples, activation: SmoothActivation, scales: SmoothScales, initial: SmoothNeurons,
    tolerance: Double, threads: Int
  ) {
    let blocks = SmoothBlocks(initial, dimension: samples.dimension, outputUnit: scales.kappaPrime)
    self.init(
      samples: samples, activation: activation, scales: scales, width: initial.count, fixed: blocks.fixed,
      moving: blocks.moving, targets: samples.targets, tolerance: tolerance, threads: threads)
  }

  private init(
    samples: SmoothSamples, activation: SmoothActivation, scales: SmoothScales, width: Int, fixed: [Double],
    moving: [Double], targets: [Double], tolerance: Double, threads: Int
  ) {
    self.samples = samples
    self.activation = activation
    self.scales = scales
    self.width = width
    self.fixed = fixed
    self.moving = moving
    self.targets = targets
    initialSquared = SmoothBlocks.squaredInputs(fixed, dimension: samples.dimension)
    products = samples.products
    // A Runge–Kutta step is right to the fourth power, where the flow's own step is to the third.
    maxChange = Self.maxChangeAtDefault * Double.pow(tolerance / 1e-3, 1 / 4.0)
    pool = ThreadPool(threadCount: threads)
    residual = []
    squaredDisplacement = 0
    let here = motion(along: [])
    residual = here.residual
    squaredDisplacement = here.squaredDisplacement
    drift = driftOfResidual()
  }

  /// The share by which neurons change in a Runge–Kutta step at a tolerance of 10⁻³.
  private static var maxChangeAtDefault: Double { 0.15 }

  /// Makes f̃ at the present state what it is said to be: from now on f is that of the neurons plus
  /// a constant for every sample.
  ///
  /// - Parameter function: f̃_i = √ω_i f(x_i), n values.
  mutating func correct(function: [Double]) {
    for i in targets.indices { targets[i] += residual[i] - (function[i] - samples.targets[i]) }
    residual = motion(along: []).residual
    drift = driftOfResidual()
  }

  /// n, the number of distinct samples.
  var sampleCount: Int { samples.count }

  /// RD, from displacements that are kept apart from positions: right to rounding however small.
  var relativeChange: Double { (squaredDisplacement / initialSquared).squareRoot() }

  /// The name of RD.
  static let relativeChangeName = "rd"

  /// RD alone.
  static let trackedNames = [relativeChangeName]

  /// RD.
  var tracked: [Double] { [relativeChange] }

  /// d(RD²)/dτ.
  var squaredRates: [Double] { [2 * drift.path / initialSquared] }

  // MARK: Neurons

  /// â of a neuron.
  func output(_ neuron: Int) -> Double { moving[position(neuron, 0)] }

  /// A component of w of a neuron.
  func input(_ neuron: Int, _ component: Int) -> Double {
    let position = position(neuron, 1 + component)
    return fixed[position] + moving[position]
  }

  /// How many neurons a kept one stands for, or which share of them.
  func multiplicity(_ neuron: Int) -> Double { fixed[position(neuron, 0)] }

  private func position(_ neuron: Int, _ component: Int) -> Int {
    SmoothBlocks.position(neuron: neuron, component: component, dimension: samples.dimension)
  }

  // MARK: Motion

  /// Neurons stand in so many portions at most, whatever the number of threads.
  private static var maxPortions: Int { 64 }
  /// Blocks of a portion are a multiple of this.
  private static var portionUnit: Int { 32 }

  /// The blocks of the portions: they alone fix the order of sums.
  private var portions: [Range<Int>] {
    let blocks = fixed.count / SmoothBlocks.size(dimension: samples.dimension)
    let size =
      (blocks + Self.maxPortions * Self.portionUnit - 1) / (Self.maxPortions * Self.portionUnit)
      * Self.portionUnit
    return stride(from: 0, to: blocks, by: size).map { $0..<min($0 + size, blocks) }
  }

  /// Calls `body` with the network as the kernels see it.
  private func withNetwork<Result>(_ body: (SmoothNetwork) -> Result) -> Result {
    samples.inputs.withUnsafeBufferPointer { inputs in
      guard let base = inputs.baseAddress else { preconditionFailure("there are samples") }
      return body(
        SmoothNetwork(
          activation: Int32(activation.kind.rawValue), is_higher_order: activation.multiplicity > 1 ? 1 : 0,
          sample_count: samples.count, dimension: samples.dimension, inputs: base,
          scale: scales.inputScale, offset: scales.offset,
          reach: activation == .linear ? 0 : scales.inputScale * samples.maxNorm,
          max_change: maxChange))
    }
  }

  /// Σ over the neurons of quantities that are added up portion by portion.
  ///
  /// - Parameters:
  ///   - size: how many quantities.
  ///   - room: how many numbers of room a portion needs.
  ///   - body: adds up a portion: the network, the position of its first number, how many blocks,
  ///     sums, room.
  ///   - join: joins the sums of a portion with those before.
  private func sums(
    _ size: Int, room: Int,
    _ body: (SmoothNetwork, Int, Int, UnsafeMutablePointer<Double>, UnsafeMutablePointer<Double>) -> Void,
    joining join: (inout [Double], [Double]) -> Void = { all, part in
      for i in all.indices { all[i] += part[i] }
    }
  ) -> [Double] {
    let portions = portions
    let blockSize = SmoothBlocks.size(dimension: samples.dimension)
    let parts = withNetwork { network in
      pool.map(portions.count) { portion in
        var sums = [Double](repeating: 0, count: size)
        sums.withUnsafeMutableBufferPointer { sums in
          withUnsafeTemporaryAllocation(of: Double.self, capacity: room) { room in
            guard let sums = sums.baseAddress, let room = room.baseAddress else { return }
            let blocks = portions[portion]
            body(network, blocks.lowerBound * blockSize, blocks.count, sums, room)
          }
        }
        return sums
      }
    }
    return parts.dropFirst().reduce(into: parts.first ?? [], join)
  }

  /// −√ω_i q_i.
  private func drive(_ impulse: Impulse) -> [Double] {
    zip(impulse.samples, samples.rootShares).map { -$0 * $1 }
  }

  func motion(along pieces: [Impulse]) -> Motion {
    let n = samples.count
    let drives = pieces.flatMap(drive)
    var sums: [Double] = []
    let moved = [Double](unsafeUninitializedCapacity: moving.count) { moved, count in
      guard let moved = moved.baseAddress else { return }
      count = moving.count
      sums = fixed.withUnsafeBufferPointer { fixed in
        moving.withUnsafeBufferPointer { moving in
          drives.withUnsafeBufferPointer { drives in
            guard let fixed = fixed.baseAddress, let moving = moving.baseAddress else { return [] }
            return self.sums(n + 2, room: smooth_room(n, samples.dimension)) {
              network, first, blocks, sums, room in
              withUnsafePointer(to: network) { network in
                smooth_neurons_move(
                  network, fixed + first, moving + first, blocks, drives.baseAddress ?? fixed, pieces.count,
                  moved + first, sums, room)
              }
            }
          }
        }
      }
    }
    let constant = scales.offset * sums[n]
    let residual = (0..<n).map {
      samples.rootShares[$0] * (scales.outputScale * (sums[$0] + constant)) - targets[$0]
    }
    return Motion(residual: residual, moving: moved, squaredDisplacement: sums[n + 1])
  }

  mutating func advance(_ motion: Motion) {
    residual = motion.residual
    moving = motion.moving
    squaredDisplacement = motion.squaredDisplacement
    drift = driftOfResidual()
  }

  /// The largest relative change of a neuron and Σ (w − w(0))·dw by an impulse, to first order.
  private func change(by impulse: Impulse) -> (largest: Double, path: Double) {
    let drive = drive(impulse)
    // Portions are joined by their maximum, too: each has a place for it.
    let portions = portions
    let blockSize = SmoothBlocks.size(dimension: samples.dimension)
    let room = smooth_room(samples.count, samples.dimension)
    let parts = withNetwork { network in
      pool.map(portions.count) { portion in
        var path = 0.0
        let largest = withUnsafeTemporaryAllocation(of: Double.self, capacity: room) { room in
          withUnsafePointer(to: network) { network in
            fixed.withUnsafeBufferPointer { fixed in
              moving.withUnsafeBufferPointer { moving in
                guard let fixed = fixed.baseAddress, let moving = moving.baseAddress,
                  let room = room.baseAddress
                else { return 0.0 }
                let first = portions[portion].lowerBound * blockSize
                return smooth_neurons_change(
                  network, fixed + first, moving + first, portions[portion].count, drive, &path, room)
              }
            }
          }
        }
        return (largest: largest, path: path)
      }
    }
    // `max` would pass over a number that is none.
    guard parts.allSatisfy({ !$0.largest.isNaN }) else { return (.infinity, .nan) }
    return (parts.reduce(0) { max($0, $1.largest) }, parts.reduce(0) { $0 + $1.path })
  }

  private func driftOfResidual() -> (speed: Double, path: Double) {
    let change = change(by: Impulse(samples: residual))
    return (change.largest, change.path)
  }

  /// The largest relative change: |Δθ|/|θ| of θ = (â, w), for p > 1 also |Δw|/|w|; and the change
  /// of an argument of σ.
  func mobility(_ impulse: Impulse) -> Double {
    impulse.samples == residual ? drift.speed : change(by: impulse).largest
  }

  /// K_ij = c √ω_i √ω_j Σ_k M_k [σ_ki σ_kj + â_k² σ'_ki σ'_kj x_i·x_j], M_k the multiplicities.
  func kernel() -> [Double] {
    let n = samples.count
    var result = fixed.withUnsafeBufferPointer { fixed in
      moving.withUnsafeBufferPointer { moving in
        products.withUnsafeBufferPointer { products in
          sums(n * n, room: smooth_kernel_room(n, samples.dimension)) {
            network, first, blocks, sums, room in
            guard let fixed = fixed.baseAddress, let moving = moving.baseAddress,
              let products = products.baseAddress
            else { return }
            withUnsafePointer(to: network) { network in
              smooth_neurons_kernel(network, fixed + first, moving + first, blocks, products, sums, room)
            }
          }
        }
      }
    }
    for i in 0..<n {
      for j in i..<n {
        let value = scales.outputScale * samples.rootShares[i] * samples.rootShares[j] * result[i * n + j]
        result[i * n + j] = value
        result[j * n + i] = value
      }
    }
    return result
  }

  /// K = Rᵀ R with R of a QR factorisation of what the neurons contribute, so that eigenvalues are
  /// right down to the square of what rounding leaves of them in K: with small arguments, the
  /// orders of σ contribute very differently.
  func kernelFactor() -> KernelFactor? {
    let n = samples.count
    let room = smooth_factor_room(n, samples.dimension)
    let triangle = fixed.withUnsafeBufferPointer { fixed in
      moving.withUnsafeBufferPointer { moving in
        sums(
          n * n, room: room,
          { network, first, blocks, triangle, room in
            guard let fixed = fixed.baseAddress, let moving = moving.baseAddress else { return }
            withUnsafePointer(to: network) { network in
              smooth_neurons_factor(network, fixed + first, moving + first, blocks, triangle, room)
            }
          },
          joining: { all, part in
            withUnsafeTemporaryAllocation(of: Double.self, capacity: room) { room in
              guard let room = room.baseAddress else { return }
              smooth_join_factors(n, part, &all, room)
            }
          })
      }
    }
    let unit = scales.outputScale.squareRoot()
    return KernelFactor(
      rows: n,
      columns: (0..<n).map { k in (0..<n).map { unit * samples.rootShares[$0] * triangle[k * n + $0] } })
  }
}

extension SmoothEnsemble: Checkpointed {
  func save(to writer: inout CheckpointWriter) throws {
    for number in targets + fixed + moving { try writer.write(number) }
  }

  /// The ensemble at a state that was saved.
  init(
    samples: SmoothSamples, activation: SmoothActivation, scales: SmoothScales, width: Int, tolerance: Double,
    threads: Int, from reader: inout CheckpointReader
  ) throws {
    func numbers(_ count: Int, _ reader: inout CheckpointReader) throws -> [Double] {
      var numbers: [Double] = []
      numbers.reserveCapacity(count)
      for _ in 0..<count { numbers.append(try reader.double()) }
      return numbers
    }
    let targets = try numbers(samples.count, &reader)
    let count = SmoothBlocks.count(neurons: width) * SmoothBlocks.size(dimension: samples.dimension)
    let fixed = try numbers(count, &reader)
    let moving = try numbers(count, &reader)
    self.init(
      samples: samples, activation: activation, scales: scales, width: width, fixed: fixed, moving: moving,
      targets: targets, tolerance: tolerance, threads: threads)
  }
}
