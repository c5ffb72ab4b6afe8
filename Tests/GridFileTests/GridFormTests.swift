import Model
import Testing

@testable import GridFile

/// The forms that a grid may take.
struct GridFormTests {
  @Test func theLeastThatIsNeeded() throws {
    let sweep = try DemoGrid().sweep()
    let network: [String: JSONValue] = [
      "activation": .string("relu"), "bias": .boolean(true), "antisymmetric": .boolean(false),
      "law": .string("sampled"), "nodes": .number(4096),
    ]
    #expect(
      sweep.problem
        == Problem(method: "impulse/4", network: network, samples: try SampleSet(x: [-1, 1], y: [0, 1])))
    #expect(sweep.plane == ["gamma", "gamma_prime"])
  }

  @Test(arguments: [
    ("5", [5]), ("1e6", [1_000_000]), ("1.0e+3", [1000]), ("[3, 1, 2e0]", [1, 2, 3]),
    ("{ from: 10, to: 25, step: 5 }", [10, 15, 20, 25]), ("{ from: 10, to: 24, step: 5 }", [10, 15, 20]),
    ("{ from: 10, to: 11, count: 2 }", [10, 11]), ("{ from: 10, to: 12, count: 5 }", [10, 11, 12]),
    ("{ from: 1, to: 50, per_decade: 1 }", [1, 10, 50]), ("{ from: 7, to: 7, per_decade: 3 }", [7]),
    ("{ from: 1, to: 4, per_decade: 100 }", [1, 2, 3, 4]),
    ("{ from: 1e3, to: 1e6, per_decade: 1 }", [1000, 10_000, 100_000, 1_000_000]),
  ])
  func widths(text: String, widths: [Double]) throws {
    #expect(try DemoGrid(width: text).sweep().axes.width == widths)
  }

  @Test(
    arguments: [
      ("{ count: 3 }", [0, 1, 2]), ("{ from: 5, to: 7 }", [5, 6, 7]), ("[9, 4]", [4, 9]), ("0", [0]),
      ("9007199254740991", [9_007_199_254_740_991]), ("{ from: 0, to: 10, step: 5 }", [0, 5, 10]),
    ] as [(String, [UInt64])])
  func seeds(text: String, seeds: [UInt64]) throws {
    #expect(try DemoGrid(seed: text).sweep().axes.seed == seeds)
  }

  @Test func blockStyleAndAliasesAreYAMLToo() throws {
    let sweep = try GridFile(
      text: """
        %YAML 1.1
        ---
        "name": 'quoted'
        axes:
          gamma: &values
            - 0.1
            - 0.2
          gamma_prime: *values
          width: 10
          seed: 1
        samples: { target: four-relu, count: 3, from: -1, to: 1 }
        """
    ).sweep
    #expect(sweep.name == "quoted")
    #expect(sweep.axes["gamma_prime"] == [0.1, 0.2])
    #expect(sweep.problem.samples?.x == [[-1], [0], [1]])
  }

  @Test func lineEndsAndByteOrderMarksDoNotMatter() throws {
    let text = try shippedGrid("quickstart")
    let sweep = try GridFile(text: text).sweep
    #expect(try GridFile(text: text.replacing("\n", with: "\r\n")).sweep == sweep)
    #expect(try GridFile(bytes: [0xef, 0xbb, 0xbf] + Array(text.utf8), file: "a.yaml").sweep == sweep)
  }

  @Test func inputsOfHigherDimensionParse() throws {
    let grid = DemoGrid(samples: "{ x: [[1, 2], [3, 4]], y: [0, 1] }", rest: "method: m/1\nworker: [w]")
    #expect(try grid.sweep().problem.samples?.x == [[1, 2], [3, 4]])
  }

  /// f by hand at points on every piece.
  @Test(arguments: [(-1.0, 0.0), (-0.1, 0.4), (0.2, 0.8), (0.4, 1.0), (0.8, 0.8), (1.0, 0.8)])
  func fourRelu(x: Double, y: Double) {
    #expect(abs(NamedTarget.fourRelu.value(at: x) - y) < 1e-15)
  }

  @Test func targetsAreSampledSymmetrically() throws {
    let x = NamedTarget.fourRelu.samples(count: 40, from: -1, to: 1).x
    #expect(x.count == 40 && x.first == -1 && x.last == 1)
    #expect(zip(x, x.reversed()).allSatisfy { $0 == -$1 })
  }

  @Test func hugeSweepsNeedConfirmation() throws {
    var grid = DemoGrid()
    grid.gamma = "{ from: 0, to: 1, step: 0.01 }"
    grid.gammaPrime = "{ from: 0, to: 0.99, step: 0.01 }"
    grid.seed = "{ count: 1000 }"
    #expect(throws: GridError.self) { try grid.sweep() }
    #expect(try grid.sweep(allowHuge: true).axes.runCount == 10_100_000)
  }
}
