import Model
import Networks
import Planning

/// A family whose estimates are simple, and which counts nothing else: seconds grow with `a` and
/// the width, memory with the width and `b`.
struct ToyFamily: NetworkFamily {
  struct NotThere: Error {}

  static let method = "toy/1"

  var description: FamilyDescription {
    FamilyDescription(title: "toy", methods: [Self.method], parameters: [Parameter("a"), Parameter("b")])
  }

  func start(_ run: Run, of problem: Problem, options: FlowOptions) throws -> any Flow { throw NotThere() }

  func resume(_ run: Run, of problem: Problem, options: FlowOptions, from reader: inout CheckpointReader)
    throws -> any Flow
  { throw NotThere() }

  func estimate(_ run: Run, of problem: Problem) -> RunEstimate {
    let (a, b) = (run.setting["a"] ?? 0, run.setting["b"] ?? 0)
    return RunEstimate(
      seconds: 0.01 + run.width * (1 + (a * 4).rounded(.down)) * 1e-5,
      bytes: Self.bytes(width: run.width, b: b),
      group: a > 1 ? 1 : 0)
  }

  static func bytes(width: Double, b: Double = 0) -> Int { 1_000_000 + Int(width) * 100 + Int(b * 1000) }
}

extension NetworkFamilies {
  static let toy = NetworkFamilies([ToyFamily()])
}

/// Axes of the toy family.
func axes(
  a: [Double] = [0.5, 1, 1.5], b: [Double] = [0], width: [Double] = [1000, 3000, 10_000],
  seed: [UInt64] = [0, 1]
) -> Axes {
  Axes(parameters: ["a": a, "b": b], width: width, seed: seed)
}

/// A sweep of the toy family.
func toySweep(_ first: Axes = axes(), include: [Axes] = [], record: [RecordRule] = []) -> Sweep {
  Sweep(
    name: "toy", axes: first, include: include, problem: Problem(method: ToyFamily.method), record: record)
}

extension Plan {
  init(_ sweep: Sweep, known: ((RunIdentity) -> KnownState?)? = nil) {
    self.init(sweep: sweep, families: .toy, known: known)
  }
}
