/// The neurons before and after a run.
public enum NeuronSnapshot: Hashable, Sendable {
  /// Every neuron, in the order of the initial values.
  case each([Change])
  /// Histograms, for networks wider than ``maxWidthOfEach``.
  case histograms(before: OrientationHistogram, after: OrientationHistogram)

  /// The largest width of which every neuron is kept.
  public static let maxWidthOfEach = 10_000

  /// A neuron at one time.
  public struct Neuron: Hashable, Sendable, Codable {
    /// The angle of (w, b), atan2(b, w), in radians; 0 where both vanish. With several inputs: π
    /// times the cosine of w and a direction (``NeuronCosines``).
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

  /// The names of the arrays that hold it.
  public static let nameOfEach = "neurons", nameOfHistograms = "neurons_histograms"

  private static let columns: [NumericArray.Field] = [
    .init("orientation_before", .float32), .init("amplitude_before", .float32),
    .init("orientation_after", .float32), .init("amplitude_after", .float32),
  ]

  /// The arrays. Of every neuron: a table of single-precision numbers, orientation and amplitude
  /// before, then after. Of histograms: doubles of the shape (2, 2, 2, 360), before and after × a <
  /// 0 and a ≥ 0 × counts and summed amplitudes × bins.
  public var arrays: RecordedArrays {
    switch self {
    case .each(let neurons):
      let rows = neurons.lazy.map { change in
        [
          change.before.orientation, change.before.amplitude, change.after.orientation,
          change.after.amplitude,
        ].map { Double($0) }
      }
      return [Self.nameOfEach: NumericArray(columns: Self.columns, rows: rows)]
    case .histograms(let before, let after):
      let shape = [2, 2, 2, OrientationHistogram.bins]
      return [Self.nameOfHistograms: NumericArray(before.values + after.values, shape: shape)]
    }
  }

  /// Reads ``arrays``, or those of ``NeuronCosines`` along the diagonal; nil if they hold none:
  /// there is no array of either name, it has
  /// another shape, a number is not finite, or histograms have negative numbers or other numbers of
  /// neurons before than after.
  public init?(_ arrays: RecordedArrays) {
    if Self.hasCosines(arrays) {
      self.init(arrays, along: .diagonal)
      return
    }
    if let array = arrays[Self.nameOfEach] {
      guard array.fields.map(\.name) == Self.columns.map(\.name), array.shape.count == 1 else { return nil }
      let values = array.values.map { Float($0) }
      guard values.allSatisfy(\.isFinite) else { return nil }
      self = .each(
        stride(from: 0, to: values.count, by: 4).map {
          Change(
            before: Neuron(orientation: values[$0], amplitude: values[$0 + 1]),
            after: Neuron(orientation: values[$0 + 2], amplitude: values[$0 + 3]))
        })
      return
    }
    guard let array = arrays[Self.nameOfHistograms], array.fields.count == 1,
      array.shape == [2, 2, 2, OrientationHistogram.bins]
    else { return nil }
    let values = array.values
    guard values.allSatisfy({ $0 >= 0 && $0.isFinite }) else { return nil }
    let before = OrientationHistogram(values: values[..<(values.count / 2)])
    let after = OrientationHistogram(values: values[(values.count / 2)...])
    guard before.total == after.total, before.total <= 1e15 else { return nil }
    self = .histograms(before: before, after: after)
  }
}

/// How many neurons, and how much amplitude, lie in each bin of 1° of the angle of (w, b), by the
/// sign of a.
public struct OrientationHistogram: Hashable, Sendable {
  /// The neurons of one sign of a.
  public struct Side: Hashable, Sendable {
    /// How many there are in each bin.
    public var count = [Double](repeating: 0, count: OrientationHistogram.bins)
    /// Σ |ā||w̄| in each bin, dimensionless.
    public var amplitude = [Double](repeating: 0, count: OrientationHistogram.bins)
  }

  /// How many bins there are; bin i holds the angles from i − 180 to i − 179 degrees. Neurons with
  /// w = b = 0 are in the bin of the angle 0.
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

  var values: [Double] {
    negative.count + negative.amplitude + positive.count + positive.amplitude
  }

  init(values: ArraySlice<Double>) {
    func part(_ i: Int) -> [Double] { Array(values.dropFirst(i * Self.bins).prefix(Self.bins)) }
    negative = Side(count: part(0), amplitude: part(1))
    positive = Side(count: part(2), amplitude: part(3))
  }
}
