import Foundation
import Model
import Networks
import Testing

@testable import GridFile

/// The top of the repository.
let repository = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
  .deletingLastPathComponent().path()

/// The text of a shipped grid.
func shippedGrid(_ name: String) throws -> String {
  try String(contentsOfFile: "\(repository)/grids/\(name).yaml", encoding: .utf8)
}

/// A grid whose parts can be replaced one by one.
struct DemoGrid {
  var name = "name: demo"
  var gamma = "[0.5, 1]"
  var gammaPrime = "0"
  var width = "1000"
  var seed = "{ count: 1 }"
  var network = ""
  var samples = "{ x: [-1, 1], y: [0, 1] }"
  var rest = ""

  var text: String {
    """
    \(name)
    axes:
      gamma: \(gamma)
      gamma_prime: \(gammaPrime)
      width: \(width)
      seed: \(seed)
    network: { \(network) }
    samples: \(samples)
    \(rest)
    """
  }

  func sweep(allowHuge: Bool = false) throws(GridError) -> Sweep {
    try GridFile(text: text, allowHuge: allowHuge).sweep
  }

  /// The whole text of its error.
  var error: String { errorText(text) }
}

/// The whole text of the error of a grid file, or "no error".
func errorText(_ text: String, families: NetworkFamilies = .builtIn) -> String {
  do {
    _ = try GridFile(text: text, families: families)
    return "no error"
  } catch {
    return error.description
  }
}

/// The first lines of its errors: place and message, without the name of the file.
func errorLines(_ text: String, families: NetworkFamilies = .builtIn) -> [String] {
  errorText(text, families: families).split(separator: "\n").filter { $0.hasPrefix("grid.yaml:") }
    .map { String($0.dropFirst("grid.yaml:".count)) }
}

/// A generator that can be repeated (SplitMix64).
struct Generator: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var z = state
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return z ^ (z >> 31)
  }
}

/// A fresh seed, printed so that a failure can be repeated with `GAMMAPLANE_TEST_SEED`.
func freshSeed(_ test: String = #function) -> UInt64 {
  let given = ProcessInfo.processInfo.environment["GAMMAPLANE_TEST_SEED"].flatMap { UInt64($0) }
  let seed = given ?? UInt64.random(in: 0...UInt64.max)
  print("\(test): GAMMAPLANE_TEST_SEED=\(seed)")
  return seed
}
