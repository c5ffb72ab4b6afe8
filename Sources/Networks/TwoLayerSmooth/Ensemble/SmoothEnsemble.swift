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
  private(set) var drift = (speed: 0.0, path: 0.0)
  /// The largest relative change of a neuron in a Runge–Kutta step.
  private let maxChange: Double
  let products: [Double]
  let pool: ThreadPool

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
  var portions: [Range<Int>] {
    let blocks = fixed.count / SmoothBlocks.size(dimension: samples.dimension)
    let size =
      (blocks + Self.maxPortions * Self.portionUnit - 1) / (Self.maxPortions * Self.portionUnit)
      * Self.portionUnit
    return stride(from: 0, to: blocks, by: size).map { $0..<min($0 + size, blocks) }
  }

  /// Calls `body` with the network as the kernels see it.
  func withNetwork<Result>(_ body: (SmoothNetwork) -> Result) -> Result {
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
  func sums(
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
  func drive(_ impulse: Impulse) -> [Double] {
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
