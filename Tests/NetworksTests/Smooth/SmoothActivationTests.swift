import RealModule
import Testing

@testable import Networks

/// The activations as the kernels compute them.
struct SmoothActivationTests {
  /// Numbers of either sign, from tiny to beyond where everything is saturated.
  private static let arguments: [Double] = {
    let stream = NormalStream(seed: 5)
    let near = (0..<400).map { 3 * stream.pair(neuron: $0, pair: 0).0 }
    let all = (0..<400).map { k in
      let (sign, size) = stream.pair(neuron: k, pair: 1)
      return (sign < 0 ? -1.0 : 1) * .exp10(-12 + 14 * (1 + .erf(size)) / 2)
    }
    return near + all + [0, 30, -30]
  }()

  /// σ(u) and σ'(u) to some units in the last place of what they are made of.
  @Test(arguments: SmoothActivation.all)
  func isWhatItSays(activation: SmoothActivation) {
    for scale in [1.0, 0.25, 0x1p-30, 0x1p20] {
      let arguments = Self.arguments.map { $0 / scale }.filter { abs($0 * scale) < 36 }
      let (values, derivatives) = activation.scaled(arguments, by: scale)
      let unit = Double.pow(scale, -Double(activation.multiplicity))
      for (z, (value, derivative)) in zip(arguments, zip(values, derivatives)) {
        let u = z * scale
        // Far down its tail, the rounding of u alone changes σ by more.
        let tail = activation == .gelu && u < 0 ? 1 + u * u : 1
        let expected = (activation.value(u) - activation.valueAtZero) * unit
        let loss = activation.valueAtZero * unit
        #expect(
          abs(value - expected) <= 4e-15 * tail * abs(expected) + 4e-16 * loss + 1e-300,
          "\(activation.name) at \(u), scale \(scale): \(value), not \(expected)")
        let slope = activation.derivative(u) * unit * scale
        #expect(
          abs(derivative - slope) <= 1e-14 * tail * abs(slope) + 1e-16 * (1 + abs(u)) * unit * scale,
          "\(activation.name)' at \(u), scale \(scale): \(derivative), not \(slope)")
      }
    }
  }

  /// Derivatives are those of the values.
  @Test(arguments: SmoothActivation.all)
  func derivativesAreDifferences(activation: SmoothActivation) {
    let z = Self.arguments.filter { abs($0) < 8 }
    let h = 1e-5
    let slopes = activation.scaled(z, by: 1).derivatives
    let above = activation.scaled(z.map { $0 + h }, by: 1).values
    let below = activation.scaled(z.map { $0 - h }, by: 1).values
    for i in z.indices {
      #expect(abs((above[i] - below[i]) / (2 * h) - slopes[i]) < 1e-7, "\(activation.name) at \(z[i])")
    }
  }

  /// For s → 0, g becomes homogeneous of degree p, down to scales that double precision cannot
  /// square.
  @Test(arguments: SmoothActivation.all)
  func isHomogeneousInTheLimit(activation: SmoothActivation) {
    let z = [-3.0, -1, 0.5, 2]
    let limit = activation.scaled([1], by: 1e-120).values[0]
    #expect(abs(limit) > 0.1)
    for scale in [1e-9, 1e-80, SmoothActivation.minScale] {
      let (values, derivatives) = activation.scaled(z, by: scale)
      let p = Double(activation.multiplicity)
      for i in z.indices {
        let power = limit * Double.pow(abs(z[i]), p) * (z[i] < 0 && activation.multiplicity % 2 == 1 ? -1 : 1)
        #expect(abs(values[i] - power) < 1e-8 * abs(power))
        #expect(abs(derivatives[i] * z[i] - p * power) < 1e-8 * abs(power))
      }
    }
  }

  @Test(arguments: SmoothActivation.all)
  func hasItsParity(activation: SmoothActivation) {
    let z = Self.arguments
    let there = activation.scaled(z, by: 1).values
    let back = activation.scaled(z.map { -$0 }, by: 1).values
    switch activation.parity {
    case .odd: #expect(zip(there, back).allSatisfy { $0 == -$1 })
    case .even: #expect(zip(there, back).allSatisfy { $0 == $1 })
    case .none: #expect(zip(there, back).contains { abs(abs($0) - abs($1)) > 0.1 })
    }
  }

  /// Overflow ends where σ does, and what is no number stays none.
  @Test(arguments: SmoothActivation.all)
  func isSafeAtTheEnds(activation: SmoothActivation) {
    let (values, derivatives) = activation.scaled([1e5, -1e5, .nan, 0], by: 1)
    for i in 0..<2 {
      #expect(values[i].isFinite && derivatives[i].isFinite)
      let u = i == 0 ? 1e5 : -1e5
      let expected = activation.value(u) - activation.valueAtZero
      #expect(abs(values[i] - expected) <= 1e-14 * abs(expected) + 1e-290)
    }
    #expect(values[2].isNaN && (derivatives[2].isNaN || activation == .linear))
    #expect(values[3] == 0)
  }

  @Test func namesAreUnique() {
    #expect(Set(SmoothActivation.all.map(\.name)).count == SmoothActivation.all.count)
    for activation in SmoothActivation.all { #expect(SmoothActivation(named: activation.name) == activation) }
    #expect(SmoothActivation(named: "relu") == nil)
  }
}
