import Foundation
import Model
import Orchestration

/// What was recorded of a run, as JSON: of a table an object of columns, of another array nested
/// lists.
struct SnapshotFile: Encodable {
  private let arrays: RecordedArrays

  init(_ arrays: RecordedArrays) { self.arrays = arrays }

  private struct Name: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }

    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
  }

  /// Numbers with the digits that they are stored with.
  private enum Numbers: Encodable {
    case single([Float])
    case double([Double])

    init(_ values: [Double], _ scalar: NumericArray.Scalar) {
      self = scalar == .float32 ? .single(values.map { Float($0) }) : .double(values)
    }

    func encode(to encoder: any Encoder) throws {
      var container = encoder.singleValueContainer()
      switch self {
      case .single(let values): try container.encode(values)
      case .double(let values): try container.encode(values)
      }
    }
  }

  /// An array along its axes, the first of them outermost.
  private struct Nested: Encodable {
    var values: ArraySlice<Double>
    var shape: ArraySlice<Int>
    var scalar: NumericArray.Scalar

    func encode(to encoder: any Encoder) throws {
      guard shape.count > 1, let first = shape.first, first > 0 else {
        try Numbers(Array(values), scalar).encode(to: encoder)
        return
      }
      let length = values.count / first
      var container = encoder.unkeyedContainer()
      for start in stride(from: values.startIndex, to: values.endIndex, by: max(length, 1)) {
        try container.encode(
          Nested(values: values[start..<start + length], shape: shape.dropFirst(), scalar: scalar))
      }
    }
  }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Name.self)
    for (name, array) in arrays {
      if array.fields.contains(where: { !$0.name.isEmpty }) {
        var table = container.nestedContainer(keyedBy: Name.self, forKey: Name(stringValue: name))
        for field in array.fields {
          try table.encode(
            Numbers(array.column(field.name) ?? [], field.scalar), forKey: Name(stringValue: field.name))
        }
      } else {
        try container.encode(
          Nested(values: array.values[...], shape: array.shape[...], scalar: array.fields[0].scalar),
          forKey: Name(stringValue: name))
      }
    }
  }

  /// Writes the file, or replaces it.
  ///
  /// - Throws: ``Failure``.
  func write(to path: String) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    let file = try OutputFile(path: path)
    try file.write(Array(try encoder.encode(self)))
    try file.close()
  }
}
