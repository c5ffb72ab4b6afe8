import Model
import RealModule
import Testing

@testable import Networks

/// σ and σ' as they are defined, by the functions of the platform.
extension SmoothActivation {
  /// σ(u).
  func value(_ u: Double) -> Double {
    switch name {
    case "tanh": .tanh(u)
    case "x_tanh": u * .tanh(u)
    case "x2_tanh": u * u * .tanh(u)
    case "sigmoid": 1 / (1 + .exp(-u))
    case "softplus": max(u, 0) + .log(onePlus: .exp(-abs(u)))
    case "gelu": u * 0.5 * .erfc(-u * 0.5.squareRoot())
    case "linear": u
    default: .nan
    }
  }

  /// σ'(u).
  func derivative(_ u: Double) -> Double {
    let square = 1 / (Double.cosh(u) * Double.cosh(u))
    return switch name {
    case "tanh": square
    case "x_tanh": .tanh(u) + u * square
    case "x2_tanh": 2 * u * .tanh(u) + u * u * square
    case "sigmoid": 0.25 / (Double.cosh(u / 2) * Double.cosh(u / 2))
    case "softplus": 1 / (1 + .exp(-u))
    case "gelu":
      0.5 * .erfc(-u * 0.5.squareRoot()) + u * .exp(-u * u / 2) / (2 * Double.pi).squareRoot()
    case "linear": 1
    default: .nan
    }
  }
}

/// The gradient flow of f(x) = (1/α) Σ a_k σ(w_k·x) in its own variables, without any of the
/// normalisations of ``SmoothEnsemble``: Runge–Kutta steps of order 5 with control of the error
/// (Dormand, Prince, J. Comput. Appl. Math. 6, 1980).
struct SmoothBruteForce {
  let activation: SmoothActivation
  let inputs: [[Double]]
  let targets: [Double]
  let alpha: Double
  let dimension: Int
  /// a_k, then the components of w_k, neuron by neuron.
  private(set) var theta: [Double]
  private let start: [Double]
  private(set) var time = 0.0

  /// - Parameters:
  ///   - inputs: with 1 at the end where there is a bias.
  ///   - a: β1 ā.
  ///   - w: β2 w̄, neuron by neuron.
  init(
    _ activation: SmoothActivation, inputs: [[Double]], targets: [Double], alpha: Double, a: [Double],
    w: [[Double]]
  ) {
    self.activation = activation
    self.inputs = inputs
    self.targets = targets
    self.alpha = alpha
    dimension = inputs[0].count
    theta = zip(a, w).flatMap { [$0] + $1 }
    start = theta
  }

  private func residual(_ theta: [Double]) -> [Double] {
    var result = targets.map { -$0 }
    for first in stride(from: 0, to: theta.count, by: dimension + 1) {
      for (i, x) in inputs.enumerated() {
        let z = x.indices.reduce(0) { $0 + x[$1] * theta[first + 1 + $1] }
        result[i] += theta[first] * activation.value(z) / alpha
      }
    }
    return result
  }

  private func rates(_ theta: [Double]) -> [Double] {
    let r = residual(theta)
    var rates = [Double](repeating: 0, count: theta.count)
    let unit = 1 / (alpha * Double(targets.count))
    for first in stride(from: 0, to: theta.count, by: dimension + 1) {
      for (i, x) in inputs.enumerated() {
        let z = x.indices.reduce(0) { $0 + x[$1] * theta[first + 1 + $1] }
        rates[first] -= unit * activation.value(z) * r[i]
        let slope = unit * theta[first] * activation.derivative(z) * r[i]
        for c in x.indices { rates[first + 1 + c] -= slope * x[c] }
      }
    }
    return rates
  }

  var meanSquaredResidual: Double {
    residual(theta).reduce(0) { $0 + $1 * $1 } / Double(targets.count)
  }

  var relativeChange: Double {
    var moved = 0.0
    var all = 0.0
    for j in theta.indices where j % (dimension + 1) != 0 {
      moved += (theta[j] - start[j]) * (theta[j] - start[j])
      all += start[j] * start[j]
    }
    return (moved / all).squareRoot()
  }

