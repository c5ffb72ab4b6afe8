import Model
import RealModule

/// Measures the condensation of the neurons of a run where it is asked for, and keeps what has to
/// be known of the start for it.
struct CondensationRecorder {
  private let measures: [(name: String, measure: CondensationMeasure)]
  /// K(0), n × n; empty where it is not needed.
  private var kernelBefore: [Double] = []
  /// The signs of w·x̃_i at the start, a bit for each pair of neuron and sample; empty where they
  /// are not needed.
  private var patternBefore: [UInt64] = []
  /// |θ̄(0)|² of nodes that stand for many neurons, in proportion to whose number it is; empty
  /// where all stand for one, or it is not needed.
  private var squaresBefore: [Double] = []

  /// The names of what is measured, ascending.
  var names: [String] { measures.map(\.name) }

  /// For a run that is about to start.
  init<Neurons: CondensingNeurons>(_ record: RecordNames, _ neurons: @autoclosure () -> Neurons) {
    measures = CondensationMeasure.all(in: record)
    guard !measures.isEmpty else { return }
    let neurons = neurons()
    let all = measures.map(\.measure)
    if all.contains(.kernelDistance) { kernelBefore = neurons.normalisedKernel() }
    if all.contains(.patternChange) { patternBefore = Self.pattern(neurons) }
    if neurons.gathersNeurons, all.contains(where: { $0.needsFeatures || $0 == .patternChange }) {
      var squares = [Double](repeating: 0, count: neurons.neuronCount)
      neurons.forEachState { k, state in
        squares[k] = state.input.reduce(state.output * state.output) { $0 + $1 * $1 }
      }
      let largest = squares.max() ?? 0
      squaresBefore = squares.map { $0 / largest }
    }
  }

  // MARK: Measuring

  /// What was asked for, in the order of ``names``.
  func values(of neurons: @autoclosure () -> some CondensingNeurons) -> [Double] {
    guard !measures.isEmpty else { return [] }
    let neurons = neurons()
    let all = measures.map(\.measure)
    let kernel = all.contains(where: \.needsKernel) ? neurons.normalisedKernel() : []
    let spectrum = all.contains(where: \.needsFeatures) ? spectrum(neurons) : FeatureSpectrum([0], n: 1)
    return all.map { measure in
      let value =
        switch measure {
        case .clusters(let cosine, let share): Self.clusters(neurons, cosine, share)
        case .effectiveRank: spectrum.effectiveRank
        case .epsilonRank(let epsilon): Double(spectrum.rank(above: epsilon))
        case .kernelDistance: KernelComparison.distance(kernel, kernelBefore)
        case .kernelAlignment: KernelComparison.alignment(kernel, neurons.shareTargets)
        case .patternChange: patternChange(neurons)
        case .alignment: Self.alignment(neurons)
        case .sharpness: SymmetricEigen(kernel, n: neurons.sampleCount).values.max() ?? 0
        }
      return value.isFinite ? value : .greatestFiniteMagnitude
    }
  }

  /// The quantities of a result.
  func quantities(of neurons: @autoclosure () -> some CondensingNeurons) -> NamedNumbers {
    guard !measures.isEmpty else { return .none }
    return NamedNumbers(zip(names, values(of: neurons())).map { (name: $0, value: $1) })
  }

  private static func clusters(_ neurons: some CondensingNeurons, _ cosine: Double, _ share: Double) -> Double
  {
    let d = neurons.inputCount
    var inputs = [Double](repeating: 0, count: neurons.neuronCount * d)
    var amplitudes = [Double](repeating: 0, count: neurons.neuronCount)
    neurons.forEachState { k, state in
      var square = 0.0
      for c in 0..<d {
        inputs[k * d + c] = state.input[c]
        square += state.input[c] * state.input[c]
      }
      amplitudes[k] = state.multiplicity * abs(state.output) * square.squareRoot()
    }
    let cover = OrientationCover(cosine: cosine, share: share, joinsOpposites: neurons.hasOpposites)
    return Double(cover.count(inputs: inputs, dimension: d, amplitudes: amplitudes))
  }

