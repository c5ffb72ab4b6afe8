import Foundation
import Model
import Testing

@testable import GridFile

/// Grids for a worker of one's own: their names and values mean something to it alone.
struct WorkerTests {
  static let text = """
    name: own
    axes: { learning_rate: { from: 1e-5, to: 1e-1, per_decade: 1 }, p2: [0.5, 1e30], width: [0.5, 3], seed: 7 }
    network: { activation: tanh, layers: [3, 4.5, null, yes], deep: { on: true, name: "1", none: ~ } }
    parameters: { batch: 32, optimiser: adam, betas: [0.9, 0.999] }
    method: transformer/2.1
    worker: [python3, worker.py, "--fast mode", "", 7]
    record: [loss_curve, { what: heads, p2: 0.5 }]
    plane: [p2, learning_rate]
    order_parameter: sharpness
    """

  private var text: String { Self.text }

  private func changed(_ old: String, _ new: String) -> String { text.replacing(old, with: new) }

  private func without(_ key: String) -> String {
    text.split(separator: "\n").filter { !$0.hasPrefix(key + ":") }.joined(separator: "\n")
  }

  @Test func everythingIsPassedOnAsItIs() throws {
    let sweep = try GridFile(text: text).sweep
    #expect(sweep.problem.method == "transformer/2.1" && sweep.problem.samples == nil)
    #expect(
      sweep.problem.network == [
        "activation": .string("tanh"), "layers": .array([.number(3), .number(4.5), .null, .string("yes")]),
        "deep": .object(["on": .boolean(true), "name": .string("1"), "none": .null]),
      ])
    #expect(
      sweep.problem.parameters == [
        "batch": .number(32), "optimiser": .string("adam"), "betas": .array([.number(0.9), .number(0.999)]),
      ])
    #expect(sweep.worker?.arguments == ["python3", "worker.py", "--fast mode", "", "7"])
    #expect(sweep.axes.names == ["learning_rate", "p2"])
    #expect(
      sweep.axes["learning_rate"] == [1e-5, 1e-4, 1e-3, 1e-2, 1e-1] && sweep.axes["p2"] == [0.5, 1e30])
    #expect(sweep.axes.width == [0.5, 3] && sweep.axes.seed == [7])
    #expect(
      sweep.record == [
        RecordRule(what: ["loss_curve"]), RecordRule(what: ["heads"], parameters: ["p2": [0.5]]),
      ])
    #expect(sweep.plane == ["p2", "learning_rate"] && sweep.orderParameter == "sharpness")
  }

  @Test func littleIsNeeded() throws {
    let sweep = try GridFile(
      text: "name: a\naxes: { width: 1, seed: 0 }\nmethod: m/1\nworker: [w]"
    ).sweep
    #expect(sweep.axes.settings == [.none] && sweep.axes.runCount == 1)
    #expect(sweep.plane.isEmpty && sweep.orderParameter == nil && sweep.problem.network.isEmpty)
  }

  /// What a family of this program would refuse is the worker's affair.
  @Test func nothingIsCheckedAgainstTheFamilies() throws {
    var demo = DemoGrid()
    demo.network = "bias: false, antisymmetric: true, activation: tanh"
    demo.samples = "{ x: [[1, 2], [3, 1e9]], y: [0, 1] }"
    demo.width = "[11, 1e12, 1e100]"
    demo.gamma = "[-100, 100]"
    demo.rest = "method: other/1\nworker: [w]"
    let sweep = try demo.sweep()
    #expect(sweep.problem.network["bias"] == .boolean(false) && sweep.axes.width == [11, 1e12, 1e100])
    #expect(sweep.plane.isEmpty)
  }

  @Test(arguments: [
    ("deep:", "3:65", "deep: .nan, x:", "network.deep must be a finite number"),
    (
      "batch: 32", "4:22", "batch: 12345678901234567890",
      "parameters.batch must be a finite number, and whole only"
    ),
    ("batch: 32", "4:25", "batch: 1, batch: 2", "the key \"batch\" is given twice in parameters"),
    ("batch: 32", "4:15", "<<: {}", "merge keys (<<) are not supported"),
    ("p2: [0.5, 1e30]", "2:65", "2p: 1", "\"2p\" cannot be the name of an axis"),
    ("p2: [0.5, 1e30]", "2:65", "a-b: 1", "\"a-b\" cannot be the name of an axis"),
    ("p2: [0.5, 1e30]", "2:65", "what: 1", "\"what\" cannot be the name of an axis"),
    ("p2: [0.5, 1e30]", "2:65", "é: 1", "\"é\" cannot be the name of an axis"),
    ("p2: [0.5, 1e30]", "2:65", "'': 1", "this axis has no name"),
    ("p2: [0.5, 1e30]", "2:69", "p2: .inf", "axes.p2 must be a finite number, found .inf"),
    ("loss_curve", "7:10", "2", "record must be a name of letters (a-z, A-Z), digits and '_'"),
    ("[p2, learning_rate]", "8:8", "p3", "plane must be learning_rate or p2, found p3"),
    ("sharpness", "9:18", "\"a b\"", "order_parameter must be a name of letters"),
    (
      "width: [0.5, 3]", "2:90", "width: [0, 3]",
      "a value of axes.width must be a positive number up to 1e100, found 0"
    ),
  ])
  func faultsAreFound(old: String, place: String, new: String, message: String) {
    let error = errorText(changed(old, new))
    #expect(error.contains("error: \(message)"), "\(error)")
    #expect(error.contains(":\(place):"), "\(error)")
  }

  @Test func aWorkerIsNeeded() {
    let error = errorText(without("worker"))
    #expect(
      error.hasPrefix(
        "grid.yaml:5:9: error: no network of this program has the method transformer/2.1, and no worker is given"
      ))
    #expect(error.contains("impulse/4"))
    let near = errorText(DemoGrid(rest: "method: impulse/43").text)
    #expect(near.contains("hint: did you mean \"impulse/4\"?"))
  }

  @Test func aMethodIsNeeded() {
    let lines = errorLines(without("method"))
    // One error, whatever the network has that no family knows.
    #expect(lines == ["5:9: error: a worker of one's own with a network of its own needs a method"])
    #expect(errorText(without("method")).contains("name the method of the worker with method: NAME/REVISION"))
    let axes = errorText(
      "name: a\naxes: { learning_rate: 1, width: 1, seed: 0 }\nworker: [w]\nsamples: { x: [1], y: [1] }")
    #expect(axes.contains("unknown key \"learning_rate\" in axes"))
    #expect(axes.contains("name the method of the worker with method: NAME/REVISION"))
  }

  /// The worker of one's own may well have a method of this program.
  @Test func aWorkerMayHaveAMethodOfThisProgram() throws {
    let sweep = try DemoGrid(rest: "worker: [./mine]").sweep()
    #expect(sweep.problem.method == "impulse/4" && sweep.worker?.arguments == ["./mine"])
  }

  /// However the grid file was named, the folder is one that can be found from anywhere.
  @Test func theFolderIsThatOfTheGrid() throws {
    let folder = URL(filePath: FileManager.default.temporaryDirectory.path())
      .appending(path: "grid-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let path = folder.appending(path: "g.yaml").path()
    try text.write(toFile: path, atomically: true, encoding: .utf8)
    let expected = folder.resolvingSymlinksInPath().path()
    let indirect = folder.appending(path: "../\(folder.lastPathComponent)/g.yaml").path()
    for path in [path, indirect] {
      #expect(try GridFile.load(path: path).worker?.folder == expected)
    }
    #expect(try GridFile(text: text).sweep.worker?.folder == FileManager.default.currentDirectoryPath)
  }

  @Test func errorsPointAtTheFault() {
    #expect(
      errorText(changed("[python3, worker.py, \"--fast mode\", \"\", 7]", "python3 worker.py")) == """
        grid.yaml:6:9: error: worker must be a list of a program and its arguments, found python3 worker.py
        worker: python3 worker.py
                ^
        hint: write for example worker: [python3, worker.py]
        """)
    let method = errorText(DemoGrid(rest: "method: gradient descent").text)
    #expect(
      method.hasPrefix(
        "grid.yaml:9:9: error: method must be a name and a revision of letters, digits, '-' and '.' with a '/' "
          + "between, found gradient descent\nmethod: gradient descent\n        ^\n"
          + "hint: for example method: gradient-descent/1; this program has impulse/4 ("))
  }

  @Test(arguments: [
    ("worker: []", "9:9", "worker must be a list of a program and its arguments, found an empty list"),
    ("worker: [\"\"]", "9:10", "the program of worker must be a text"),
    ("worker: [w, [x]]", "9:13", "an argument of worker must be a text, found a list"),
    ("method: a/b/c", "9:9", "method must be a name and a revision"),
    ("method: /1", "9:9", "method must be a name and a revision"),
    ("method: ü/1", "9:9", "method must be a name and a revision"),
    ("method: [a/1]", "9:9", "method must be a name and a revision"),
    ("network2: 3", "9:1", "unknown key \"network2\" in the grid"),
  ])
  func everyKeyIsChecked(rest: String, place: String, message: String) {
    let error = DemoGrid(rest: rest).error
    #expect(error.hasPrefix("grid.yaml:\(place): error: \(message)"), "\(error)")
  }

  @Test func aNetworkIsAMapping() {
    #expect(
      errorLines("name: a\nnetwork: tanh").contains("2:10: error: network must be a mapping, found tanh"))
  }
}

/// The core schema of YAML 1.2.
struct CoreSchemaTests {
  @Test(
    arguments: [
      ("", .null), ("~", .null), ("null", .null), ("true", .boolean(true)), ("FALSE", .boolean(false)),
      ("yes", .string("yes")), ("nUll", .string("nUll")), ("1", .number(1)), ("-0.5", .number(-0.5)),
      ("+12e03", .number(12e3)), ("0o17", .number(15)), ("0x1F", .number(31)), ("0x", .string("0x")),
      ("0xg", .string("0xg")), ("017", .number(17)), ("1_000", .string("1_000")), ("1:30", .string("1:30")),
      (".", .string(".")), ("-", .string("-")), ("9007199254740991", .number(9_007_199_254_740_991)),
    ] as [(String, JSONValue)])
  func values(text: String, value: JSONValue) {
    #expect(coreSchemaValue(text) == value)
  }

  @Test(arguments: [".nan", ".inf", "-.INF", "1e999", "9007199254740993", "0xffffffffffffffffffff"])
  func jsonHasNoSuchNumber(text: String) {
    #expect(coreSchemaValue(text) == nil)
  }
}
