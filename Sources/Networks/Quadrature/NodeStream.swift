import RealModule

/// Random numbers of one node, a function of (seed, node) alone: the counter of the generator holds
/// the node and how many numbers it has drawn.
struct NodeStream {
  private let stream: NormalStream
  private let node: Int
  private var drawn = 0

  /// The stream of a node of a seed.
  init(seed: UInt64, node: Int) {
    stream = NormalStream(seed: seed)
    self.node = node
  }

  /// A standard normal number.
  mutating func normal() -> Double {
    defer { drawn += 1 }
    // Numbers of neurons have the pairs 0 and 1.
    return stream.pair(neuron: node, pair: Self.firstPair + drawn).0
  }

  /// Two numbers uniform on (0, 1] and [0, 1).
  mutating func uniforms() -> (Double, Double) {
    defer { drawn += 1 }
    return stream.uniforms(neuron: node, pair: Self.firstPair + drawn)
  }

  private static let firstPair = 1 << 16

  /// A number from the gamma distribution of the given shape and scale 1.
  ///
  /// Source: Marsaglia, Tsang, *A simple method for generating gamma variables*, ACM Trans. Math.
  /// Softw. 26, 2000.
  ///
  /// - Parameter shape: at least 1, or 0, which gives 0.
  mutating func gamma(_ shape: Double) -> Double {
    guard shape > 0 else { return 0 }
    let d = shape - 1 / 3.0
    let c = 1 / (9 * d).squareRoot()
    while true {
      let x = normal()
      let root = 1 + c * x
      guard root > 0 else { continue }
      let v = root * root * root
      let u = uniforms().0
      if Double.log(u) < x * x / 2 + d * (1 - v + Double.log(v)) { return d * v }
    }
  }

  /// A number from the binomial distribution of n trials with probability p.
  ///
  /// Sources: inversion for np < 10; else Hörmann, *The generation of binomial random variates*, J.
  /// Stat. Comput. Simul. 46, 1993 (algorithm BTRS).
  ///
  /// - Parameters:
  ///   - n: a whole number from 0 to 2⁵³.
  ///   - p: in [0, 1].
  mutating func binomial(_ n: Double, _ p: Double) -> Double {
    if n <= 0 || p <= 0 { return 0 }
    if p >= 1 { return n }
    if p > 0.5 { return n - binomial(n, 1 - p) }
    if n * p < 10 { return smallBinomial(n, p) }
    let variance = n * p * (1 - p)
    guard variance < Self.normalVariance else {
      return Swift.min(n, Swift.max(0, (n * p + variance.squareRoot() * normal()).rounded()))
    }
    return largeBinomial(n, p)
  }

  /// From this variance on the normal limit is taken, whose skewness is right to 10⁻³.
  private static let normalVariance = 1e6

  /// By inversion.
  private mutating func smallBinomial(_ n: Double, _ p: Double) -> Double {
    let odds = p / (1 - p)
    var term = Double.exp(n * Double.log(onePlus: -p))
    var u = uniforms().1
    var k = 0.0
    while u >= term, k < n, k < 200 {
      u -= term
      term *= odds * (n - k) / (k + 1)
      k += 1
    }
    return k
  }

  /// By transformed rejection.
  private mutating func largeBinomial(_ n: Double, _ p: Double) -> Double {
    let spread = (n * p * (1 - p)).squareRoot()
    let b = 1.15 + 2.53 * spread
    let a = -0.0873 + 0.0248 * b + 0.01 * p
    let c = n * p + 0.5
    let v0 = 0.92 - 4.2 / b
    let alpha = (2.83 + 5.1 / b) * spread
    let logOdds = Double.log(p / (1 - p))
    let mode = ((n + 1) * p).rounded(.down)
    while true {
      let (w, first) = uniforms()
      let u = first - 0.5
      let us = 0.5 - Swift.abs(u)
      guard us > 0 else { continue }
      let k = ((2 * a / us + b) * u + c).rounded(.down)
      guard k >= 0, k <= n else { continue }
      if us >= 0.07, w <= v0 { return k }
      let height = Double.log(w * alpha / (a / (us * us) + b))
      let bound =
        Self.logFactorialRatio(mode, k) + Self.logFactorialRatio(n - mode, n - k) + (k - mode) * logOdds
      if height <= bound { return k }
    }
  }

  /// log(x!/y!) without the cancellation of large logarithms.
  private static func logFactorialRatio(_ x: Double, _ y: Double) -> Double {
    guard Swift.min(x, y) > 1e4 else { return Double.logGamma(x + 1) - Double.logGamma(y + 1) }
    // Stirling's series, in the difference.
    let d = x - y
    return d * Double.log(x) + (y + 0.5) * Double.log(onePlus: d / y) - d + (1 / x - 1 / y) / 12
  }
}