  /// Goes on to a time.
  mutating func run(to end: Double, tolerance: Double = 1e-9) {
    let nodes: [[Double]] = [
      [], [1 / 5.0], [3 / 40.0, 9 / 40.0], [44 / 45.0, -56 / 15.0, 32 / 9.0],
      [19372 / 6561.0, -25360 / 2187.0, 64448 / 6561.0, -212 / 729.0],
      [9017 / 3168.0, -355 / 33.0, 46732 / 5247.0, 49 / 176.0, -5103 / 18656.0],
      [35 / 384.0, 0, 500 / 1113.0, 125 / 192.0, -2187 / 6784.0, 11 / 84.0],
    ]
    let errors = [
      71 / 57600.0, 0, -71 / 16695.0, 71 / 1920.0, -17253 / 339200.0, 22 / 525.0, -1 / 40.0,
    ]
    var step = end * 1e-6
    let unit = (start.reduce(0) { $0 + $1 * $1 } / Double(start.count)).squareRoot()
    while time < end {
      step = min(step, end - time)
      var stages: [[Double]] = []
      var last = theta
      for row in nodes {
        last = theta
        for (weight, stage) in zip(row, stages) where weight != 0 {
          for j in last.indices { last[j] += step * weight * stage[j] }
        }
        stages.append(rates(last))
      }
      var error = 0.0
      for j in theta.indices {
        let difference = zip(errors, stages).reduce(0) { $0 + $1.0 * $1.1[j] } * step
        error = max(error, abs(difference) / (tolerance * (unit * 1e-3 + abs(last[j]))))
      }
      if error <= 1 {
        theta = last
        time = end - time <= step ? end : time + step
      }
      step *= min(4, max(0.2, 0.9 * Double.pow(max(error, 1e-9), -1 / 5.0)))
    }
  }
}

/// A small network of random samples and initial values; everything follows from the seed.
struct SmoothCase {
  let activation: SmoothActivation
  let samples: SampleSet
  let bias: Bool
  let exponents: Exponents
  let alpha: Double
  let width: Int
  let neurons: SmoothNeurons

  init(
    _ activation: SmoothActivation, gamma: Double, gammaPrime: Double, alpha: Double = 0, width: Int,
    samples: SampleSet, bias: Bool = true, seed: UInt64
  ) throws {
    self.activation = activation
    self.samples = samples
    self.bias = bias
    self.alpha = alpha
    self.width = width
    exponents = try #require(Exponents(Setting(gamma: gamma, gammaPrime: gammaPrime)))
    neurons = SmoothNeurons(width: width, dimension: samples.dimension + (bias ? 1 : 0), seed: seed)
  }

  /// y = tanh 3x + noise at n normal inputs of dimension d.
  static func samples(_ n: Int, dimension d: Int, seed: UInt64) throws -> SampleSet {
    let stream = NormalStream(seed: 1_000_003 &* seed &+ 17)
    let x = (0..<n).map { i in (0..<d).map { stream.pair(neuron: i, pair: $0).0 } }
    return try SampleSet(
      x: x, y: (0..<n).map { .tanh(3 * x[$0][0]) + 0.3 * stream.pair(neuron: $0, pair: d).1 })
  }

  var scales: SmoothScales {
    SmoothScales(activation, exponents, alpha: alpha, log10Width: .log10(Double(width)))
  }

  func ensemble(_ neurons: SmoothNeurons? = nil, tolerance: Double = 1e-3, threads: Int = 1) -> SmoothEnsemble
  {
    SmoothEnsemble(
      samples: SmoothSamples(samples, bias: bias), activation: activation, scales: scales,
      initial: neurons ?? self.neurons, tolerance: tolerance, threads: threads)
  }

  /// The flow from its start to its end.
  func train(
    _ neurons: SmoothNeurons? = nil, target: Double = 1e-6, tolerance: Double = 1e-3, maxSteps: Int = 5000,
    threads: Int = 1
  ) -> ImpulseIntegrator<SmoothEnsemble> {
    var integrator = ImpulseIntegrator(
      ensemble(neurons, tolerance: tolerance, threads: threads), tolerance: tolerance, target: target)
    while integrator.steps < maxSteps, integrator.step() == .continues {}
    return integrator
  }

  /// The same network in its own variables.
  var bruteForce: SmoothBruteForce {
    let m = Double(width)
    let beta2 = Double.pow(m, SmoothScales.beta2(exponents, alpha: alpha))
    let beta1 = beta2 * .pow(m, -exponents.gammaPrime)
    let d = neurons.inputs.count / width
    return SmoothBruteForce(
      activation, inputs: samples.x.map { $0 + (bias ? [1] : []) }, targets: samples.y,
      alpha: .pow(m, alpha), a: neurons.outputs.map { beta1 * $0 },
      w: (0..<width).map { k in (0..<d).map { beta2 * neurons.inputs[k * d + $0] } })
  }

  /// t of a normalised time: t = β1 β2 t̄.
  func time(of normalised: Double) -> Double {
    normalised * .pow(Double(width), alpha - exponents.gamma)
  }
}

extension SmoothEnsemble {
  /// (â, w) of every neuron kept, in its order: 1 + d̃ numbers each.
  var neurons: [[Double]] {
    (0..<width).map { k in [output(k)] + (0..<samples.dimension).map { input(k, $0) } }
  }
}
