import DataFiles
import Foundation
import Model

/// Samples in a file of NumPy: `.npz` with the arrays `x` (n × d, or n on a line) and `y` (n), or
/// `.npy` with an array of n × (d + 1) whose last column is y.
struct SampleArrays {
  private let path: String
  private let bytes: [UInt8]

  /// Reads the file at a path.
  ///
  /// - Throws: ``GridError`` of kind `file`.
  init(path: String) throws(GridError) {
    self.path = path
    guard let data = FileManager.default.contents(atPath: path) else {
      throw Self.failure(
        .file, path, "cannot be read: there is no such file, or it is not readable", hint: "check the path")
    }
    bytes = Array(data)
  }

  /// The samples in it.
  ///
  /// - Throws: ``GridError``.
  func samples() throws(GridError) -> SampleSet {
    let (x, y) = path.lowercased().hasSuffix(".npz") ? try archived() : try single()
    guard y.count <= GridReader.maxSamples else {
      throw failure("there are more than \(GridReader.maxSamples) samples", hint: "thin them out")
    }
    do {
      return try SampleSet(x: x, y: y)
    } catch {
      throw failure(error.description, hint: "correct the arrays")
    }
  }

  private func archived() throws(GridError) -> (x: [[Double]], y: [Double]) {
    let arrays: RecordedArrays
    do throws(DataFileError) { arrays = try ArrayArchive(npz: bytes).arrays } catch {
      throw failure("\(error)", hint: Self.advice)
    }
    guard let x = arrays["x"], let y = arrays["y"], isPlain(x), isPlain(y) else {
      let found = arrays.keys.sorted().joined(separator: ", ")
      throw failure("samples need the arrays x and y, found \(found)", hint: Self.advice)
    }
    guard x.shape.count == 1 || x.shape.count == 2, y.shape == [x.shape[0]] else {
      throw failure(
        "x must have the shape (n, d) and y (n), found \(text(x.shape)) and \(text(y.shape))",
        hint: Self.advice)
    }
    return (rows(x.values, columns: x.shape.count == 2 ? x.shape[1] : 1), y.values)
  }

  private func single() throws(GridError) -> (x: [[Double]], y: [Double]) {
    let array: NumericArray
    do throws(NumericArrayError) { array = try NumericArray(npy: bytes) } catch {
      throw failure("it \(error)", hint: Self.advice)
    }
    guard isPlain(array), array.shape.count == 2, array.shape[1] > 1 else {
      throw failure(
        "an array of samples must have the shape (n, d + 1) with y in the last column, found "
          + text(array.shape), hint: Self.advice)
    }
    let all = rows(array.values, columns: array.shape[1])
    return (all.map { Array($0.dropLast()) }, all.map { $0[$0.count - 1] })
  }

  private func rows(_ values: [Double], columns: Int) -> [[Double]] {
    guard columns > 0 else { return [] }
    return stride(from: 0, to: values.count, by: columns).map { Array(values[$0..<$0 + columns]) }
  }

  private func isPlain(_ array: NumericArray) -> Bool { array.fields.count == 1 }

  private func text(_ shape: [Int]) -> String { "(\(shape.map { "\($0)" }.joined(separator: ", ")))" }

  private static let advice =
    "write numpy.savez(file, x=x, y=y), or numpy.save(file, a) with y in the last column of a"

  private func failure(_ message: String, hint: String) -> GridError {
    Self.failure(.samples, path, message, hint: hint)
  }

  private static func failure(
    _ kind: GridError.Kind, _ path: String, _ message: String, hint: String
  ) -> GridError {
    GridError([.init(kind: kind, file: path, position: nil, message: message, hint: hint)])
  }
}
