import Foundation
import Model
import ResultStore
import Testing

/// A worker of one's own, in another language, with networks that this program does not know.
@Suite(.enabled(if: Python.isHere, "there is no python3 here")) struct OwnWorkerTests {
  let bench: Workbench

  init() throws {
    bench = try Workbench()
    try bench.file("tanh.py", Self.script)
    try grid()
  }

  /// How far the weights of a tanh network move, which depends on the width by a power: in place of
  /// a training.
  private static let script = #"""
    import json, random, sys

    def send(**message):
        print(json.dumps(message, allow_nan=False), flush=True)

    send(type="hello", worker="tanh-worker 1", protocol=1, methods=["tanh-gd/1"],
         title="three-layer tanh network",
         parameters=[dict(name="alpha", symbol="α", summary="exponent of the output layer", min=0, max=2), "beta"],
         quantities=[dict(name="movement", symbol="Δw", unit="", summary="how far the weights move"), "loss"],
         plane=["beta", "alpha"])
    for line in sys.stdin:
        order = json.loads(line)
        if order["type"] == "problem":
            with open("problem.json", "w") as file:
                file.write(line)
            continue
        setting, width = order["setting"], order["width"]
        noise = random.Random(f"{order['seed']} {width} {setting}").uniform(-0.01, 0.01)
        movement = width ** (setting["alpha"] - 0.5 + setting["beta"]) * (1 + noise)
        send(type="result", run=order["run"], outcome="converged", steps=int(sys.argv[2]),
             quantities=dict(movement=movement, loss=1e-9))
    """#

  private func grid(steps: Int = 10, widths: String = "[16, 64, 256, 1024, 4096]") throws {
    try bench.file(
      "own.yaml",
      """
      name: own
      worker: [python3, tanh.py, --steps, '\(steps)']
      method: tanh-gd/1
      network: { activation: tanh, bias: false, layers: [3, 4.5], init: { scale: 1e-3, law: "He, scaled" } }
      parameters: { lr: 0.1, momentum: ~, tags: [a, "1"] }
      axes:
        alpha: [0, 0.5, 1]
        beta:  [-0.25, 0.25]
        width: \(widths)
        seed:  { count: 2 }

      """)
  }

  private func run(_ options: String...) async throws -> Ended {
    try await bench.start(["run", "own.yaml"] + options).end()
  }

  private func text(_ file: String) throws -> String {
    try String(contentsOfFile: bench.path(file), encoding: .utf8)
  }

  @Test func theSweepIsRunFittedDrawnAndReported() async throws {
    let ended = try await run()
    #expect(ended.status == 0, "\(ended)")
    #expect(ended.output.contains("trends:    3 vanishing, 0 bounded, 3 growing, 0 undecided\n"), "\(ended)")
    #expect(!ended.output.contains("theory") && !ended.output.contains("boundary:"), "\(ended)")

    let map = try await bench.run("export", "phase-map", "--format", "jsonl")
    let rows = try map.output.split(separator: "\n").map { line in
      try #require(JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
    }
    #expect(rows.count == 6)
    for row in rows {
      let alpha = try #require(row["alpha"] as? Double)
      let beta = try #require(row["beta"] as? Double)
      let exponent = try #require(row["exponent"] as? Double)
      #expect(abs(exponent - (alpha - 0.5 + beta)) < 0.03, "\(row)")
      #expect(row["expected_exponent"] as? Double == nil, "\(row)")
    }

    let svg = try text("results/own/phase-map.svg")
    #expect(svg.contains("Δw") && svg.contains("α"))
    let report = try await bench.run("report", "own")
    #expect(report.status == 0, "\(report)")
    let page = try text("results/own/report.html")
    #expect(page.contains("tanh"))
    for stranger in ["ReLU", "Luo", "γ"] {
      #expect(!page.contains(stranger), "the report has \(stranger)")
      #expect(!svg.contains(stranger), "the map has \(stranger)")
    }
  }

  @Test func networkAndParametersReachTheWorkerVerbatim() async throws {
    #expect(try await run("--workers", "1").status == 0)
    let problem = try #require(
      JSONSerialization.jsonObject(with: Data(text("problem.json").utf8)) as? [String: Any])
    let expected = try JSONSerialization.jsonObject(
      with: Data(
        """
        {"network": {"activation": "tanh", "bias": false, "layers": [3, 4.5],
                     "init": {"scale": 1e-3, "law": "He, scaled"}},
         "parameters": {"lr": 0.1, "momentum": null, "tags": ["a", "1"]}}
        """.utf8))
    let received = ["network": problem["network"], "parameters": problem["parameters"]]
    #expect(received as NSDictionary == expected as? NSDictionary, "\(received)")
    #expect(problem["method"] as? String == "tanh-gd/1" && problem["samples"] == nil)
    // JSON tells apart what NSNumber does not.
    #expect(try text("problem.json").contains(#""bias":false"#))
  }

  @Test func aChangedCommandLineIsRefusedUntilItIsAccepted() async throws {
    #expect(try await run().status == 0)
    let results = try bench.results("own")
    try grid(steps: 20, widths: "[16, 64, 256, 1024, 4096, 8192]")
    let refused = try await run()
    #expect(refused.status == 73, "\(refused)")
    for command in ["`python3 tanh.py --steps 10`", "`python3 tanh.py --steps 20`", "--accept-worker-change"]
    {
      #expect(refused.errors.contains(command), "\(refused)")
    }
    let shard = try await run("--shard", "1/2")
    #expect(shard.status == 73 && shard.errors.contains("--accept-worker-change"), "\(shard)")
    let submitted = try await bench.run("submit", "slurm", "own.yaml")
    #expect(submitted.status == 73 && submitted.errors.contains("--accept-worker-change"), "\(submitted)")
    #expect(try bench.results("own").filter { $0.run.width < 8192 } == results)

    let accepted = try await run("--accept-worker-change")
    #expect(accepted.status == 0 && accepted.errors.contains("12 of 72 runs to do"), "\(accepted)")
    let steps = try bench.results("own").map { ($0.run.width == 8192, $0.result.steps) }
    #expect(steps.allSatisfy { $0.1 == ($0.0 ? 20 : 10) })
    // It is accepted from then on.
    let again = try await run()
    #expect(again.status == 0 && again.errors == "own: nothing to do, 72 runs done\n", "\(again)")
    // Another method keeps results apart, so that nothing has to be accepted.
    try bench.file("tanh.py", Self.script.replacing("tanh-gd/1", with: "tanh-gd/2"))
    try bench.file(
      "own.yaml", text("own.yaml").replacing("tanh-gd/1", with: "tanh-gd/2").replacing("'20'", with: "'30'"))
    let other = try await run()
    #expect(other.status == 0 && other.errors.contains("72 of 72 runs to do"), "\(other)")
  }

  /// A worker that lacks what the grid asks for is named before anything is computed.
  @Test func aParameterThatTheWorkerDoesNotKnowIsNamed() async throws {
    try bench.file("own.yaml", text("own.yaml").replacing("beta:  [", with: "gain:  ["))
    let ended = try await run()
    #expect(ended.status == 69, "\(ended)")
    #expect(
      ended.errors.contains("does not know the parameter gain of the sweep; it knows alpha, beta"), "\(ended)"
    )
  }
}

/// The interpreter of the workers of tests.
enum Python {
  /// Whether it is installed.
  static let isHere = runs("pass")

  /// Whether it runs some statements without an error.
  static func runs(_ code: String) -> Bool {
    let python = Process()
    python.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    python.arguments = ["python3", "-c", code]
    python.standardError = FileHandle.nullDevice
    guard (try? python.run()) != nil else { return false }
    python.waitUntilExit()
    return python.terminationStatus == 0
  }
}
