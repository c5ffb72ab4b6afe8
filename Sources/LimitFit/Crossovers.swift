import RealModule

/// The curves that the logarithm of the order parameter may follow on its way to a power law: the
/// local slope passes from S + D to S as a logistic function of log m,
///
///     μ(x) = a + S x + (D / δ) log(1 + e^(−δ (x − x₀))) ,   x = log m .
///
/// For x − x₀ ≫ 1/δ that is a power law with the relative correction (D / δ) (m / m*)^−δ, log m* =
/// x₀; D = ±δ are a sum of two power laws and its inverse, D = ±δ/2 a sum in quadrature.
///
/// δ and x₀ are laid out on a grid, D is normal about 0. So that the grid need not be fine, each
/// node may shift by a fraction of its cell, to first order.
struct Crossovers: Sendable {
  /// A node of the grid.
  struct Node: Hashable, Sendable {
    /// δ: how sudden the change is; dimensionless.
    var rate: Double
    /// x₀: log of the width at which it is half done.
    var centre: Double
  }

  /// The standard deviation of D: exponents on the two sides of a boundary between formulae differ
  /// by ¼ to 1.
  static let change = 0.5
  /// The range of δ: below it a crossover is a power law over three decades, above it a kink.
  static let rates = 0.15...1.5
  /// How far below the first width and above the last one x₀ may lie, in decades.
  static let decadesBefore = 1.0, decadesAfter = 0.5
  private static let rateCells = 7
  private static let decadesPerCell = 0.375

  let nodes: [Node]
  private let rateCell: Double
  private let centreCell: Double

  /// The nodes for widths whose log m lies in a range.
  init(over range: ClosedRange<Double>) {
    let decade = Double.log(10)
    rateCell = Double.log(Self.rates.upperBound / Self.rates.lowerBound) / Double(Self.rateCells)
    let from = range.lowerBound - Self.decadesBefore * decade
    let length = range.upperBound + Self.decadesAfter * decade - from
    let centreCells = max(4, Int((length / decade / Self.decadesPerCell).rounded()))
    centreCell = length / Double(centreCells)
    var nodes: [Node] = []
    for i in 0..<Self.rateCells {
      let rate = Self.rates.lowerBound * Double.exp((Double(i) + 0.5) * rateCell)
      for j in 0..<centreCells {
        nodes.append(Node(rate: rate, centre: from + (Double(j) + 0.5) * centreCell))
      }
    }
    self.nodes = nodes
  }

  /// What multiplies three standard normal numbers at x: D, and the shifts of x₀ and log δ within
  /// the cell.
  func basis(_ node: Node, at x: Double) -> (Double, Double, Double) {
    let d = node.rate
    let z = Double.exp(-d * (x - node.centre))
    let share = z / (1 + z)
    let bend = Double.log(onePlus: z)
    let scale = Self.change / d
    // The standard deviation of a uniform distribution over a cell.
    let uniform = 1 / 12.0.squareRoot()
    return (
      scale * bend, scale * d * share * centreCell * uniform,
      -scale * (bend + d * (x - node.centre) * share) * rateCell * uniform
    )
  }
}
