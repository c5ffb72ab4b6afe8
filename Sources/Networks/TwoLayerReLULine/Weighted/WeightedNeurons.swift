import RealModule

/// Neurons of a network of m, gathered on the nodes of a layout.
///
/// A ReLU neuron's flow is linear in θ = (â, w) given the residuals, and homogeneous. So neurons of
/// one direction act as one with the initial value √(Σ|θ|²) in that direction: function, kernel,
/// Σ|w − w(0)|² and Σ|w|² are the same.
struct WeightedNeurons: Sendable {
  /// In units of √m.
  let values: InitialValues
  /// Σ ā_j w̄_j-contributions to f(0) that rounding would lose, by node; empty where it loses none.
  private(set) var lostProducts: [(direction: NeuronState, product: Double)] = []

  /// Every node with its mean share: |θ_j|² = 3 m p_j. Pairs (ā, −ā) are adjacent.
  init(mean layout: NodeLayout, inputUnit: Double) {
    values = InitialValues(
      layout.directions, squares: layout.weights.map { 3 * $0 }, inputUnit: inputUnit)
  }

  /// Every node with as many neurons as chance gives it: numbers c_j from the multinomial
  /// distribution, and |θ_j|² = 2 Γ(3c_j/2), the sum of the squares of 3c_j normal numbers.
  ///
  /// - Parameters:
  ///   - width: m; a whole number of neurons is distributed, the nearest.
  ///   - antisymmetric: m/2 neurons are, and each has a partner with −ā.
  init(
    fluctuating layout: NodeLayout, width: Double, seed: UInt64, antisymmetric: Bool, inputUnit: Double
  ) {
    let gathered = GatheredNeurons(
      fluctuating: layout.weights, normals: 3, width: width, seed: seed, antisymmetric: antisymmetric)
    var directions: [NeuronState] = []
    var squares: [Double] = []
    var lost: [(direction: NeuronState, product: Double)] = []
    // Beyond that the differences between nodes of a pair have few digits in the squares.
    let neurons = antisymmetric ? width / 2 : width
    let isLost = neurons > Self.maxExact && !antisymmetric
    for (j, direction) in layout.directions.enumerated() {
      let square = gathered.amounts[j]
      guard square > 0 else { continue }
      directions.append(direction)
      squares.append(square)
      if isLost { lost.append((direction, gathered.excesses[j])) }
      if antisymmetric {
        directions.append(NeuronState(-direction.x, direction.w))
        squares.append(square)
      }
    }
    values = InitialValues(directions, squares: squares, inputUnit: inputUnit)
    lostProducts = lost
  }

  /// Up to here, f(0) of the nodes has at least three digits.
  private static let maxExact = 1e20

  /// Σ_j of the excess of node j times ā σ(w̄·x̃_i): f(0) over κ √m …, in units of the geometry;
  /// n values; nil where f(0) of the nodes is right.
  func lostFunction(_ geometry: ConeGeometry) -> [Double]? {
    guard !lostProducts.isEmpty else { return nil }
    return geometry.x.map { x in
      lostProducts.reduce(0) { sum, lost in
        sum + lost.product * lost.direction.x * Swift.max(0, lost.direction.w.dot(x))
      }
    }
  }
}

extension InitialValues {
  /// Nodes of given directions and squares |θ_j|²/m.
  fileprivate init(_ directions: [NeuronState], squares: [Double], inputUnit: Double) {
    let norms = squares.map { $0.squareRoot() }
    self.init(
      a: zip(directions, norms).map { $0.x * $1 },
      w: zip(directions, norms).map { $0.y * $1 * inputUnit },
      b: zip(directions, norms).map { $0.z * $1 * inputUnit })
  }
}
