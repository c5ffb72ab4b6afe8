import VectorKernels

/// A straight impulse as neurons with inputs in ℝᵈ feel it.
final class SpaceField {
  /// q, padded to a row.
  private let q: RowMemory<Double>
  /// What every sample adds to x̃_j·u if it is active, and to u.
  private let columns: RowMemory<Double>
  private let drives: RowMemory<Double>
  private let size: Double

  /// What an impulse does.
  init(_ impulse: [Double], _ samples: SpaceSamples) {
    q = RowMemory(rows: [impulse], length: samples.stride)
    columns = RowMemory(count: samples.count * samples.stride)
    drives = RowMemory(count: samples.count * samples.rankStride)
    var size = 0.0
    for (i, q) in impulse.enumerated() {
      size += abs(q) * samples.norm.start[i]
      for j in i * samples.stride..<(i + 1) * samples.stride { columns.start[j] = -q * samples.gram.start[j] }
      for j in i * samples.rankStride..<(i + 1) * samples.rankStride {
        drives.start[j] = -q * samples.factor.start[j]
      }
    }
    self.size = size
  }

  /// As the kernels see it; what it points to lives as long as the field.
  var view: SpaceImpulse {
    SpaceImpulse(q: q.start, columns: columns.start, drives: drives.start, size: size)
  }
}
