/// The neurons of a network with several inputs before and after a run, as a snapshot records
/// them: where their input weights point, by the cosine with two directions.
///
/// The cosines are with the diagonal (1, …, 1) of the input weights, the bias among them, and with
/// ẑ, the direction of Σ_i y_i x̃_i along which small neurons grow.
public struct NeuronCosines: Sendable {
  /// A direction with which cosines are taken.
  public enum Direction: String, CaseIterable, Sendable {
    /// (1, …, 1)/√d̃.
    case diagonal
    /// Σ_i y_i x̃_i over its norm.
    case target
  }

  /// A neuron at one time.
  public struct Neuron: Hashable, Sendable {
    /// w̄·e / |w̄| for each direction, in −1 … 1; 0 where w̄ vanishes.
    public var cosines: [Float]
    /// |ā||w̄| with the sign of a, dimensionless.
    public var amplitude: Float

    /// A neuron.
    ///
    /// - Parameter cosines: in the order of ``Direction``.
    public init(cosines: [Float], amplitude: Float) {
      self.cosines = cosines
      self.amplitude = amplitude
    }
  }

  /// The columns of the table: for each direction and then the amplitude, before, and after.
  static var columns: [NumericArray.Field] {
    ["before", "after"].flatMap { time in
      (Direction.allCases.map { "\($0.rawValue)_\(time)" } + ["amplitude_\(time)"])
        .map { NumericArray.Field($0, .float32) }
    }
  }

  /// The arrays of a snapshot: a table of single-precision numbers, cosines and amplitude of every
  /// neuron before and after.
  ///
  /// - Parameters:
  ///   - before: the neurons at their initial values.
  ///   - after: the same at the end.
  public static func arrays(before: [Neuron], after: [Neuron]) -> RecordedArrays {
    let rows = zip(before, after).lazy.map { pair in
      [pair.0, pair.1].flatMap { $0.cosines.map { Double($0) } + [Double($0.amplitude)] }
    }
    return [NeuronSnapshot.nameOfEach: NumericArray(columns: columns, rows: rows)]
  }

  /// Reads the table of ``arrays(before:after:)-([Neuron],_)``; nil if it is none.
  public static func neurons(_ arrays: RecordedArrays) -> (before: [Neuron], after: [Neuron])? {
    guard let array = arrays[NeuronSnapshot.nameOfEach], array.shape.count == 1,
      array.fields.map(\.name) == columns.map(\.name)
    else { return nil }
    let values = array.values.map { Float($0) }
    guard values.allSatisfy(\.isFinite) else { return nil }
    let side = Direction.allCases.count + 1
    func neuron(_ start: Int) -> Neuron {
      Neuron(cosines: Array(values[start..<start + side - 1]), amplitude: values[start + side - 1])
    }
    let starts = stride(from: 0, to: values.count, by: 2 * side)
    return (starts.map { neuron($0) }, starts.map { neuron($0 + side) })
  }

  /// The arrays of histograms, for networks wider than ``NeuronSnapshot/maxWidthOfEach``: doubles
  /// of
  /// the shape (2, 2, 2, 2, 360), directions × before and after × a < 0 and a ≥ 0 × counts and
  /// summed
  /// amplitudes × bins of equal width from −1 to 1.
  public static func arrays(
    before: [OrientationHistogram], after: [OrientationHistogram]
  ) -> RecordedArrays {
    let values = zip(before, after).flatMap { $0.values + $1.values }
    let shape = [Direction.allCases.count, 2, 2, 2, OrientationHistogram.bins]
    return [NeuronSnapshot.nameOfHistograms: NumericArray(values, shape: shape)]
  }

  /// The bin of ``OrientationHistogram`` for a cosine.
  public static func bin(_ cosine: Double) -> Int {
    let bins = Double(OrientationHistogram.bins)
    let bin = ((cosine + 1) / 2 * bins).rounded(.down)
    return bin.isFinite ? Int(Swift.min(Swift.max(bin, 0), bins - 1)) : OrientationHistogram.bins / 2
  }
}

extension NeuronSnapshot {
  /// Whether arrays tell of neurons by cosines.
  public static func hasCosines(_ arrays: RecordedArrays) -> Bool {
    if let array = arrays[nameOfEach] { return array.fields.map(\.name) == NeuronCosines.columns.map(\.name) }
    return arrays[nameOfHistograms]?.shape.count == 5
  }

  /// Reads the arrays of ``NeuronCosines``; a neuron's orientation is then π times its cosine with
  /// a
  /// direction. Nil if they hold no such snapshot.
  public init?(_ arrays: RecordedArrays, along direction: NeuronCosines.Direction) {
    guard Self.hasCosines(arrays), let index = NeuronCosines.Direction.allCases.firstIndex(of: direction)
    else { return nil }
    if arrays[Self.nameOfEach] != nil {
      guard let (before, after) = NeuronCosines.neurons(arrays) else { return nil }
      func neuron(_ neuron: NeuronCosines.Neuron) -> Neuron {
        Neuron(orientation: .pi * neuron.cosines[index], amplitude: neuron.amplitude)
      }
      self = .each(zip(before, after).map { Change(before: neuron($0), after: neuron($1)) })
      return
    }
    let directions = NeuronCosines.Direction.allCases.count
    guard let array = arrays[Self.nameOfHistograms], array.fields.count == 1,
      array.shape == [directions, 2, 2, 2, OrientationHistogram.bins]
    else { return nil }
    let all = array.values
    let each = all.count / directions
    let values = all[index * each..<(index + 1) * each]
    guard values.allSatisfy({ $0 >= 0 && $0.isFinite }) else { return nil }
    let before = OrientationHistogram(values: ArraySlice(Array(values.prefix(each / 2))))
    let after = OrientationHistogram(values: ArraySlice(Array(values.suffix(each / 2))))
    guard before.total == after.total, before.total <= 1e15 else { return nil }
    self = .histograms(before: before, after: after)
  }
}
