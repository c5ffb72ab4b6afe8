import Model

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// What was kept of a run as a message carries it: every part a text in base64 beside the fields of the result.
struct EncodedRecord: Codable {
  let record: FlowRecord

  init(_ record: FlowRecord) { self.record = record }

  private enum CodingKeys: String, CodingKey { case trajectory, neurons, histograms, function }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encodeIfPresent((record.trajectory?.bytes).map { Data($0) }, forKey: .trajectory)
    if let neurons = record.neurons {
      let key = if case .each = neurons { CodingKeys.neurons } else { CodingKeys.histograms }
      try container.encode(Data(neurons.bytes), forKey: key)
    }
    try container.encodeIfPresent((record.function?.bytes).map { Data($0) }, forKey: .function)
  }

  init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    func part<Part>(_ key: CodingKeys, _ read: ([UInt8]) -> Part?) throws -> Part? {
      guard let data = try container.decodeIfPresent(Data.self, forKey: key) else { return nil }
      guard let part = read(Array(data)) else {
        throw DecodingError.dataCorruptedError(
          forKey: key, in: container, debugDescription: "bytes of another shape")
      }
      return part
    }
    record = FlowRecord(
      trajectory: try part(.trajectory) { Trajectory(bytes: $0) },
      neurons: try part(.neurons) { NeuronSnapshot(bytesOfEach: $0) }
        ?? part(.histograms) { NeuronSnapshot(bytesOfHistograms: $0) },
      function: try part(.function) { FunctionSnapshot(bytes: $0) })
  }
}
