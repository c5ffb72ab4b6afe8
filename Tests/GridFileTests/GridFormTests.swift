import Model
import Testing

@testable import Grid

/// The forms that a grid may take.
struct GridFormTests {
  @Test func whatIsLeftOutIsTheDefault() throws {
    let sweep = try GridText().sweep()
    #expect(sweep.problem == Problem(network: Network(), samples: try SampleSet(x: [-1, 1], y: [0, 1])))
    #expect(sweep.budget == .standard)
    #expect(sweep.limits == Limits())
  }

  @Test func everyOptionArrives() throws {
    var grid = GridText()
    grid.rest = """
      stop: { mean_squared_residual: 1e-8, steps: 1e7, wall_seconds: 0.5 }
      tolerance: 1e-4
      limits: { attempts: 1, memory: 500MB }
      """
    let sweep = try grid.sweep()
    #expect(sweep.problem.target == 1e-8)
    #expect(sweep.problem.tolerance == 1e-4)
    #expect(sweep.budget == Budget(steps: 10_000_000, wallSeconds: 0.5))
    #expect(sweep.limits == Limits(attempts: 1, memory: 500_000_000))
  }

  @Test(arguments: [
    ("5", [5]), ("1e6", [1_000_000]), ("1.0e+3", [1000]), ("[3, 1, 2e0]", [1, 2, 3]),
    ("{ from: 10, to: 25, step: 5 }", [10, 15, 20, 25]), ("{ from: 10, to: 24, step: 5 }", [10, 15, 20]),
    ("{ from: 10, to: 11, count: 2 }", [10, 11]), ("{ from: 10, to: 12, count: 5 }", [10, 11, 12]),
    ("{ from: 1, to: 50, per_decade: 1 }", [1, 10, 50]), ("{ from: 7, to: 7, per_decade: 3 }", [7]),
    ("{ from: 1, to: 4, per_decade: 100 }", [1, 2, 3, 4]),
    ("{ from: 1e3, to: 1e6, per_decade: 1 }", [1000, 10_000, 100_000, 1_000_000]),
  ])
  func widths(text: String, widths: [Int]) throws {
    var grid = GridText()
    grid.width = text
    #expect(try grid.sweep().axes.width == widths)
  }

  @Test(
    arguments: [
      ("{ count: 3 }", [0, 1, 2]), ("{ from: 5, to: 7 }", [5, 6, 7]), ("[9, 4]", [4, 9]), ("0", [0]),
      ("9007199254740991", [9_007_199_254_740_991]), ("{ from: 0, to: 10, step: 5 }", [0, 5, 10]),
    ] as [(String, [UInt64])])
  func seeds(text: String, seeds: [UInt64]) throws {
    var grid = GridText()
    grid.seed = text
    #expect(try grid.sweep().axes.seed == seeds)
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
    #expect(sweep.axes.gammaPrime == [0.1, 0.2])
    #expect(sweep.problem.samples.x == [[-1], [0], [1]])
  }

  @Test func lineEndsAndByteOrderMarksDoNotMatter() throws {
    let text = try shippedGrid("quickstart")
    let sweep = try GridFile(text: text).sweep
    #expect(try GridFile(text: text.replacing("\n", with: "\r\n")).sweep == sweep)
    #expect(try GridFile(bytes: [0xef, 0xbb, 0xbf] + Array(text.utf8), file: "a.yaml").sweep == sweep)
  }

  @Test func inputsOfHigherDimensionParse() throws {
    var grid = GridText()
    grid.samples = "{ x: [[1, 2], [3, 4]], y: [0, 1] }"
    #expect(try grid.sweep().problem.samples.x == [[1, 2], [3, 4]])
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

  @Test func hugeSweepsNeedPermission() throws {
    var grid = GridText()
    grid.gamma = "{ from: 0, to: 1, step: 0.01 }"
    grid.gammaPrime = "{ from: 0, to: 0.99, step: 0.01 }"
    grid.seed = "{ count: 1000 }"
    #expect(throws: GridError.self) { try grid.sweep() }
    #expect(try grid.sweep(allowHuge: true).axes.runCount == 10_100_000)
  }
}
