import RealModule

/// How many orientations carry a network.
public enum OrientationCount {
  /// The share of the amplitude that the orientations which are counted carry.
  public static let countedShare = 0.99

  /// The least number of orientations that together carry 99 % of the amplitude.
  ///
  /// - Parameter amplitudes: Σ |ā||w̄| over the neurons of each orientation, at least 0.
  public static func min(carrying amplitudes: [Double]) -> Int {
    let descending = amplitudes.sorted(by: >)
    var missing = countedShare * descending.reduce(0, +)
    var count = 0
    for amplitude in descending where missing > 0 {
      missing -= amplitude
      count += 1
    }
    return count
  }
}

extension NeuronSnapshot {
  /// The number of orientations after the run, by bins of 1° of the angle of (w, b), without the
  /// neurons that are active on no sample. (Those that slide on a ray are not told from the others
  /// here.)
  ///
  /// - Parameter samples: those of the problem; with inputs of more than one dimension every neuron
  ///   counts.
  public func orientationsAfter(_ samples: SampleSet) -> Int {
    let inputs = samples.dimension == 1 ? samples.x.compactMap(\.first) : []
    func isDead(_ angle: Double) -> Bool {
      guard let low = inputs.min(), let high = inputs.max() else { return false }
      // Active anywhere means active at one of the ends.
      let (w, b) = (Double.cos(angle), Double.sin(angle))
      return Swift.max(w * low + b, w * high + b) <= 0
    }
    var amplitudes = [Double](repeating: 0, count: OrientationHistogram.bins)
    switch self {
    case .each(let neurons):
      for neuron in neurons.map(\.after) where !isDead(Double(neuron.orientation)) {
        let degrees = Double(neuron.orientation) * 180 / .pi
        let bin = min(max(Int((degrees + 180).rounded(.down)), 0), amplitudes.count - 1)
        amplitudes[bin] += Double(neuron.amplitude).magnitude
      }
    case .histograms(_, let after):
      for bin in amplitudes.indices where !isDead((Double(bin) - 179.5) * .pi / 180) {
        amplitudes[bin] = after.negative.amplitude[bin] + after.positive.amplitude[bin]
      }
    }
    return OrientationCount.min(carrying: amplitudes)
  }
}
