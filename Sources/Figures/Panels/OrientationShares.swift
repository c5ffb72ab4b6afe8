import Model

/// How the amplitude of a network's neurons is spread over the orientations, by degrees from −180.
struct OrientationShares {
  /// The share of each degree in Σ |ā||w̄|; all 0 if there is none.
  let shares: [Double]
  /// The mean amplitude of the neurons in each degree; nil where there are none.
  let means: [Double?]

  init(counts: [Double], amplitudes: [Double]) {
    let all = amplitudes.reduce(0, +)
    shares = all > 0 && all.isFinite ? amplitudes.map { $0 / all } : amplitudes.map { _ in 0 }
    means = zip(counts, amplitudes).map { $0 > 0 ? $1 / $0 : nil }
  }

  init(_ histogram: OrientationHistogram) {
    func sum(_ a: [Double], _ b: [Double]) -> [Double] { zip(a, b).map { $0 + $1 } }
    self.init(
      counts: sum(histogram.negative.count, histogram.positive.count),
      amplitudes: sum(histogram.negative.amplitude, histogram.positive.amplitude))
  }

  init(_ neurons: some Sequence<NeuronSnapshot.Neuron>) {
    var counts = [Double](repeating: 0, count: OrientationHistogram.bins)
    var amplitudes = counts
    for neuron in neurons {
      let bin = Self.bin(Double(neuron.orientation))
      counts[bin] += 1
      amplitudes[bin] += Double(neuron.amplitude.magnitude)
    }
    self.init(counts: counts, amplitudes: amplitudes)
  }

  /// The degree of an angle in radians.
  private static func bin(_ angle: Double) -> Int {
    let degree = (angle * 180 / .pi).rounded(.down)
    return degree.isFinite ? min(max(Int(degree) + 180, 0), OrientationHistogram.bins - 1) : 180
  }

  /// The least number of degrees that together carry 99 % of the amplitude; 0 if there is none.
  var orientations: Int { OrientationCount.min(carrying: shares) }
}

extension NeuronSnapshot {
  /// How the amplitude is spread before and after.
  var amplitudes: (before: OrientationShares, after: OrientationShares) {
    switch self {
    case .each(let neurons):
      (OrientationShares(neurons.lazy.map(\.before)), OrientationShares(neurons.lazy.map(\.after)))
    case .histograms(let before, let after): (OrientationShares(before), OrientationShares(after))
    }
  }
}
