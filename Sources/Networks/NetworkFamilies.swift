import Model

/// The network families of a program.
public struct NetworkFamilies: Sendable {
  /// In the order in which they are asked.
  public let all: [any NetworkFamily]

  /// Some families.
  public init(_ all: [any NetworkFamily]) { self.all = all }

  /// Those of this program. A new one is added here.
  public static let builtIn = NetworkFamilies([
    TwoLayerReLULine()
  ])

  /// The family of a problem; nil: its method belongs to a worker of one's own.
  public func family(of problem: Problem) -> (any NetworkFamily)? {
    family(method: problem.method, network: problem.network)
  }

  /// The family that claims a method, or a network without one; nil if none does.
  public func family(method: String?, network: [String: JSONValue]) -> (any NetworkFamily)? {
    all.first { $0.claims(method: method, network: network) }
  }

  /// All their methods.
  public var methods: [String] { all.flatMap(\.description.methods) }

  /// All their parameters, each name once.
  public var parameters: [Parameter] {
    var seen: Set<String> = []
    return all.flatMap(\.description.parameters).filter { seen.insert($0.name).inserted }
  }
}
