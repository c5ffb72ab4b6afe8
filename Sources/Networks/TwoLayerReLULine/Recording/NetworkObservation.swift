import Model
import RealModule

/// What can be seen of an ensemble at its present state.
struct NetworkObservation {
  private static let bins = OrientationBins()
  private let scales: WidthScales

  init(_ scales: WidthScales) { self.scales = scales }

  // MARK: A point of a trajectory

  /// What a point of a trajectory tells beside time, residual and RD.
  struct Sample: Hashable {
    /// ‖ā‖.
    var outputNorm: Double
    /// How many neurons slide on a ray.
    var sliding: Int
    /// How many are active on no sample.
    var dead: Int
    /// The least number of orientations that carry 99 % of the amplitude.
    var orientations: Int
  }

  /// Looks at every neuron that moves.
  func sample(of ensemble: LineReLUEnsemble) -> Sample {
    var outputSquared = 0.0
    var sliding = 0
    var dead = 0
    ensemble.forEachGroup { activity, count, squared, _ in
      outputSquared += squared
      switch activity {
      case .moves: break
      case .slides: sliding += count
      case .dead: dead += count
      }
    }
    return Sample(
      outputNorm: max(0, outputSquared).squareRoot() / scales.kappaPrime * scales.outputUnit,
      sliding: sliding, dead: dead,
      orientations: orientations(of: ensemble))
  }

  /// The least number of orientations that carry 99 % of Σ |â||w| over the neurons that are not
  /// dead.
  private func orientations(of ensemble: LineReLUEnsemble) -> Int {
    var amplitudes = [Double](repeating: 0, count: OrientationHistogram.bins)
    let bins = Self.bins
    amplitudes.withUnsafeMutableBufferPointer { amplitudes in
      ensemble.forEachNeuron(where: { $0 == .moves }) { _, state in
        let amplitude = (state.x * state.x * state.w.dot(state.w)).squareRoot()
        amplitudes[bins.bin(of: state.w)] += amplitude
      }
    }
    var rays: [Int: Double] = [:]
    ensemble.forEachGroup { activity, _, _, product in
      // All w of such a group have one direction and all â one sign.
      if case .slides(let ray) = activity { rays[ray, default: 0] += product.norm }
    }
    return OrientationCount.min(carrying: amplitudes + rays.values)
  }

  // MARK: Snapshots

  /// Every neuron at the present state, in the order of the initial values.
  func neurons(of ensemble: LineReLUEnsemble, width: Int) -> [NeuronSnapshot.Neuron] {
    var result = [NeuronSnapshot.Neuron](
      repeating: .init(orientation: 0, amplitude: 0), count: width)
    ensemble.forEachNeuron { k, state in
      let w = state.w
      result[k] = NeuronSnapshot.Neuron(
        orientation: w == .zero ? 0 : Float(Double.atan2(y: w.y, x: w.x)),
        amplitude: Float(clamping: state.x * w.norm / scales.kappaPrime * scales.amplitudeUnit))
    }
    return result
  }

  /// The histogram of all neurons at the present state.
  func histogram(of ensemble: LineReLUEnsemble) -> OrientationHistogram {
    let bins = Self.bins
    var result = OrientationHistogram()
    ensemble.forEachNeuron { _, state in
      result.add(
        bin: bins.bin(of: state.w),
        amplitude: state.x * state.w.norm / scales.kappaPrime * scales.amplitudeUnit)
    }
    return result
  }

  /// f at ascending, equidistant x at the present state. Takes time linear in the number of
  /// neurons, plus that of x.
  func function(of ensemble: LineReLUEnsemble, at x: [Double]) -> [Double] {
    guard let first = x.first, let last = x.last else { return [] }
    let step = x.count > 1 ? (last - first) / Double(x.count - 1) : 1
    // Σ â w of the neurons that become active (w > 0) or inactive (w < 0) from x_j on.
    var switched = [PlaneVector](repeating: .zero, count: x.count + 1)
    var sum = PlaneVector.zero
    ensemble.forEachNeuron { _, state in
      let (w, product) = (state.w, state.x * state.w)
      // Beside its kink a neuron contributes next to nothing: rounding may put it on either side.
      let place = w.x == 0 ? 0 : ((-w.y / w.x - first) / step).rounded(.up)
      // Inputs so large that the grid cannot be told apart have no step.
      let kink = place.isNaN ? 0 : Int(Swift.min(Swift.max(place, 0), Double(x.count)))
      if w.x > 0 {
        switched[kink] += product
      } else if w.x < 0 {
        sum += product
        switched[kink] -= product
      } else if w.y > 0 {
        sum += product
      }
    }
    return x.enumerated().map { j, x in
      sum += switched[j]
      return scales.outputScale * (sum.x * x + sum.y)
    }
  }
}
