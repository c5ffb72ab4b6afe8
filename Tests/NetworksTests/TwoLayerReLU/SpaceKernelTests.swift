import Testing
import VectorKernels

@testable import Networks

/// The vector kernels of neurons in ℝᵈ against plain loops.
@Suite struct SpaceKernelTests {
  /// Bit by bit: products are not fused with sums, on no machine.
  @Test(arguments: [1, 8, 9, 70]) func rowsAreCombinedWithoutFusing(columns: Int) {
    let stream = NormalStream(seed: 3)
    let stride = (columns + 7) / 8 * 8
    let factors = (0..<13).map { stream.pair(neuron: $0, pair: 0).0 }
    let rows = (0..<13).map { i in (0..<columns).map { stream.pair(neuron: i, pair: 1 + $0).0 } }
    let matrix = RowMemory(rows: rows, length: stride)
    let result = RowMemory<Double>(roomFor: stride)
    combine_space_rows(factors, 13, matrix.start, stride, result.start)
    for j in 0..<columns {
      var sum = 0.0
      for i in 0..<13 { sum += factors[i] * rows[i][j] }
      #expect(result.start[j] == sum)
    }
  }
}
