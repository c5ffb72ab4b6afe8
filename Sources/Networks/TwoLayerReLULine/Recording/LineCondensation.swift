import Model

/// The neurons of an ensemble on a line as measures of condensation see them.
struct LineCondensation: CondensingNeurons {
  /// What is the same at all states.
  struct View: Sendable {
    fileprivate let scales: WidthScales
    fileprivate let x: [PlaneVector]
    fileprivate let targets: [Double]

    init(_ scales: WidthScales, _ samples: SampleSet) {
      self.scales = scales
      let geometry = ConeGeometry(samples)
      x = geometry.x.map(geometry.frame.turnedBack)
      targets = geometry.y
    }
  }

  private let ensemble: LineReLUEnsemble
  private let view: View

  init(_ ensemble: LineReLUEnsemble, _ view: View) {
    self.ensemble = ensemble
    self.view = view
  }

  var neuronCount: Int { ensemble.width }
  var inputCount: Int { 2 }
  var sampleCount: Int { view.x.count }
  var hasOpposites: Bool { false }
  var gathersNeurons: Bool { view.scales.amplitudeUnit != 1 }
  var shareTargets: [Double] { view.targets }

  var growthDirection: [Double] {
    let sum = zip(view.x, view.targets).reduce(PlaneVector.zero) { $0 + $1.0 * $1.1 }
    return sum == .zero ? [0, 0] : [sum.x / sum.norm, sum.y / sum.norm]
  }

  func normalisedKernel() -> [Double] { ensemble.kernel().map { $0 * view.scales.kappa } }

  func forEachState(_ body: (Int, CondensationState) -> Void) {
    let n = view.x.count
    let (outputUnit, inputUnit) = (1 / view.scales.kappaPrime, 1 / view.scales.inputUnit)
    withUnsafeTemporaryAllocation(of: Double.self, capacity: 2 + 2 * n) { room in
      let input = UnsafeMutableBufferPointer(rebasing: room[..<2])
      let products = UnsafeMutableBufferPointer(rebasing: room[2..<2 + n])
      let features = UnsafeMutableBufferPointer(rebasing: room[(2 + n)...])
      ensemble.forEachNeuron { k, state in
        let w = state.w * inputUnit
        (input[0], input[1]) = (w.x, w.y)
        for i in 0..<n { (products[i], features[i]) = CondensationState.rectified(w, view.x[i]) }
        body(
          k,
          CondensationState(
            multiplicity: 1, output: state.x * outputUnit, input: UnsafeBufferPointer(input),
            products: UnsafeBufferPointer(products), features: UnsafeBufferPointer(features)))
      }
    }
  }
}

extension CondensationState {
  /// w·x, 0 where it is but rounding beside |w||x|, and its positive part.
  fileprivate static func rectified(_ w: PlaneVector, _ x: PlaneVector) -> (Double, Double) {
    let product = w.dot(x)
    let size = abs(w.x * x.x) + abs(w.y * x.y)
    return abs(product) > kinkWidth * size ? (product, max(0, product)) : (0, 0)
  }

  /// What is nearer to a kink, beside the size of the terms, lies on it.
  static var kinkWidth: Double { 1e-12 }
}
