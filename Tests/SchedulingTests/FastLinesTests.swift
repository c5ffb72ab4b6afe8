import Foundation
import Model
import Testing

@testable import WorkerProtocol

/// The quick ways to write orders and to read results give what the general coding gives.
@Suite struct FastLinesTests {
  private func number(_ random: inout SplitMix) -> Double {
    switch Int.random(in: 0..<8, using: &random) {
    case 0: 0
    case 1: Double(Int.random(in: -5...5, using: &random))
    case 2: Double(Int.random(in: -100...100, using: &random)) / 32
    case 3: 1e-6
    case 4: -0.0
    case 5: Double.random(in: 0...1, using: &random) * 1e20
    case 6: Double(Int.random(in: 0 ... .max, using: &random))
    default: Double(bitPattern: UInt64.random(in: 0 ... .max, using: &random))
    }
  }

  @Test func ordersAreTheSameBytes() throws {
    let seed = UInt64.random(in: 0 ... .max)
    var random = SplitMix(seed)
    for _ in 0..<3000 {
      let order = RunOrder(
        run: RunIdentity(Bool.random(using: &random) ? "0123456789abcdef" : "a/b\"é\\\n"), problem: "6b7d",
        attempt: .random(in: 1...9, using: &random),
        definition: Run(
          point: PhasePoint(gamma: number(&random), gammaPrime: number(&random)),
          width: .random(in: 1 ... .max, using: &random), seed: .random(in: 0 ... .max, using: &random)),
        budget: Budget(
          steps: .random(in: 1 ... .max, using: &random), wallSeconds: number(&random),
          time: Bool.random(using: &random) ? number(&random) : nil),
        keep: Int.random(in: 0..<4, using: &random) == 0 ? [.function] : [],
        memory: Bool.random(using: &random) ? .random(in: 0 ... .max, using: &random) : nil,
        checkpoint: [nil, "results/a b/x.checkpoint", "ü"].randomElement(using: &random) ?? nil,
        progressSeconds: Bool.random(using: &random) ? number(&random) : nil)
      do {
        let expected = try OrchestratorMessage.run(order).line()
        #expect(try order.line() == expected, "seed \(seed)")
      } catch {
        #expect(throws: error) { try order.line() }
      }
    }
  }

  private func result(_ random: inout SplitMix) -> RunResult {
    RunResult(
      outcome: .allCases.randomElement(using: &random) ?? .converged, reason: "target reached",
      rd: number(&random), supRD: number(&random), meanSquaredResidual: number(&random),
      time: number(&random), steps: .random(in: 0 ... .max, using: &random), wallSeconds: number(&random),
      initialSeconds: number(&random))
  }

  @Test func resultsAreReadTheSame() throws {
    let seed = UInt64.random(in: 0 ... .max)
    var random = SplitMix(seed)
    for _ in 0..<3000 {
      let message = WorkerMessage.result(run: RunIdentity("0123456789abcdef"), result(&random))
      guard let line = try? message.line().dropLast() else { continue }
      #expect(try WorkerMessage.read(line) == message, "seed \(seed)")
    }
  }

  /// Lines that somebody has been at: cut, doubled, with other bytes in them, with numbers in all spellings.
  @Test func whateverIsThereIsReadTheSame() throws {
    let seed = UInt64.random(in: 0 ... .max)
    var random = SplitMix(seed)
    let start = try Array(
      WorkerMessage.result(
        run: RunIdentity("a1"),
        RunResult(
          outcome: .stalled, reason: "at rest", rd: 0.5, supRD: 1, meanSquaredResidual: 1e-6, time: 12.25,
          steps: 103,
          wallSeconds: 0, initialSeconds: 0)
      ).line().dropLast())
    let pieces = [
      "0", "-0", "00", "1.", ".5", "1e5", "1E+05", "1e-400", "1e400", "0e0", "-", "+1", "0x1p3", "NaN",
      "1.5e", " ", "  ",
      "\t", ",", ":", "{", "}", "\"", "\\u0041", "\\", "é", "null", "true", "\"rd\":1,", "\"more\":[1],",
      "1e0000000000001",
      "123456789012345678901234567890", "0.1000000000000000055511151231257827", "4.9e-324", "2.4e-324",
    ]
    var plain = 0
    for _ in 0..<20_000 {
      var line = start
      for _ in 0..<Int.random(in: 0...2, using: &random) {
        let from = Int.random(in: 0...line.count, using: &random)
        let to = min(line.count, from + Int.random(in: 0...3, using: &random))
        line.replaceSubrange(from..<to, with: Array((pieces.randomElement(using: &random) ?? "").utf8))
      }
      // Spaces as other languages put them.
      if Bool.random(using: &random) {
        line = Array(
          String(decoding: line, as: UTF8.self).replacingOccurrences(of: ",", with: ", ")
            .replacingOccurrences(of: ":", with: ": ").utf8)
      }
      let general = Result { () throws(MalformedLine) in try WorkerMessage(line: line) }
      let quick = Result { () throws(MalformedLine) in try WorkerMessage.read(line[...]) }
      #expect(same(general, quick), "\(String(decoding: line, as: UTF8.self)), seed \(seed)")
      if case .success = general { plain += 1 }
    }
    #expect(plain > 1000)
  }

  private func same(
    _ a: Result<WorkerMessage, MalformedLine>, _ b: Result<WorkerMessage, MalformedLine>
  ) -> Bool {
    switch (a, b) {
    case (.success(let a), .success(let b)): a == b
    case (.failure(let a), .failure(let b)): a == b
    default: false
    }
  }
}
