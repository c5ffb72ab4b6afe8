import Model
import Testing
import Theories

@testable import Networks

/// What the family of two-layer ReLU networks on a line says of itself, and what it refuses.
struct TwoLayerReLULineTests {
  private let family = TwoLayerReLULine()

  /// Every run has the quantities that are described, and a trajectory their columns.
  @Test func resultsHaveTheDescribedQuantities() throws {
    let run = Run(Setting(gamma: 1.25, gammaPrime: 0), width: 50, seed: 0)
    let ending = try train(run, of: .fourSamples(), record: ["trajectory"])
    let names = family.description.quantities.map(\.name)
    #expect(names == ["sup_rd", "rd", "mean_squared_residual", "time"])
    #expect(Set(ending.result.quantities.names) == Set(names))
    #expect(family.description.orderParameter == "sup_rd")
    let columns = try #require(ending.arrays.trajectory).columns
    #expect(columns.starts(with: ["time", "mean_squared_residual", "rd"]))
  }

  @Test func describesItsPlane() {
    let description = family.description
    #expect(description.methods == ["impulse/4"])
    #expect(description.parameters.map(\.name) == description.plane)
    #expect(description.parameters.allSatisfy { $0.range == -16...16 })
  }

  @Test(
    arguments: [
      (nil, [:], true), ("impulse/4", [:], true), ("impulse/2", [:], false), ("descent/1", [:], false),
      (nil, ["activation": .string("relu"), "bias": .boolean(true)], true),
      (nil, ["activation": .string("tanh")], false), (nil, ["layers": .number(3)], false),
      ("impulse/4", ["activation": .string("tanh")], false), (nil, ["antisymmetric": .boolean(true)], true),
    ] as [(String?, [String: JSONValue], Bool)])
  func claimsItsNetworks(method: String?, network: [String: JSONValue], isClaimed: Bool) {
    #expect(family.claims(method: method, network: network, inputs: 1) == isClaimed)
    let chosen = NetworkFamilies.builtIn.family(method: method, network: network, inputs: 1)
    #expect((chosen is TwoLayerReLULine) == isClaimed)
    #expect(!family.claims(method: method, network: network, inputs: 2))
  }

