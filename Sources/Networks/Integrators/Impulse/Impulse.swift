/// q = ∫ r̃ dτ over a piece of a step, or a part of one.
public struct Impulse: Sendable {
  /// q; n numbers, each right to rounding beside the largest.
  public var samples: [Double]
  /// Bᵀq with the factor B of the kernel (``ResidualDriven/kernelFactor()``), every number right to
  /// rounding beside what the components of q along the modes of the kernel contribute to it. Nil
  /// if the kernel was not factored: then it is what `samples` tell of it.
  ///
  /// Near rest, q is large in directions that move no neuron, and its rounding alone would drive
  /// them more than what is left of the residual does.
  public var reach: [Double]?

  /// An impulse.
  public init(samples: [Double], reach: [Double]? = nil) {
    self.samples = samples
    self.reach = reach
  }
}

/// A factor B of the kernel, K = B Bᵀ: a column for every way in which neurons move together.
public struct KernelFactor: Sendable {
  /// n, the number of residuals.
  public let rows: Int
  /// The columns, n numbers each, every one right to rounding beside the largest of its column,
  /// however small that is beside other columns.
  public var columns: [[Double]]

  /// A factor.
  public init(rows: Int, columns: [[Double]]) {
    self.rows = rows
    self.columns = columns
  }
}
