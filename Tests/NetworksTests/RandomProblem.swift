import Model
import RealModule

@testable import Networks

/// A valid problem and run drawn at random, wilder than data usually are; everything follows from
/// the seed.
struct RandomProblem: CustomStringConvertible {
  let seed: Int
  let problem: Problem
  let run: Run
  let inputs: String
  let targets: String

  /// Uniform numbers in (0, 1), each a function of the seed and its index.
  private struct Uniforms {
    let stream: NormalStream

    func callAsFunction(_ index: Int) -> Double {
      (1 + Double.erf(stream.pair(neuron: index, pair: 3).0 * 0.5.squareRoot())) / 2
    }
  }

  /// - Parameters:
  ///   - samples: the largest number of samples.
  ///   - width: the largest width.
  init(seed: Int, samples maxSamples: Int = 60, width maxWidth: Int = 2000) throws {
    self.seed = seed
    let uniform = Uniforms(stream: NormalStream(seed: UInt64(50_000 + seed)))
    func logarithmic(_ index: Int, from low: Double, to high: Double) -> Double {
      low * Double.pow(high / low, uniform(index))
    }
    func choice<T>(_ index: Int, _ values: [T]) -> T { values[Int(uniform(index) * Double(values.count))] }
    let n = Int(logarithmic(0, from: 1, to: Double(maxSamples) + 0.99))
    let antisymmetric = uniform(1) < 0.3
    var width = Int(logarithmic(2, from: 1, to: Double(maxWidth) + 0.99))
    if antisymmetric { width = 2 * ((width + 1) / 2) }
    inputs = choice(3, ["normal", "equispaced", "close", "far", "shifted", "repeated"])
    targets = choice(4, ["smooth", "noise", "constant", "zero", "tiny", "huge"])
    let draws = (0..<n).map { 2 * uniform(100 + $0) - 1 }
    var x: [Double]
    switch inputs {
    case "equispaced": x = (0..<n).map { -1 + 2 * (Double($0) + 0.5) / Double(n) }
    // Pairs at distances down to 10⁻¹⁰.
    case "close":
      x = (0..<n).map { (k: Int) -> Double in
        let offset = k % 2 == 0 ? 0 : logarithmic(200 + k, from: 1e-10, to: 1e-2)
        return draws[k - k % 2] + offset
      }
    case "far": x = draws.enumerated().map { $1 * logarithmic(200 + $0, from: 1e-3, to: 1e4) }
    case "shifted": x = draws.map { 2000 + 20 * $0 }
    default: x = draws
    }
    var y: [Double]
    switch targets {
    case "noise", "tiny", "huge": y = (0..<n).map { 2 * uniform(300 + $0) - 1 }
    case "constant": y = [Double](repeating: 0.7, count: n)
    case "zero": y = [Double](repeating: 0, count: n)
    default: y = x.map { Double.sin(3 * $0) }
    }
    if targets == "tiny" { y = y.map { 1e-3 * $0 } }
    if targets == "huge" { y = y.map { 1e3 * $0 } }
    if inputs == "repeated" {
      x += x.prefix(n / 2)
      y += y.prefix(n / 2)
    }
    problem = Problem(
      try SampleSet(x: x, y: y), antisymmetric: antisymmetric,
      tolerance: logarithmic(5, from: 1e-5, to: 0.1))
    let point = Setting(gamma: 4 * uniform(6), gammaPrime: -2 + 4 * uniform(7))
    run = Run(point, width: width, seed: UInt64(seed))
  }

  var description: String {
    let data = "\(inputs) inputs, \(targets) targets, n \(problem.samples?.count ?? 0)"
    let place = "(\(run.setting.gamma), \(run.setting.gammaPrime)), m \(run.width)"
    let rest = "tolerance \(problem.tolerance), antisymmetric \(problem.isAntisymmetric)"
    return "seed \(seed): \(data), \(place), \(rest)"
  }

  /// What making it has shown.
  struct Findings {
    /// nil if the numbers of the problem are refused as too large.
    var result: RunResult?
    /// The largest rise of the loss in a step, relative to the loss before the step.
    var rise = 0.0
    /// The largest rise above the smallest loss before, relative to the loss at the start.
    var riseOfAll = 0.0
    /// A state was not finite or not possible.
    var impossible = false
    /// sup RD as it was seen from outside.
    var maxRD = 0.0
  }

  func callAsFunction(budget: Budget) throws -> Findings {
    var findings = Findings()
    var first: Double?
    var last = Double.infinity
    var smallest = Double.infinity
    do {
      findings.result = try trainOnce(run, of: problem, budget: budget) { state in
        let loss = state.meanSquaredResidual
        if first == nil { first = loss }
        let numbers = [loss, state.rd, state.time]
        if !numbers.allSatisfy({ $0.isFinite && $0 >= 0 }) { findings.impossible = true }
        if last.isFinite, loss > 0 {
          findings.rise = max(findings.rise, loss / last - 1)
          findings.riseOfAll = max(findings.riseOfAll, (loss - smallest) / (first ?? 1))
        }
        findings.maxRD = max(findings.maxRD, state.rd)
        last = loss
        smallest = min(smallest, loss)
      }.result
    } catch FlowRunError.overflow {
    }
    return findings
  }
}
