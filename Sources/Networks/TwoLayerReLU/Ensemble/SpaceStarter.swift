import Model
import RealModule
import VectorKernels

/// Initial values of neurons with inputs in ℝᵈ.
struct SpaceWeights: Sendable {
  /// ā and w̄, by the coordinates of the inputs or by those of their span.
  var source: InitialWeightSource
  /// Whether w̄ is in the basis ``SpaceSamples/basis``: then what is orthogonal to it is left out.
  var isInSpan = false
  /// ‖θ_w(0)‖² where it is not Σ |w|².
  var initialSquared: Double?
  /// f̃(0) to be taken for that of the neurons, n values; nil: that of the neurons.
  var initialFunction: [Double]?
}

/// What does not move of neurons, and what observers need of it: |w|², and the components of w
/// along the two directions of ``NeuronView``, at the start.
final class InitialViews {
  /// Three numbers a neuron.
  let numbers: RowMemory<Double>

  /// For so many neurons.
  init(width: Int) { numbers = RowMemory(count: 3 * width) }
}

/// Makes the initial states of neurons.
struct SpaceStarter {
  private let weights: SpaceWeights
  private let scales: WidthScales
  /// The samples by columns: a row for each input weight.
  private let columns: RowMemory<Double>
  private let stride: Int
  private let words: Int
  private let count: Int
  private let directions: [[Double]]

  init(_ weights: SpaceWeights, _ scales: WidthScales, _ samples: SpaceSamples) {
    self.weights = weights
    self.scales = scales
    (stride, words, count) = (samples.stride, samples.words, samples.count)
    let rows = weights.isInSpan ? samples.coordinates : samples.input
    columns = RowMemory(
      rows: (0..<weights.source.inputs).map { j in rows.map { $0[j] } }, length: samples.stride)
    directions = samples.directions.map { direction in
      weights.isInSpan ? samples.basis.map { SpaceSamples.product(direction, $0) } : direction
    }
  }

  /// Writes the states of some neurons.
  ///
  /// - Returns: Σ |w|².
  func write(_ range: Range<Int>, to neurons: NeuronRows, _ views: InitialViews) -> Double {
    let inputs = weights.source.inputs
    var sum = 0.0
    withUnsafeTemporaryAllocation(of: Double.self, capacity: max(1, inputs)) { w in
      guard let first = w.baseAddress else { return }
      for k in range {
        neurons.a.start[k] = scales.kappaPrime * weights.source.write(k, w)
        for j in 0..<inputs { w[j] *= scales.inputUnit }
        let z = neurons.z.start + k * stride
        combine_space_rows(first, inputs, columns.start, stride, z)
        for i in 0..<count where z[i] > 0 {
          neurons.active.start[k * words + i / 64] |= 1 << UInt64(i % 64)
        }
        var view = (square: 0.0, diagonal: 0.0, target: 0.0)
        for j in 0..<inputs {
          view.square += w[j] * w[j]
          view.diagonal += w[j] * directions[0][j]
          view.target += w[j] * directions[1][j]
        }
        sum += view.square
        (views.numbers.start[3 * k], views.numbers.start[3 * k + 1]) = (view.square, view.diagonal)
        views.numbers.start[3 * k + 2] = view.target
      }
    }
    return sum
  }
}

extension SpaceSamples {
  /// The unit vectors of the directions of ``NeuronView``: (1, …, 1)/√d̃ and that of Σ y_i x̃_i,
  /// which is zero if the sum is.
  var directions: [[Double]] {
    let diagonal = [Double](repeating: 1 / Double(inputCount).squareRoot(), count: inputCount)
    var sum = [Double](repeating: 0, count: inputCount)
    for (x, y) in zip(input, target) { for j in sum.indices { sum[j] += y * x[j] } }
    let norm = Self.product(sum, sum).squareRoot()
    return [diagonal, norm > 0 ? sum.map { $0 / norm } : sum]
  }
}
