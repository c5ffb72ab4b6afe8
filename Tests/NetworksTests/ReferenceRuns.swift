import Foundation
import Model
import Testing

@testable import Networks

/// The reference values of RD and the initial weights they belong to (`Reference/`).
struct ReferenceRuns: Decodable {
  struct Entry: Decodable, Sendable, CustomTestStringConvertible {
    let gamma: Double
    let gammaPrime: Double
    let m: Int
    let seed: UInt64
    let rd: Double
    let relativeError: Double

    enum CodingKeys: String, CodingKey {
      case gamma, m, seed
      case gammaPrime = "gamma_prime"
      case rd = "RD"
      case relativeError = "relative_error_estimate"
    }

    var run: Run { Run(Setting(gamma: gamma, gammaPrime: gammaPrime), width: m, seed: seed) }
    var testDescription: String { "(\(gamma), \(gammaPrime)), m = \(m), seed \(seed)" }
  }

  struct Samples: Decodable {
    let x: [Double]
    let y: [Double]
  }

  let samples: Samples
  let runs: [Entry]

  static func load() throws -> ReferenceRuns {
    try JSONDecoder().decode(ReferenceRuns.self, from: try data("rd-four-samples.json"))
  }

  static func initialValues(width: Int, seed: UInt64) throws -> InitialValues {
    let text = String(decoding: try data("initial-m\(width)-seed\(seed).csv"), as: UTF8.self)
    return InitialValues(try InitialWeights(csv: text))
  }

  private static func data(_ name: String) throws -> Data {
    let folder = Bundle.module.resourceURL?.appendingPathComponent("Reference")
    guard let url = folder?.appendingPathComponent(name) else { throw CocoaError(.fileNoSuchFile) }
    return try Data(contentsOf: url)
  }
}
