import Model

/// The network families of a program.
public struct NetworkFamilies: Sendable {
  /// In the order in which they are asked.
  public let all: [any NetworkFamily]

  /// Some families.
  public init(_ all: [any NetworkFamily]) { self.all = all }

  /// Those of this program. A new one is added here.
  public static let builtIn = NetworkFamilies([
    TwoLayerReLULine(), TwoLayerReLU(), TwoLayerSmooth(), ThreeLayerTanh(),
    TwoLayerDescent<PlainDescent>(), TwoLayerDescent<StochasticDescent>(), TwoLayerDescent<MomentumDescent>(),
    TwoLayerDescent<Adam>(),
  ])

  /// The family of a problem; nil: its method belongs to a worker of one's own.
  public func family(of problem: Problem) -> (any NetworkFamily)? {
    family(method: problem.method, network: problem.network, inputs: problem.samples?.dimension)
  }

  /// The family that claims a method, or a network without one, for inputs of a dimension; nil if
  /// none does.
  public func family(
    method: String?, network: [String: JSONValue], inputs: Int?
  ) -> (any NetworkFamily)? {
    all.first { $0.claims(method: method, network: network, inputs: inputs) }
  }

  /// All their methods.
  public var methods: [String] { all.flatMap(\.description.methods) }

  /// The same without revisions.
  public var methodNames: [String] { methods.map { String($0.prefix { $0 != "/" }) } }

  /// All keys of their networks, one after the other: families may have the same with other values.
  public var networkKeys: [NetworkKey] { all.flatMap(\.networkKeys) }

  /// All their parameters, each name once.
  public var parameters: [Parameter] {
    var seen: Set<String> = []
    return all.flatMap(\.description.parameters).filter { seen.insert($0.name).inserted }
  }
}
