import Model

/// How the initial values of a network of m neurons are represented (`docs/limit.md`).
enum InitialLaw: String, CaseIterable, Sendable {
  /// m neurons, drawn one by one.
  case sampled
  /// Weighted nodes that carry as many neurons as chance gives them: the law of m neurons at any
  /// real m.
  case nodes
  /// Weighted nodes that carry their mean share of the neurons: no fluctuations, f(0) = 0.
  case mean

  /// The names of the keys of `network`.
  static let key = "law", nodesKey = "nodes"
  /// How many nodes there are unless a problem says otherwise: they hold RD to 10⁻³ for up to 20
  /// samples.
  static let defaultNodes = 4096
  /// From how many to how many nodes may be asked for.
  static let nodesRange = 64...1_000_000
  /// How many nodes a run moves, by those asked for: the flows that are compared among them.
  static let comparedShare = 1.5
  /// The least width of weighted nodes.
  static let minWidth = 10.0

  /// The law of a problem.
  init(_ problem: Problem) {
    self = problem.network[Self.key]?.string.flatMap(Self.init) ?? .sampled
  }

  /// The number of nodes of a problem.
  static func nodes(of problem: Problem) -> Int {
    problem.network[nodesKey]?.number.flatMap { Int(exactly: $0) } ?? defaultNodes
  }
}
