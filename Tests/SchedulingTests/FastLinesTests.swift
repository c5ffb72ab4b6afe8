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

  private func numbers(_ names: [String], _ random: inout SplitMix) -> NamedNumbers {
    NamedNumbers(
      names.filter { _ in Bool.random(using: &random) }.map { (name: $0, value: number(&random)) })
  }

  @Test func ordersAreTheSameBytes() throws {
    let seed = UInt64.random(in: 0 ... .max)
    var random = SplitMix(seed)
    for _ in 0..<3000 {
      let names = Int.random(in: 0..<4, using: &random) == 0 ? ["ü", "a\"b"] : ["beta", "alpha", "eps_1"]
      let order = RunOrder(
        run: RunIdentity(Bool.random(using: &random) ? "0123456789abcdef" : "a/b\"é\\\n"), problem: "6b7d",
        attempt: .random(in: 1...9, using: &random),
        definition: Run(
          numbers(names, &random), width: number(&random), seed: .random(in: 0 ... .max, using: &random)),
        budget: Budget(
          steps: .random(in: 1 ... .max, using: &random), wallSeconds: number(&random),
          time: Bool.random(using: &random) ? number(&random) : nil),
        record: RecordNames(["a", "function", "é"].prefix(Int.random(in: 0...3, using: &random))),
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

  /// One reader reads results whose quantities change.
  @Test func resultsAreReadTheSame() throws {
    let seed = UInt64.random(in: 0 ... .max)
    var random = SplitMix(seed)
    var reader = WorkerLineReader()
    for _ in 0..<3000 {
      let result = RunResult(
        outcome: .allCases.randomElement(using: &random) ?? .converged, reason: "target reached",
        quantities: numbers(["rd", "loss", "sup_rd", "lossy"], &random),
        steps: .random(in: 0 ... .max, using: &random), wallSeconds: number(&random),
        initialSeconds: number(&random))
      let message = WorkerMessage.result(run: RunIdentity("0123456789abcdef"), result)
      guard let line = try? message.line().dropLast() else { continue }
      #expect(try reader.read(line) == message, "seed \(seed)")
    }
  }

  /// As most languages write them: in any order, with spaces, and without what is not needed.
  @Test func quantitiesInAnyOrderShareTheirNames() throws {
    var reader = WorkerLineReader()
    var lists: [[String]] = []
    for value in [1.5, 2.5] {
      let line =
        #"{"type": "result", "quantities": {"sup_rd": \#(value), "loss": 1, "rd": 0.5}, "run": "r", "outcome": "converged"}"#
      let general = try WorkerMessage(line: line.utf8)
      let quick = try reader.read(Array(line.utf8)[...])
      #expect(quick == general)
      guard case .result(_, let result, _) = quick else { return }
      #expect(result.quantities == ["loss": 1, "rd": 0.5, "sup_rd": value])
      lists.append(result.quantities.names)
    }
    let addresses = lists.map { $0.withUnsafeBufferPointer { $0.baseAddress } }
    #expect(addresses[0] == addresses[1])
  }

  /// Lines with random damage: cut, doubled, with other bytes in them, with numbers in all
  /// spellings.
  @Test func anyLineIsReadTheSame() throws {
    let seed = UInt64.random(in: 0 ... .max)
    var random = SplitMix(seed)
    let start = try Array(
      WorkerMessage.result(
        run: RunIdentity("a1"),
        RunResult(
          outcome: .stationary, reason: "at rest", quantities: ["rd": 0.5, "sup_rd": 1, "time": 12.25],
          steps: 103, wallSeconds: 0)
      ).line().dropLast())
    let pieces = [
      "0", "-0", "00", "1.", ".5", "1e5", "1E+05", "1e-400", "1e400", "0e0", "-", "+1", "0x1p3", "NaN",
      "1.5e", " ", "  ", "\t", ",", ":", "{", "}", "{}", "\"", "\\u0041", "\\", "é", "null", "true",
      "\"rd\":1,", "\"more\":[1],", "\"arrays\":{},", "\"2\":3,", "1e0000000000001",
      "123456789012345678901234567890", "0.1000000000000000055511151231257827", "4.9e-324", "2.4e-324",
    ]
    var plain = 0
    var reader = WorkerLineReader()
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
      let quick = Result { () throws(MalformedLine) in try reader.read(line[...]) }
      #expect(isSame(general, quick), "\(String(decoding: line, as: UTF8.self)), seed \(seed)")
      if case .success = general { plain += 1 }
    }
    #expect(plain > 1000)
  }

  private func isSame(
    _ a: Result<WorkerMessage, MalformedLine>, _ b: Result<WorkerMessage, MalformedLine>
  ) -> Bool {
    switch (a, b) {
    case (.success(let a), .success(let b)): a == b
    case (.failure(let a), .failure(let b)): a == b
    default: false
    }
  }
}