  /// Defaults change nothing but what the network is called.
  @Test func defaultsAreWhatIsMeantWithoutThem() throws {
    let network = family.withDefaults(["antisymmetric": .boolean(true)])
    #expect(
      network == [
        "activation": .string("relu"), "bias": .boolean(true), "antisymmetric": .boolean(true),
        "law": .string("sampled"), "nodes": .number(4096),
      ])
    let run = Run(Setting(gamma: 1, gammaPrime: 0), width: 20, seed: 1)
    var bare = try Problem.fourSamples()
    bare.network = [:]
    #expect(
      try train(run, of: bare).result.quantities == train(run, of: .fourSamples()).result.quantities)
  }

  @Test(
    arguments: [
      (.boolean, [.boolean(false)], [.number(0), .string("no"), .null]),
      (.choice(["a", "b"]), [.string("b")], [.string("c"), .boolean(true)]),
      (.number(0...2), [.number(0), .number(1.5)], [.number(2.5), .string("1")]),
      (.integer(1...3), [.number(3)], [.number(1.5), .number(4), .boolean(true)]),
    ] as [(NetworkKey.Kind, [JSONValue], [JSONValue])])
  func keysAcceptTheirValues(kind: NetworkKey.Kind, accepted: [JSONValue], refused: [JSONValue]) {
    #expect(accepted.allSatisfy(kind.accepts))
    #expect(!refused.contains(where: kind.accepts))
  }

  // MARK: Refusals

  private static func key(_ name: String) -> NetworkKey {
    TwoLayerReLULine().networkKeys.first { $0.name == name }
      ?? NetworkKey(name, .boolean, default: .boolean(false), summary: "")
  }

  /// A change of a valid problem, and what is wrong with it then.
  private static let refusedProblems: [(@Sendable (inout Problem) throws -> Void, FlowRunError)] = [
    ({ $0.method = "impulse/2" }, .unknownMethod("impulse/2", own: TwoLayerReLULine.method)),
    ({ $0.network["depth"] = .number(3) }, .unknownKey("depth")),
    ({ $0.network["activation"] = .string("tanh") }, .networkValue(key("activation"))),
    (
      { $0.network["bias"] = .boolean(false) },
      .unsupported("networks with inputs of dimension 1 without biases", method: TwoLayerReLULine.method)
    ),
    ({ $0.network["bias"] = .number(0) }, .networkValue(key("bias"))),
    ({ $0.network["antisymmetric"] = .string("yes") }, .networkValue(key("antisymmetric"))),
    ({ $0.samples = nil }, .noSamples),
    (
      { $0.samples = try SampleSet(x: [[1, 2]], y: [1]) },
      .unsupported("networks with inputs of dimension 2 with biases", method: TwoLayerReLULine.method)
    ),
    (
      { $0.samples = try SampleSet(x: (0...2000).map(Double.init), y: (0...2000).map(Double.init)) },
      .samples(2001, most: 2000)
    ),
    ({ $0.target = 0 }, .target(0)), ({ $0.target = .infinity }, .target(.infinity)),
    ({ $0.tolerance = 0.2 }, .tolerance(0.2)),
  ]

  @Test(arguments: refusedProblems.indices)
  func refusesProblems(index: Int) throws {
    var problem = try Problem.fourSamples()
    try Self.refusedProblems[index].0(&problem)
    let error = Self.refusedProblems[index].1
    #expect(throws: error) { try family.check(problem) }
    let run = Run(Setting(gamma: 1, gammaPrime: 0), width: 10, seed: 0)
    #expect(throws: error) { try family.start(run, of: problem, options: FlowOptions()) }
  }

  @Test(arguments: [
    (
      Run(["gamma": 1], width: 10.0, seed: 0),
      FlowRunError.setting(["gamma": 1], expected: ["gamma", "gamma_prime"])
    ),
    (
      Run(["gamma": 1, "gamma_prime": 0, "depth": 2], width: 10.0, seed: 0),
      .setting(["gamma": 1, "gamma_prime": 0, "depth": 2], expected: ["gamma", "gamma_prime"])
    ),
    (
      Run(["gamma": 1, "gamma_prime": 0], width: 10.5, seed: 0), .width(10.5, most: TwoLayerReLULine.maxWidth)
    ),
    (
      Run(["gamma": 1, "gamma_prime": 0], width: 1e10, seed: 0), .width(1e10, most: TwoLayerReLULine.maxWidth)
    ),
    (
      Run(["gamma": 1, "gamma_prime": 0], width: .nan, seed: 0), .width(.nan, most: TwoLayerReLULine.maxWidth)
    ),
    (Run(["gamma": 1, "gamma_prime": 0], width: 11.0, seed: 0), .oddWidth(11)),
    (
      Run(["gamma": 0, "gamma_prime": 90], width: 1e4, seed: 0),
      .outOfRange(Run(["gamma": 0, "gamma_prime": 90], width: 1e4, seed: 0))
    ),
  ])
  func refusesRuns(run: Run, error: FlowRunError) throws {
    var problem = try Problem.fourSamples()
    problem.network["antisymmetric"] = .boolean(true)
    let checked = #expect(throws: FlowRunError.self) { try family.check(run, of: problem) }
    let started = #expect(throws: FlowRunError.self) {
      try family.start(run, of: problem, options: FlowOptions())
    }
    #expect(checked?.description == error.description && started?.description == error.description)
  }

  // MARK: Initial values

  @Test func givenInitialValuesReplaceThoseOfTheSeed() throws {
    let run = Run(Setting(gamma: 1, gammaPrime: 0), width: 30, seed: 5)
    let other = Run(Setting(gamma: 1, gammaPrime: 0), width: 30, seed: 6)
    let values = InitialValues(width: 30, seed: 5, antisymmetric: false)
    let own = try train(run, of: .fourSamples()).result
    #expect(try train(other, of: .fourSamples(), initial: values).result.quantities == own.quantities)
    #expect(try train(other, of: .fourSamples()).result.quantities != own.quantities)
  }

  @Test func initialValuesSurviveTheirArrays() throws {
    let values = InitialValues(try InitialWeights(csv: "a,w,b\n1,2,3\n-0.5,1e-3,0"))
    #expect(values.arrays["w"]?.values == [2, 3, 1e-3, 0])
    let read = try InitialValues(values.arrays, width: 2)
    #expect(read.a == values.a && read.w == values.w && read.b == values.b)
  }

  @Test func otherInitialValuesAreRefused() {
    let a = NumericArray([1, 2], shape: [2])
    let w = NumericArray([1, 2, 3, 4], shape: [2, 2])
    let wrong: [RecordedArrays] = [
      [:], ["a": a], ["w": w], ["a": a, "w": NumericArray([1, 2, 3, 4], shape: [4])],
      ["a": NumericArray([1], shape: [1]), "w": w], ["a": NumericArray([1, .nan], shape: [2]), "w": w],
    ]
    for arrays in wrong {
      let error = #expect(throws: FlowRunError.self) { try InitialValues(arrays, width: 2) }
      guard case .initialValues = error else {
        Issue.record("\(arrays): \(String(describing: error))")
        continue
      }
    }
  }

  // MARK: Theory

  @Test func theTheoryIsThatOfItsPlaneAndOrderParameter() throws {
    let problem = try Problem.fourSamples()
    let plane = LuoEtAl2021.plane
    for name in ["rd", "sup_rd"] {
      let theory = family.theory(of: problem, plane: plane, orderParameter: name)
      #expect(theory?.expectedExponent(at: Setting(gamma: 0.25, gammaPrime: 0)) == -0.5)
    }
    #expect(family.theory(of: problem, plane: plane, orderParameter: "time") == nil)
    let swapped = Plane(x: plane.y ?? "", y: plane.x)
    #expect(family.theory(of: problem, plane: swapped, orderParameter: "rd") == nil)
    var antisymmetric = problem
    antisymmetric.network["antisymmetric"] = .boolean(true)
    let theory = family.theory(of: antisymmetric, plane: plane, orderParameter: "rd")
    #expect(theory?.expectedExponent(at: Setting(gamma: 0.25, gammaPrime: 0)) == -0.75)
  }
}
