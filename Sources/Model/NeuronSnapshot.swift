/// The neurons before and after a run.
public enum NeuronSnapshot: Hashable, Sendable {
  /// Every neuron, in the order of the initial values.
  case each([Change])
  /// Histograms, for networks wider than ``widestOfEach``.
  case histograms(before: OrientationHistogram, after: OrientationHistogram)

  /// The largest width of which every neuron is kept.
  public static let widestOfEach = 10_000

  /// A neuron at one time.
  public struct Neuron: Hashable, Sendable, Codable {
    /// The angle of (w, b), atan2(b, w), in radians; 0 where both vanish.
    public var orientation: Float
    /// |ā||w̄| with the sign of a, |w̄| over weight and bias; dimensionless.
    public var amplitude: Float

    /// A neuron.
    public init(orientation: Float, amplitude: Float) {
      self.orientation = orientation
      self.amplitude = amplitude
    }
  }

  /// A neuron before and after.
  public struct Change: Hashable, Sendable, Codable {
    /// At the initial values.
    public var before: Neuron
    /// At the end.
    public var after: Neuron

    /// A change.
    public init(before: Neuron, after: Neuron) {
      self.before = before
      self.after = after
    }
  }

  /// How many neurons it tells of.
  public var width: Int {
    switch self {
    case .each(let neurons): neurons.count
    case .histograms(let before, _): Int(before.total)
    }
  }

  /// The compact form, lowest byte first. Of every neuron: a row of four single-precision numbers, orientation and
  /// amplitude before, then after. Of histograms: doubles of the shape (2, 2, 2, 360), before and after × a < 0 and
  /// a ≥ 0 × counts and summed amplitudes × bins.
  public var bytes: [UInt8] {
    switch self {
    case .each(let neurons):
      return Float.bytes(
        of: neurons.flatMap {
          [$0.before.orientation, $0.before.amplitude, $0.after.orientation, $0.after.amplitude]
        })
    case .histograms(let before, let after):
      return Double.bytes(of: before.values + after.values)
    }
  }

  /// Reads the compact form of every neuron; nil if it cannot be that: of another length than whole rows, or with a number
  /// that is not finite.
  public init?(bytesOfEach bytes: [UInt8]) {
    let values = Float.values(in: bytes)
    guard bytes.count % 16 == 0, values.allSatisfy(\.isFinite) else { return nil }
    self = .each(
      stride(from: 0, to: values.count, by: 4).map {
        Change(
          before: Neuron(orientation: values[$0], amplitude: values[$0 + 1]),
          after: Neuron(orientation: values[$0 + 2], amplitude: values[$0 + 3]))
      })
  }

  /// Reads the compact form of histograms; nil if it cannot be that: of another length, or with a number that is negative or
  /// not finite, or as many neurons after as before are not there.
  public init?(bytesOfHistograms bytes: [UInt8]) {
    let values = Double.values(in: bytes)
    let half = 4 * OrientationHistogram.bins
    guard bytes.count == 16 * half, values.allSatisfy({ $0 >= 0 && $0.isFinite }) else { return nil }
    let before = OrientationHistogram(values: values[..<half])
    let after = OrientationHistogram(values: values[half...])
    guard before.total == after.total, before.total <= 1e15 else { return nil }
    self = .histograms(before: before, after: after)
  }
}

/// How many neurons, and how much amplitude, lie in each bin of 1° of the angle of (w, b), by the sign of a.
public struct OrientationHistogram: Hashable, Sendable {
  /// The neurons of one sign of a.
  public struct Side: Hashable, Sendable {
    /// How many there are in each bin.
    public var count = [Double](repeating: 0, count: OrientationHistogram.bins)
    /// Σ |ā||w̄| in each bin, dimensionless.
    public var amplitude = [Double](repeating: 0, count: OrientationHistogram.bins)
  }

  /// How many bins there are; bin i holds the angles from i − 180 to i − 179 degrees. Neurons with w = b = 0
  /// are in the bin of the angle 0.
  public static let bins = 360

  /// The neurons with a < 0.
  public var negative = Side()
  /// The neurons with a ≥ 0.
  public var positive = Side()

  /// An empty histogram.
  public init() {}

  /// Adds a neuron.
  ///
  /// - Parameters:
  ///   - bin: 0 … 359.
  ///   - amplitude: |ā||w̄| with the sign of a.
  public mutating func add(bin: Int, amplitude: Double) {
    if amplitude < 0 {
      negative.count[bin] += 1
      negative.amplitude[bin] -= amplitude
    } else {
      positive.count[bin] += 1
      positive.amplitude[bin] += amplitude
    }
  }

  /// The number of neurons.
  public var total: Double { negative.count.reduce(0, +) + positive.count.reduce(0, +) }

  fileprivate var values: [Double] {
    negative.count + negative.amplitude + positive.count + positive.amplitude
  }

  fileprivate init(values: ArraySlice<Double>) {
    func part(_ i: Int) -> [Double] { Array(values.dropFirst(i * Self.bins).prefix(Self.bins)) }
    negative = Side(count: part(0), amplitude: part(1))
    positive = Side(count: part(2), amplitude: part(3))
  }
}
