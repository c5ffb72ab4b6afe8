import Model
import Testing

@testable import WorkerProtocol

@Suite struct MessageLineTests {
  private func text(_ line: [UInt8]) -> String { String(decoding: line, as: UTF8.self) }

  private func order(seed: UInt64 = 0, setting: Setting = ["alpha": 1.75, "beta": 0], width: Double = 1000)
    -> RunOrder
  {
    RunOrder(
      run: RunIdentity("0123456789abcdef0123456789abcdef"), problem: "p1", attempt: 1,
      definition: Run(setting, width: width, seed: seed), budget: .default)
  }

  private func result(_ number: Double) -> RunResult {
    RunResult(
      outcome: .stationary, reason: "at rest", quantities: ["rd": number, "loss": number], steps: 3,
      wallSeconds: number, initialSeconds: number)
  }

  /// The forms that `docs/worker-protocol.md` defines, to the byte.
  @Test func writesTheDocumentedLines() throws {
    let problem = Problem(
      method: "m/1", network: ["depth": .number(3), "activation": .string("relu")],
      parameters: ["rate": .number(0.5)], samples: try SampleSet(x: [-1, 0.5], y: [0.2, -0.4]))
    #expect(
      text(try OrchestratorMessage.problem(id: "p1", problem).line())
        == #"{"method":"m/1","network":{"activation":"relu","depth":3},"parameters":{"rate":0.5},"#
        + #""problem":"p1","protocol":1,"samples":{"x":[[-1],[0.5]],"y":[0.2,-0.4]},"target":1e-06,"#
        + #""tolerance":0.001,"type":"problem"}"# + "\n")
    #expect(
      text(try OrchestratorMessage.problem(id: "p", Problem(method: "m/1")).line())
        == #"{"method":"m/1","network":{},"problem":"p","protocol":1,"target":1e-06,"tolerance":0.001,"#
        + #""type":"problem"}"# + "\n")
    var order = order()
    #expect(
      text(try OrchestratorMessage.run(order).line())
        == #"{"attempt":1,"budget":{"steps":100000,"wall_seconds":600},"problem":"p1","#
        + #""run":"0123456789abcdef0123456789abcdef","seed":0,"setting":{"alpha":1.75,"beta":0},"#
        + #""type":"run","width":1000}"# + "\n")
    order.definition.width = 0.5
    order.record = ["function", "a"]
    order.budget.time = 3
    #expect(
      text(try OrchestratorMessage.run(order).line())
        == #"{"attempt":1,"budget":{"steps":100000,"time":3,"wall_seconds":600},"problem":"p1","#
        + #""record":["a","function"],"run":"0123456789abcdef0123456789abcdef","seed":0,"#
        + #""setting":{"alpha":1.75,"beta":0},"type":"run","width":0.5}"# + "\n")
    #expect(
      text(try WorkerMessage.hello(Self.hello).line())
        == #"{"abilities":["progress"],"methods":["m/1"],"parameters":[{"max":1,"name":"alpha","symbol":"α"},"#
        + #"{"name":"beta"}],"plane":["alpha","beta"],"protocol":1,"#
        + #""quantities":[{"name":"loss","signed":true,"unit":"nats"}],"#
        + #""recordables":[{"name":"weights","summary":"all weights"}],"title":"a net","type":"hello","worker":"w 1"}"#
        + "\n")
    #expect(
      text(try WorkerMessage.result(run: RunIdentity("r"), result(0.5)).line())
        == #"{"initial_seconds":0.5,"outcome":"stationary","quantities":{"loss":0.5,"rd":0.5},"#
        + #""reason":"at rest","run":"r","steps":3,"type":"result","wall_seconds":0.5}"# + "\n")
    #expect(
      text(try WorkerMessage.refusal(run: RunIdentity("r"), reason: "odd width").line())
        == #"{"reason":"odd width","run":"r","type":"refusal"}"# + "\n")
    #expect(
      text(try WorkerMessage.progress(run: RunIdentity("r"), RunProgress(steps: 3)).line())
        == #"{"run":"r","steps":3,"type":"progress"}"# + "\n")
  }

  private static let hello = WorkerHello(
    worker: "w 1", abilities: .progress,
    description: FamilyDescription(
      title: "a net", methods: ["m/1"],
      parameters: [Parameter("alpha", symbol: "α", range: -.infinity...1), Parameter("beta")],
      quantities: [Quantity("loss", unit: "nats", isSigned: true)],
      recordables: [Recordable("weights", summary: "all weights")], plane: ["alpha", "beta"]))

  /// What a worker need not write has its default.
  @Test func shortFormsAreUnderstood() throws {
    let hello = try WorkerMessage(line: #"{"type":"hello","worker":"w","protocol":1,"methods":["m"]}"#.utf8)
    #expect(
      hello
        == .hello(WorkerHello(worker: "w", description: FamilyDescription(title: "w", methods: ["m"]))))
    let names = try WorkerMessage(
      line:
        #"{"type":"hello","worker":"w","protocol":1,"methods":[],"parameters":["a","b"],"quantities":["q"],"recordables":["r"]}"#
        .utf8)
    let description = FamilyDescription(
      title: "w", methods: [], parameters: [Parameter("a"), Parameter("b")], quantities: [Quantity("q")],
      recordables: [Recordable("r")])
    #expect(names == .hello(WorkerHello(worker: "w", description: description)))
    let result = try WorkerMessage(
      line: #"{"type":"result","run":"r","outcome":"budget_exhausted","quantities":{"loss":1}}"#.utf8)
    #expect(
      result
        == .result(
          run: RunIdentity("r"),
          RunResult(outcome: .budgetExhausted, reason: "", quantities: ["loss": 1], steps: 0, wallSeconds: 0))
    )
    let progress = try WorkerMessage(line: #"{"type":"progress","run":"r"}"#.utf8)
    #expect(progress == .progress(run: RunIdentity("r"), RunProgress()))
  }

  /// Of another version of the protocol nothing is expected but that it says so.
  @Test func anotherVersionIsRecognised() throws {
    let line = #"{"type":"hello","worker":"w","protocol":3,"methods":{"all":true},"plane":7}"#
    guard case .hello(let hello) = try WorkerMessage(line: line.utf8) else { return }
    #expect(hello.protocolVersion == 3)
  }

  /// Every bit pattern of a finite number survives, and so does every seed.
  @Test func numbersSurviveBitByBit() throws {
    let start = UInt64.random(in: 0 ... .max)
    var random = SplitMix(start)
    var numbers = [
      0, -0.0, .leastNonzeroMagnitude, .leastNormalMagnitude, .greatestFiniteMagnitude, 0.1, 1 / 3,
    ]
    while numbers.count < 2000 {
      let number = Double(bitPattern: random.next())
      if number.isFinite { numbers.append(number) }
    }
    for number in numbers {
      let sent = OrchestratorMessage.run(order(setting: ["a": number, "b": -number], width: number))
      guard case .run(let got) = try OrchestratorMessage(line: sent.line()) else { return }
      let values = got.definition.setting.values + [got.definition.width]
      #expect(
        values.map(\.bitPattern) == [number, -number, number].map(\.bitPattern), "\(number), seed \(start)")
    }
    for seed in [0, 1 << 53, (1 << 53) + 1, UInt64(Int64.max) + 1, .max - 1, .max, random.next()] {
      let sent = OrchestratorMessage.run(order(seed: seed))
      #expect(try OrchestratorMessage(line: sent.line()) == sent, "seed \(seed)")
    }
  }

  @Test func everyMessageSurvives() throws {
    let samples = try SampleSet(x: [[0.1, 2], [3, -4]], y: [1 / 3, 5])
    let strange = "quotes \" \\ line\nfeed, \u{2028} tab\t, ünïcode 🙂, \u{0}"
    let value = JSONValue.object([strange: .array([.null, .boolean(true), .number(0.1), .string(strange)])])
    let problem = Problem(
      method: strange, network: ["deep": value, "": .array([])], parameters: [strange: value],
      samples: samples)
    var full = order(seed: .max)
    full.record = ["trajectory", "function"]
    full.memory = 1 << 40
    full.checkpoint = strange
    full.progressSeconds = 0.1
    let orders = [
      OrchestratorMessage.problem(id: strange, problem), .run(order()), .run(full),
      .checkpoint(run: RunIdentity(strange)),
    ]
    for message in orders {
      let line = try message.line()
      #expect(line.count { $0 == 10 } == 1 && line.last == 10)
      #expect(try OrchestratorMessage(line: line.dropLast()) == message)
    }
    let answers: [WorkerMessage] = [
      .hello(Self.hello),
      .hello(
        WorkerHello(
          worker: strange, abilities: [.progress, .checkpoint],
          description: FamilyDescription(title: strange, methods: [strange, ""]))),
      .result(run: RunIdentity(strange), result(0.1)), .refusal(run: RunIdentity("r"), reason: strange),
      .progress(
        run: RunIdentity(strange),
        RunProgress(steps: .max, time: 1 / 3, quantities: ["loss": .leastNonzeroMagnitude])),
      .progress(run: RunIdentity("r"), RunProgress()),
      .checkpointed(run: RunIdentity(strange)),
      .failure(run: RunIdentity("r"), .memory, detail: strange),
      .failure(run: RunIdentity("r"), .error, detail: ""),
    ]
    for message in answers {
      let line = try message.line()
      #expect(line.count { $0 == 10 } == 1 && line.last == 10)
      #expect(try WorkerMessage(line: line.dropLast()) == message)
    }
  }

  @Test func whatIsNotFiniteIsNotWritten() {
    let message = WorkerMessage.result(run: RunIdentity("r"), result(.nan))
    let error = #expect(throws: UnwritableMessage.self) { try message.line() }
    #expect(error?.description.hasSuffix(" is nan, which a message cannot carry") == true)
    #expect(throws: UnwritableMessage.notFinite(key: "setting.alpha", value: "inf")) {
      try OrchestratorMessage.run(order(setting: ["alpha": .infinity])).line()
    }
    let long = WorkerMessage.refusal(run: RunIdentity("r"), reason: String(repeating: "x", count: 1 << 20))
    let tooLong = #expect(throws: UnwritableMessage.self) { try long.line() }
    #expect(tooLong?.description == "the message needs 1048616 bytes; a line may have 1048576")
  }

  @Test(arguments: [
    ("", "the line is not readable JSON: "),
    (
      "Traceback (most recent call last):",
      "the line is not readable JSON: Traceback (most recent call last):"
    ),
    (#"{"type":"result""#, #"the line is not readable JSON: {"type":"result""#),
    ("[1]", "the line is not a JSON object: [1]"),
    (#"{"run":"r"}"#, #"the line has no "type": {"run":"r"}"#),
    (#"{"type":"news"}"#, #"the line has the unknown type "news": {"type":"news"}"#),
    (#"{"type":"progress"}"#, #"the line has no "run": {"type":"progress"}"#),
    (
      #"{"type":"progress","run":"r","steps":true}"#,
      #"the line has an unusable value for "steps": {"type":"progress","run":"r","steps":true}"#
    ),
    (
      #"{"type":"progress","run":"r","time":Infinity}"#,
      #"the line is not JSON, as "time" is Infinity: {"type":"progress","run":"r","time":Infinity}"#
    ),
    (#"{"type":"checkpointed"}"#, #"the line has no "run": {"type":"checkpointed"}"#),
    (
      #"{"type":"failure","run":"r","cause":"boredom"}"#,
      #"the line has an unusable value for "cause": {"type":"failure","run":"r","cause":"boredom"}"#
    ),
    (
      #"{"type":"failure","run":"r","cause":"memory","detail":7}"#,
      #"the line has an unusable value for "detail": {"type":"failure","run":"r","cause":"memory","detail":7}"#
    ),
    (
      #"{"type":"hello","worker":"w","protocol":1,"methods":[],"abilities":"progress"}"#,
      #"the line has an unusable value for "abilities": "#
        + #"{"type":"hello","worker":"w","protocol":1,"methods":[],"abilities":"progress"}"#
    ),
    (
      #"{"type":"hello","worker":"w","protocol":1,"methods":[],"quantities":["q","q"]}"#,
      #"the line has an unusable value for "quantities": "#
        + #"{"type":"hello","worker":"w","protocol":1,"methods":[],"quantities":["q","q"]}"#
    ),
    (
      #"{"type":"hello","worker":"w","protocol":1,"methods":[],"parameters":["a/b"]}"#,
      #"the line has the name "a/b" in "parameters"; names are letters, digits and _, and neither width nor seed: "#
        + #"{"type":"hello","worker":"w","protocol":1,"methods":[],"parameters":["a/b"]}"#
    ),
    (
      #"{"type":"hello","worker":"w","protocol":1,"methods":[],"parameters":["a"],"plane":["b"]}"#,
      #"the line has an unusable value for "plane": "#
        + #"{"type":"hello","worker":"w","protocol":1,"methods":[],"parameters":["a"],"plane":["b"]}"#
    ),
    (#"{"type":"a\nb"}"#, #"the line has the unknown type "a\nb": {"type":"a\\nb"}"#),
    (#"{"type":"refusal","run":"r"}"#, #"the line has no "reason": {"type":"refusal","run":"r"}"#),
    (
      #"{"type":"refusal","run":7,"reason":""}"#,
      #"the line has an unusable value for "run": {"type":"refusal","run":7,"reason":""}"#
    ),
    (
      #"{"type":"refusal","run":null,"reason":""}"#,
      #"the line has an unusable value for "run": {"type":"refusal","run":null,"reason":""}"#
    ),
    (
      #"{"type":"result","run":"r","outcome":"won"}"#,
      #"the line has an unusable value for "outcome": {"type":"result","run":"r","outcome":"won"}"#
    ),
    (
      #"{"type":"result","run":"r","outcome":"converged"}"#,
      #"the line has no "quantities": {"type":"result","run":"r","outcome":"converged"}"#
    ),
    (
      #"{"type":"result","run":"r","outcome":"converged","quantities":{"rd":NaN}}"#,
      #"the line is not JSON, as "rd" is NaN: "#
        + #"{"type":"result","run":"r","outcome":"converged","quantities":{"rd":NaN}}"#
    ),
    (
      #"{"type":"result","run":"r","outcome":"converged","quantities":{"rd":1e999}}"#,
      #"the line has a number too large for "rd", 1e999: "#
        + #"{"type":"result","run":"r","outcome":"converged","quantities":{"rd":1e999}}"#
    ),
    (
      #"{"type":"result","run":"r","outcome":"converged","quantities":{"rd":null}}"#,
      #"the line has an unusable value for "quantities.rd": "#
        + #"{"type":"result","run":"r","outcome":"converged","quantities":{"rd":null}}"#
    ),
    (
      #"{"type":"result","run":"r","outcome":"converged","quantities":{"test loss":1}}"#,
      #"the line has the name "test loss" in "quantities"; names are letters, digits and _, and neither width nor seed: "#
        + #"{"type":"result","run":"r","outcome":"converged","quantities":{"test loss":1}}"#
    ),
    ("\u{1b}[31mé\t", #"the line is not readable JSON: \x1b[31m\xc3\xa9\t"#),
  ])
  func tellsWhatIsWrongWithAnAnswer(line: String, expected: String) {
    let error = #expect(throws: MalformedLine.self) { try WorkerMessage(line: line.utf8) }
    #expect(error?.description == expected)
  }

  @Test(arguments: [
    (
      #"{"type":"problem","protocol":2}"#,
      #"the line is of protocol version 2, not 1: {"type":"problem","protocol":2}"#
    ),
    (#"{"type":"hello"}"#, #"the line has the unknown type "hello": {"type":"hello"}"#),
    (#"{"type":"checkpoint"}"#, #"the line has no "run": {"type":"checkpoint"}"#),
    (
      #"{"type":"checkpoint","run":{}}"#,
      #"the line has an unusable value for "run": {"type":"checkpoint","run":{}}"#
    ),
  ])
  func tellsWhatIsWrongWithAnOrder(line: String, expected: String) {
    let error = #expect(throws: MalformedLine.self) { try OrchestratorMessage(line: line.utf8) }
    #expect(error?.description == expected)
  }

  @Test func tellsWhatIsWrongInsideAnOrder() throws {
    var line = text(try OrchestratorMessage.run(order()).line())
    line.replace("\"steps\":100000,", with: "")
    let missing = #expect(throws: MalformedLine.self) { try OrchestratorMessage(line: line.utf8) }
    #expect(missing?.reason == .missingKey("budget.steps"))

    let samples = try SampleSet(x: [0.25], y: [1])
    let problem = OrchestratorMessage.problem(id: "p", Problem(method: "m", samples: samples))
    line = text(try problem.line())
    line.replace("[0.25]", with: "")
    let empty = #expect(throws: MalformedLine.self) { try OrchestratorMessage(line: line.utf8) }
    #expect(empty?.reason == .samples(.empty))
  }

  @Test func quotesOnlyTheBeginning() {
    let error = #expect(throws: MalformedLine.self) {
      try WorkerMessage(line: Array(repeating: UInt8(ascii: "x"), count: 5000))
    }
    #expect(error?.excerpt == String(repeating: "x", count: 119) + "…")
    let bytes: [UInt8] = [0xff, 0xfe, 0x7b]
    let binary = #expect(throws: MalformedLine.self) { try WorkerMessage(line: bytes) }
    #expect(binary?.description == #"the line is not UTF-8: \xff\xfe{"#)
  }

  @Test func ignoresWhatItDoesNotKnow() throws {
    let line = #"{"type":"refusal","run":"r","reason":"x","colour":{"a":[1,2]},"rd":null}"#
    #expect(try WorkerMessage(line: line.utf8) == .refusal(run: RunIdentity("r"), reason: "x"))
    // Abilities of a later version, and a failure without detail.
    let hello = #"{"type":"hello","worker":"w","protocol":1,"methods":[],"abilities":["fly","progress"]}"#
    #expect(
      try WorkerMessage(line: hello.utf8)
        == .hello(
          WorkerHello(
            worker: "w", abilities: .progress, description: FamilyDescription(title: "w", methods: []))))
    let failure = #"{"type":"failure","run":"r","cause":"error"}"#
    #expect(
      try WorkerMessage(line: failure.utf8) == .failure(run: RunIdentity("r"), .error, detail: ""))
  }
}

@Suite struct LineBufferTests {
  /// However a text is cut into pieces, its lines are the same.
  @Test func findsLinesInPieces() throws {
    let seed = UInt64.random(in: 0 ... .max)
    var random = SplitMix(seed)
    for _ in 0..<200 {
      let lines = (0..<Int.random(in: 0...20, using: &random)).map { _ in
        [UInt8](
          repeating: UInt8.random(in: 97...122, using: &random), count: Int.random(in: 0...9, using: &random))
      }
      let text = lines.map { $0 + [10] }.reduce([], +) + [120, 120]
      var stream = text[...]
      var buffer = LineBuffer()
      var found: [[UInt8]] = []
      while !stream.isEmpty {
        let piece = stream.prefix(Int.random(in: 0...15, using: &random))
        stream = stream.dropFirst(piece.count)
        buffer.append(piece)
        while Bool.random(using: &random), let line = try buffer.next() { found.append(Array(line)) }
      }
      while let line = try buffer.next() { found.append(Array(line)) }
      #expect(found == lines, "seed \(seed)")
    }
  }

  @Test func refusesALineWithoutEnd() throws {
    var buffer = LineBuffer()
    buffer.append([UInt8](repeating: 120, count: maxLineLength) + [10])
    #expect(try buffer.next()?.count == maxLineLength)
    buffer.append([UInt8](repeating: 120, count: maxLineLength))
    #expect(try buffer.next() == nil)
    buffer.append([120])
    let error = #expect(throws: MalformedLine.self) { try buffer.next() }
    #expect(error?.reason == .tooLong)
  }
}