  private func spectrum(_ neurons: some CondensingNeurons) -> FeatureSpectrum {
    let n = neurons.sampleCount
    // a σ of N neurons of one direction, each with the share 1/N of the square, is 1/N of that of
    // their node; the squares of N such add up to 1/N of its square.
    func factor(_ k: Int, _ state: CondensationState) -> Double {
      let number =
        squaresBefore.isEmpty ? state.multiplicity : squaresBefore[k] > 0 ? 1 / squaresBefore[k] : 0
      return number.squareRoot() * abs(state.output)
    }
    var largest = 0.0
    neurons.forEachState { k, state in
      let factor = factor(k, state)
      for i in 0..<n { largest = max(largest, factor * abs(state.features[i])) }
    }
    var matrix = [Double](repeating: 0, count: n * n)
    guard largest > 0, largest.isFinite else { return FeatureSpectrum(matrix, n: n) }
    var row = [Double](repeating: 0, count: n)
    matrix.withUnsafeMutableBufferPointer { matrix in
      row.withUnsafeMutableBufferPointer { row in
        neurons.forEachState { k, state in
          let factor = factor(k, state) / largest
          for i in 0..<n { row[i] = factor * state.features[i] }
          for i in 0..<n where row[i] != 0 {
            let value = row[i]
            for j in i..<n { matrix[i * n + j] += value * row[j] }
          }
        }
        for i in 0..<n {
          for j in 0..<i { matrix[i * n + j] = matrix[j * n + i] }
        }
      }
    }
    return FeatureSpectrum(matrix, n: n)
  }

  private static func alignment(_ neurons: some CondensingNeurons) -> Double {
    let direction = neurons.growthDirection
    var (along, all) = (0.0, 0.0)
    neurons.forEachState { _, state in
      var (product, square) = (0.0, 0.0)
      for c in direction.indices {
        product += state.input[c] * direction[c]
        square += state.input[c] * state.input[c]
      }
      along += state.multiplicity * product * product
      all += state.multiplicity * square
    }
    return all > 0 ? min(1, along / all) : 0
  }

  private static func pattern(_ neurons: some CondensingNeurons) -> [UInt64] {
    let n = neurons.sampleCount
    let words = (n + 63) / 64
    var result = [UInt64](repeating: 0, count: neurons.neuronCount * words)
    neurons.forEachState { k, state in
      for i in 0..<n where state.products[i] > 0 { result[k * words + i / 64] |= 1 << UInt64(i % 64) }
    }
    return result
  }

  private func patternChange(_ neurons: some CondensingNeurons) -> Double {
    let now = Self.pattern(neurons)
    let (n, words) = (neurons.sampleCount, (neurons.sampleCount + 63) / 64)
    var numbers = squaresBefore
    if numbers.isEmpty {
      numbers = [Double](repeating: 1, count: neurons.neuronCount)
      neurons.forEachState { numbers[$0] = $1.multiplicity }
    }
    var (changed, all) = (0.0, 0.0)
    for k in numbers.indices {
      var bits = 0
      for word in k * words..<(k + 1) * words where word < patternBefore.count {
        bits += (now[word] ^ patternBefore[word]).nonzeroBitCount
      }
      changed += numbers[k] * Double(bits)
      all += numbers[k] * Double(n)
    }
    return all > 0 ? changed / all : 0
  }

  // MARK: Checkpoints

  func save(to writer: inout CheckpointWriter) throws {
    guard !measures.isEmpty else { return }
    for numbers in [kernelBefore, squaresBefore] {
      try writer.write(numbers.count)
      for number in numbers { try writer.write(number) }
    }
    try writer.write(patternBefore.count)
    for word in patternBefore { try writer.write(word) }
  }

  /// What ``save(to:)`` wrote.
  init(_ record: RecordNames, from reader: inout CheckpointReader) throws {
    measures = CondensationMeasure.all(in: record)
    guard !measures.isEmpty else { return }
    for _ in 0..<(try reader.int(in: 0...Int.max)) { kernelBefore.append(try reader.double()) }
    for _ in 0..<(try reader.int(in: 0...Int.max)) { squaresBefore.append(try reader.double()) }
    for _ in 0..<(try reader.int(in: 0...Int.max)) { patternBefore.append(try reader.word()) }
  }
}
