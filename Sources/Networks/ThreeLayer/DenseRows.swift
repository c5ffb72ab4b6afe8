import VectorKernels

/// Rows of equally many numbers, one after the other, and products with them.
struct DenseRows: Sendable {
  /// How many numbers a row has.
  let columns: Int
  /// The rows, one after the other.
  var values: [Double]

  /// How many rows there are.
  var count: Int { columns == 0 ? 0 : values.count / columns }

  /// Some rows.
  init(_ values: [Double], columns: Int) {
    self.values = values
    self.columns = columns
  }

  /// Rows of zeros.
  init(count: Int, columns: Int) {
    self.init([Double](repeating: 0, count: count * columns), columns: columns)
  }

  /// No rows.
  static func none(columns: Int) -> DenseRows { DenseRows([], columns: columns) }

  /// Rows go to threads in so many portions, whatever the number of threads.
  private static let portions = 16
  /// With fewer numbers, threads cost more than they save.
  private static let minShared = 1 << 17

  private func ranges(_ pool: ThreadPool?) -> [Range<Int>] {
    guard pool != nil, values.count >= Self.minShared else { return [0..<count] }
    let size = (count + Self.portions - 1) / Self.portions
    return stride(from: 0, to: count, by: size).map { $0..<min($0 + size, count) }
  }

  /// The products of all rows with some vectors: for each vector one number a row.
  func products(with vectors: DenseRows, pool: ThreadPool? = nil) -> DenseRows {
    var result = DenseRows(count: vectors.count, columns: count)
    let ranges = ranges(pool)
    result.values.withUnsafeMutableBufferPointer { result in
      values.withUnsafeBufferPointer { rows in
        vectors.values.withUnsafeBufferPointer { vectors in
          guard let y = result.baseAddress, let rows = rows.baseAddress, let x = vectors.baseAddress else {
            return
          }
          (pool ?? ThreadPool.serial).perform(ranges.count) { i in
            let range = ranges[i]
            dense_products(
              rows + range.lowerBound * columns, range.count, columns, x, vectors.count / columns,
              y + range.lowerBound, count)
          }
        }
      }
    }
    return result
  }

  /// Sums of multiples of the rows, one for each row of factors.
  func combinations(_ factors: DenseRows, pool: ThreadPool? = nil) -> DenseRows {
    var result = DenseRows(count: factors.count, columns: columns)
    add(combinations: factors, to: &result, pool: pool)
    return result
  }

  /// Adds such sums to what is there.
  func add(combinations factors: DenseRows, to result: inout DenseRows, pool: ThreadPool? = nil) {
    let ranges = ranges(pool)
    let size = result.values.count
    var parts = [Double](repeating: 0, count: (ranges.count - 1) * size)
    result.values.withUnsafeMutableBufferPointer { result in
      parts.withUnsafeMutableBufferPointer { parts in
        values.withUnsafeBufferPointer { rows in
          factors.values.withUnsafeBufferPointer { factors in
            guard let y = result.baseAddress, let rows = rows.baseAddress, let f = factors.baseAddress else {
              return
            }
            (pool ?? ThreadPool.serial).perform(ranges.count) { i in
              let range = ranges[i]
              let sum = i == 0 ? y : parts.baseAddress.map { $0 + (i - 1) * size }
              guard let sum else { return }
              add_dense_combinations(
                rows + range.lowerBound * columns, range.count, columns, f + range.lowerBound, count,
                size / columns, sum)
            }
            for i in 1..<max(1, ranges.count) {
              for k in 0..<size { y[k] += parts[(i - 1) * size + k] }
            }
          }
        }
      }
    }
  }

  /// Appends the rows of another, each times a factor.
  mutating func append(_ other: DenseRows, factors: [Double]) {
    values.reserveCapacity(values.count + other.values.count)
    for (row, factor) in factors.enumerated() {
      values += other.values[row * columns..<(row + 1) * columns].map { factor * $0 }
    }
  }

  /// The first rows.
  func prefix(_ count: Int) -> DenseRows {
    DenseRows(Array(values.prefix(count * columns)), columns: columns)
  }

  /// Σ of the squares of all numbers.
  var squared: Double { values.reduce(0) { $0 + $1 * $1 } }
}
