import Foundation
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
    #expect(abs(NamedTarget.fourRelu.value(at: [x]) - y) < 1e-15)
  }

  @Test func targetsAreSampledSymmetrically() throws {
    let x = InputSet.even(from: -1, to: 1).points(40).map { $0[0] }
    #expect(x.count == 40 && x.first == -1 && x.last == 1)
    #expect(zip(x, x.reversed()).allSatisfy { $0 == -$1 })
  }

  /// Several inputs: random ones by their seed, a function of their sum, or noise.
  @Test func samplesOfHigherDimensionAreMade() throws {
    func samples(_ text: String) throws -> SampleSet {
      let grid = DemoGrid(samples: text, rest: "method: m/1\nworker: [w]")
      return try #require(try grid.sweep().problem.samples)
    }
    let cube = try samples("{ target: square, count: 20, from: -1, to: 3, dimension: 4 }")
    #expect(cube.count == 20 && cube.dimension == 4)
    #expect(cube.x.joined().allSatisfy { (-1...3).contains($0) } && Set(cube.x.joined()).count == 80)
    for (x, y) in zip(cube.x, cube.y) {
      let sum = x.reduce(0, +)
      #expect(abs(y - sum * sum / 4) < 1e-12)
    }
    #expect(try samples("{ target: square, count: 20, from: -1, to: 3, dimension: 4, seed: 1 }") != cube)
    let noise = try samples("{ target: noise, inputs: normal, count: 2000, dimension: 2, seed: 7 }")
    for values in [noise.y, noise.x.map { $0[0] }, noise.x.map { $0[1] }] {
      #expect(abs(values.reduce(0, +) / 2000) < 0.1)
      #expect(abs(values.reduce(0) { $0 + $1 * $1 } / 2000 - 1) < 0.15)
    }
    let product = zip(noise.y, noise.x).reduce(0) { $0 + $1.0 * $1.1[0] } / 2000
    #expect(abs(product) < 0.1)
  }

  @Test(arguments: ["unit", "largest", "2"])
  func inputsAreScaled(scale: String) throws {
    let grid = DemoGrid(
      samples: "{ x: [[3, 4], [0, 0.5], [0, 0]], y: [0, 1, 2], scale: \(scale) }",
      rest: "method: m/1\nworker: [w]")
    let x = try grid.sweep().problem.samples?.x
    switch scale {
    case "unit": #expect(x == [[0.6, 0.8], [0, 1], [0, 0]])
    case "largest": #expect(x == [[0.6, 0.8], [0, 0.1], [0, 0]])
    default: #expect(x == [[6, 8], [0, 1], [0, 0]])
    }
  }

  /// Arrays, images and their faults, in files that this test writes.
  @Test func filesOfArraysAndImagesAreRead() throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "gammaplane-samples-\(UUID())")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    func write(_ name: String, _ bytes: [UInt8]) throws {
      try Data(bytes).write(to: folder.appending(path: name))
    }
    func samples(_ text: String) throws -> SampleSet? {
      let grid =
        "name: a\naxes: { p: [1], width: [10], seed: [0] }\nmethod: m/1\nworker: [w]\nsamples: \(text)\n"
      return try GridFile(text: grid, file: "a.yaml", baseDirectory: folder.path).sweep.problem.samples
    }
    try write("a.npy", NumericArray([1, 2, 3, 4, 5, 6], shape: [2, 3]).npy)
    #expect(try samples("{ file: a.npy }") == SampleSet(x: [[1, 2], [4, 5]], y: [3, 6]))
    try write("b.npy", NumericArray([1, 2, 3], shape: [3]).npy)
    #expect(throws: GridError.self) { try samples("{ file: b.npy }") }
    try write("train-images-idx3-ubyte", [0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 2, 0, 255, 51, 102])
    try write("train-labels-idx1-ubyte", [0, 0, 8, 1, 0, 0, 0, 2, 7, 9])
    #expect(
      try samples("{ mnist: { file: train-images-idx3-ubyte, images: 2 } }")
        == SampleSet(x: [[0, 1], [0.2, 0.4]], y: [7, 9]))
    try write("digits.csv", Array("label,p1,p2\n7,0,255\n9,51,102\n".utf8))
    #expect(
      try samples("{ mnist: { file: digits.csv, images: 1 }, scale: 3 }") == SampleSet(x: [[0, 3]], y: [7]))
    let wrong = [
      ("{ mnist: { file: train-images-idx3-ubyte, images: 3 } }", "it has 2 images, and 3 are asked for"),
      ("{ mnist: { file: none, images: 3 } }", "none: there is no such file"),
      ("{ mnist: { file: digits.csv, labels: a, image: 1 } }", "did you mean \"images\"?"),
      ("{ mnist: { file: a.npy, images: 1 } }", "it is no IDX file"),
    ]
    for (text, message) in wrong {
      let error = #expect(throws: GridError.self) { try samples(text) }
      #expect(error?.description.contains(message) == true, "\(text): \(String(describing: error))")
    }
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
