import Foundation
import Model
import Testing

@testable import GridFile

/// Laws of writing: what is written is read as the same.
struct GridTextTests {
  private func read(_ sweep: Sweep) throws -> Sweep { try GridFile(text: GridText.write(sweep)).sweep }

  @Test(arguments: [
    "quickstart", "luo2021-1d", "wide", "drift", "gallery", "gallery-refined", "gallery-neurons",
  ])
  func shippedGridsSurvive(name: String) throws {
    let sweep = try GridFile(text: shippedGrid(name)).sweep
    #expect(try read(sweep) == sweep)
    // And what is written of what was written is the same.
    #expect(try GridText.write(read(sweep)) == GridText.write(sweep))
  }

  @Test func linesAreShort() throws {
    let text = GridText.write(try GridFile(text: shippedGrid("luo2021-1d")).sweep)
    #expect(text.split(separator: "\n").allSatisfy { $0.count <= 100 })
  }

  @Test func randomSweepsOfAWorkerOfOnesOwnSurvive() throws {
    let seed = freshSeed()
    var generator = Generator(seed: seed)
    for _ in 0..<300 {
      let sweep = try randomSweep(&generator)
      let text = GridText.write(sweep)
      do {
        #expect(try GridFile(text: text, allowHuge: true).sweep == sweep, "seed \(seed)\n\(text)")
      } catch {
        Issue.record("seed \(seed): \(error)\n\(text)")
      }
    }
  }

  // MARK: Random sweeps

  private func randomSweep(_ generator: inout Generator) throws -> Sweep {
    let names = Array(
      ["rate", "depth", "a", "Zeta_2"].shuffled(using: &generator).prefix(
        .random(in: 0...3, using: &generator)))
    func axes(_ generator: inout Generator) -> Axes {
      var parameters: [String: [Double]] = [:]
      for name in names { parameters[name] = numbers(&generator) }
      return Axes(
        parameters: parameters, width: numbers(&generator).map { abs($0) + 1e-300 }.sorted(),
        seed: Set((0..<3).map { _ in UInt64.random(in: 0...9_007_199_254_740_991, using: &generator) })
          .sorted())
    }
    let first = axes(&generator)
    let blocks = (0..<Int.random(in: 0...3, using: &generator)).map { _ in
      var block = axes(&generator)
      if Bool.random(using: &generator) { block.width = first.width }
      if Bool.random(using: &generator) { block.seed = first.seed }
      return block
    }
    var network: [String: JSONValue] = [:]
    if case .object(let members) = object(&generator, depth: 3) { network = members }
    var parameters: [String: JSONValue] = [:]
    if case .object(let members) = object(&generator, depth: 1) { parameters = members }
    let inputs = Set(numbers(&generator))
    let isPlanar = Bool.random(using: &generator)
    let samples =
      Bool.random(using: &generator)
      ? nil
      : try SampleSet(x: inputs.map { isPlanar ? [$0, 1] : [$0] }, y: inputs.map { -$0 })
    var record: [RecordRule] = []
    if Bool.random(using: &generator) {
      record = [
        RecordRule(what: ["curve"]),
        RecordRule(
          what: ["curve", "heads_2"], parameters: names.first.map { [$0: [first[$0][0]]] } ?? [:],
          width: Bool.random(using: &generator) ? [first.width[0]] : nil, seed: [first.seed[0]]),
      ]
    }
    let isBounded = Bool.random(using: &generator)
    return Sweep(
      name: ["true", "1e5", "a.b-c_d", "_x"].randomElement(using: &generator) ?? "a", axes: first,
      include: blocks,
      problem: Problem(
        method: ["a/1", "x.y-z/2.0b"].randomElement(using: &generator) ?? "a/1", network: network,
        parameters: parameters, samples: samples, target: .random(in: 1e-300...1, using: &generator),
        tolerance: .random(in: 1e-9...0.1, using: &generator)),
      plane: Array(names.prefix(2)), orderParameter: isBounded ? "loss" : nil,
      budget: Budget(steps: 7, wallSeconds: 0.1, time: isBounded ? 1e300 : nil),
      limits: Limits(
        attempts: 2, initialFailures: 7, memory: isBounded ? 1 << 40 : nil,
        runMemory: isBounded ? 1 << 30 : nil, helloTimeout: 2.5, heartbeatTimeout: 1.5,
        shutdownGracePeriod: 3600),
      record: record,
      worker: WorkerProgram(
        arguments: ["python3"] + strings(&generator).filter { !$0.utf8.contains(0) },
        folder: FileManager.default.currentDirectoryPath),
      database: isBounded ? "null" : nil,
      slurm: isBounded
        ? SlurmRequest(
          tasks: 3, partition: "a", account: "null", time: "1-12", memory: 5, cpusPerTask: 2,
          scratch: "${TMPDIR:-/tmp}", options: ["--qos=low", "--constraint=[a|b]"]) : nil)
  }

  /// Numbers of all magnitudes, each once, ascending.
  private func numbers(_ generator: inout Generator) -> [Double] {
    let values = (0..<Int.random(in: 1...40, using: &generator)).map { _ -> Double in
      let exponent = Double(Int.random(in: -90...90, using: &generator))
      return Double.random(in: -1...1, using: &generator)
        * pow(10, Bool.random(using: &generator) ? exponent : 0)
    }
    return Set(values).sorted()
  }

  private func strings(_ generator: inout Generator) -> [String] {
    let all = [
      "", "true", "null", "~", "1", "-0.5", "0x1", "yes", "a b", "a: b", "# c", "'", "\"", "\\", "é\u{301}",
      "\n\t\r",
      "\u{0}\u{7f}\u{85}\u{2028}\u{feff}", "😀", "{", "[x]", "- a", "&a", "*a", "!!str x", "%", "@", "`", "<<",
      "a,b",
      "\u{e000}", "\u{fffe}",
    ]
    return (0..<Int.random(in: 0...4, using: &generator)).compactMap { _ in
      all.randomElement(using: &generator)
    }
  }

  private func object(_ generator: inout Generator, depth: Int) -> JSONValue {
    var members: [String: JSONValue] = [:]
    // The merge key alone cannot be one.
    for name in strings(&generator) where name != "<<" {
      members[name] = value(&generator, depth: depth - 1)
    }
    return .object(members)
  }

  private func value(_ generator: inout Generator, depth: Int) -> JSONValue {
    switch Int.random(in: 0..<(depth > 0 ? 6 : 4), using: &generator) {
    case 0: return .null
    case 1: return .boolean(.random(using: &generator))
    case 2: return .number(numbers(&generator)[0])
    case 3: return .string(strings(&generator).joined())
    case 4: return .array((0..<2).map { _ in value(&generator, depth: depth - 1) })
    default: return object(&generator, depth: depth)
    }
  }
}
