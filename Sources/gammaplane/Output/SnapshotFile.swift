import Foundation
import Model
import Orchestration

/// The neurons and the function before and after a run, as JSON in columns.
struct SnapshotFile: Encodable {
  private let arrays: RecordedArrays

  init(_ arrays: RecordedArrays) { self.arrays = arrays }

  private enum Keys: String, CodingKey { case neurons, histograms, function }

  private struct Neurons: Encodable {
    let orientationBefore: [Float]
    let amplitudeBefore: [Float]
    let orientationAfter: [Float]
    let amplitudeAfter: [Float]

    enum CodingKeys: String, CodingKey {
      case orientationBefore = "orientation_before"
      case amplitudeBefore = "amplitude_before"
      case orientationAfter = "orientation_after"
      case amplitudeAfter = "amplitude_after"
    }
  }

  private struct Histograms: Encodable {
    struct Side: Encodable {
      let count: [Double]
      let amplitude: [Double]

      init(_ side: OrientationHistogram.Side) { (count, amplitude) = (side.count, side.amplitude) }
    }

    struct Time: Encodable {
      let negative: Side
      let positive: Side

      init(_ histogram: OrientationHistogram) {
        (negative, positive) = (Side(histogram.negative), Side(histogram.positive))
      }
    }

    let before: Time
    let after: Time
  }

  private struct Function: Encodable {
    let x: [Float]
    let before: [Float]
    let after: [Float]
  }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Keys.self)
    switch arrays.neurons {
    case .each(let neurons):
      try container.encode(
        Neurons(
          orientationBefore: neurons.map(\.before.orientation),
          amplitudeBefore: neurons.map(\.before.amplitude),
          orientationAfter: neurons.map(\.after.orientation), amplitudeAfter: neurons.map(\.after.amplitude)),
        forKey: .neurons)
    case .histograms(let before, let after):
      try container.encode(Histograms(before: .init(before), after: .init(after)), forKey: .histograms)
    case nil: break
    }
    if let points = arrays.function?.points {
      try container.encode(
        Function(x: points.map(\.x), before: points.map(\.before), after: points.map(\.after)),
        forKey: .function)
    }
  }

  /// Writes the file, or replaces it.
  func write(to path: String) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    let data = try encoder.encode(self)
    do {
      try data.write(to: URL(fileURLWithPath: path), options: .atomic)
    } catch {
      throw Failure(
        .inputOutput,
        "the snapshot \(path) cannot be written; check that its folder exists and may be written, and that "
          + "the disk is not full")
    }
  }
}
