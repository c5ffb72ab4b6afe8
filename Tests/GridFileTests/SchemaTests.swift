import Foundation
import Model
import Networks
import Testing

@testable import GridFile

/// The JSON schema of grid files, beside the reader.
struct SchemaTests {
  private let schema = GridSchema()
  private var validator: SchemaValidator { SchemaValidator(root: schema.json) }

  /// A grid file as an editor sees it.
  private func value(_ text: String) throws -> JSONValue {
    try YAMLTree(SourceText(file: "grid.yaml", text: text)).json("the grid") { _ in }
  }

  /// Whether an editor finds nothing wrong with it.
  private func follows(_ text: String) throws -> Bool { validator.accepts(try value(text)) }

  private var shippedFiles: [String] {
    get throws {
      let grids = try FileManager.default.contentsOfDirectory(atPath: "\(repository)/grids").sorted()
      return grids.filter { $0.hasSuffix(".yaml") }.map { "grids/\($0)" }
        + ["Examples/numpy-worker/grid.yaml"]
    }
  }

  private func text(_ file: String) throws -> String {
    try String(contentsOfFile: "\(repository)/\(file)", encoding: .utf8)
  }

  // MARK: Keys

  @Test func readerAndSchemaKnowTheSameKeys() {
    let families = NetworkFamilies.builtIn
    func same(_ section: Section, _ keys: some Sequence<String>) {
      #expect(Set(keys) == Set(section.keys ?? []), "\(section.path)")
    }
    same(.grid, schema.common.keys)
    same(.stop, schema.stop.keys)
    same(.limits, schema.limits.keys)
    same(.slurm, schema.slurm.keys)
    same(.mnist, schema.mnist.keys)
    same(.samples, schema.sampleForms.flatMap(\.keys.keys))
    same(.axes(families.parameters.map(\.name)), schema.axes().keys)
    same(.network(families.networkKeys), schema.networkKeys().keys)
  }

  /// The forms of samples are those of the reader, key by key.
  @Test func formsOfSamplesAreThoseOfTheReader() {
    let forms = schema.sampleForms.map { Set($0.keys.keys).subtracting(["scale"]) }
    #expect(Set(forms) == Set(GridReader.forms.map { Set($0) }))
  }

  /// An editor shows what a key means.
  @Test func everyKeyIsDescribed() {
    let forms = schema.sampleForms.map(\.keys)
    let sections =
      [schema.common, schema.stop, schema.limits, schema.slurm, schema.mnist, schema.axes()] + forms
      + [schema.networkKeys()]
    for (key, value) in sections.joined() {
      guard case .object(let keywords) = value else { continue }
      #expect(keywords["description"]?.string?.isEmpty == false, "\(key)")
    }
  }

  // MARK: Files

  @Test func everyGridOfOursFollowsIt() throws {
    for file in try shippedFiles { #expect(try follows(text(file)), "\(file)") }
  }

  @Test func everyExampleOfTheDocumentFollowsIt() throws {
    let blocks = try text("docs/grid-files.md").components(separatedBy: "```yaml\n").dropFirst()
    for block in blocks.compactMap({ $0.components(separatedBy: "```").first }) {
      var whole = block
      if !block.hasPrefix("name:") {
        var grid = DemoGrid()
        grid.rest = block
        whole = grid.text
      }
      #expect(try follows(whole), "\(block)")
    }
  }

  /// The first line tells editors where the schema is.
  @Test func everyGridOfOursNamesIt() throws {
    for file in try shippedFiles {
      let up = String(repeating: "../", count: file.split(separator: "/").count - 1)
      #expect(
        try text(file).hasPrefix("# yaml-language-server: $schema=\(up)docs/grid.schema.json\n"), "\(file)")
    }
  }

  /// `make docs` has been run since the schema changed.
  @Test func theFileIsTheSchema() throws {
    let file = try JSONDecoder().decode(JSONValue.self, from: Data(try text("docs/grid.schema.json").utf8))
    #expect(file == schema.json, "run `make docs`")
  }

  // MARK: Values

  /// What both refuse; each of a grid that both accept without it.
  @Test(arguments: [
    "limits: { attempt: 3 }", "limits: { attempts: 0 }", "limits: { attempts: 1.5 }", "limits: 3",
    "stop: { steps: none }", "stop: { mean_squared_residual: 0 }", "tolerance: 0.5", "limit: maybe",
    "record: [neuron]", "record: { gamma: 1 }", "plane: [gamma, width, seed]", "plane: gama",
    "order_parameter: sup", "method: a/b/c", "worker: python3", "slurm: { tasks: 0 }", "database: a/b",
    "include: [{ gama: 1 }]", "include: { gamma: 1 }", "parameters: { depth: 3 }", "axis: 1",
    "slurm: { options: [qos] }", "limits: { shutdown_grace_period: 3601 }",
  ])
  func bothRefuse(_ rest: String) throws {
    var grid = DemoGrid()
    #expect(grid.error == "no error")
    #expect(try follows(grid.text))
    grid.rest = rest
    #expect(grid.error != "no error")
    #expect(try !follows(grid.text))
  }

  @Test(arguments: [
    "0.5", "[0.5, 1]", "[]", "{ from: 0, to: 1, step: 0.5 }", "{ from: 0, to: 1, count: 3 }", "text",
    "{ from: 0, to: 1 }", "{ from: 0, step: 1 }", "99", "[1, 1]", "{ count: 3 }",
    "{ from: 0, to: 1, step: -1 }",
  ])
  func bothJudgeAnAxisAlike(_ axis: String) throws {
    var grid = DemoGrid()
    grid.gamma = axis
    #expect(try follows(grid.text) == (grid.error == "no error"))
    grid = DemoGrid()
    grid.seed = axis
    if axis != "[1, 1]" {
      #expect(try follows(grid.text) == (grid.error == "no error"), "seed")
    }
  }

  @Test(arguments: [
    "activation: relu", "activation: reluu", "bias: 1", "bias: false", "nodes: 0", "depth: 3",
    "activation: tanh, fixed_exponent: 17", "law: mean",
  ])
  func bothJudgeANetworkAlike(_ network: String) throws {
    var grid = DemoGrid()
    grid.network = network
    #expect(try follows(grid.text) == (grid.error == "no error"))
  }

  @Test(arguments: [
    "{ x: [1], y: [1], count: 2 }", "{ file: a.csv, x: [1] }", "{ target: square }", "{ x: [1] }", "3",
    "{ target: cube, count: 3, from: 0, to: 1 }", "{ x: [1], y: [1], scale: small }",
  ])
  func bothRefuseSamples(_ samples: String) throws {
    let grid = DemoGrid(samples: samples)
    #expect(grid.error != "no error")
    #expect(try !follows(grid.text))
  }

  /// A worker of one's own may have any names.
  @Test func ownWorkersAreFree() throws {
    let text = """
      name: own
      axes: { depth: [1, 2], rate: { from: 0, to: 1, step: 0.5 }, width: 8, seed: 0 }
      network: { layers: [3, 4] }
      parameters: { data: shakespeare.txt }
      method: transformer/2
      worker: [python3, worker.py, 3]
      record: [loss, { what: curve, depth: 1 }]
      plane: depth
      order_parameter: sharpness
      """
    #expect(errorText(text) == "no error")
    #expect(try follows(text))
    #expect(try !follows(text + "\nlimts: {}\n"))
  }
}
