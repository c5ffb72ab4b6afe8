import Model
import Networks

/// A family that has nothing in common with those of the program: other parameters, one of them
/// without a range, keys of every kind, widths that need not be whole.
struct OtherFamily: NetworkFamily {
  struct Refusal: Error, CustomStringConvertible { var description: String }

  var activations = ["tanh", "cube"]

  var description: FamilyDescription {
    FamilyDescription(
      title: "deep network", methods: ["steps/1", "steps/2"],
      parameters: [
        Parameter("alpha", range: 0...2), Parameter("rate"), Parameter("level", range: -1 ... .infinity),
      ],
      quantities: [Quantity("loss"), Quantity("sharpness"), Quantity("sup_loss")],
      recordables: [Recordable("weights"), Recordable("spectrum")], plane: ["alpha"])
  }

  var networkKeys: [NetworkKey] {
    [
      NetworkKey("activation", .choice(activations), default: .string("tanh"), summary: "σ"),
      NetworkKey("depth", .integer(1...5), default: .number(3), summary: "layers"),
      NetworkKey("noise", .number(0...1), default: .number(0), summary: "noise"),
      NetworkKey("skip", .boolean, default: .boolean(false), summary: "skip connections"),
    ]
  }

  func claims(method: String?, network: [String: JSONValue], inputs: Int?) -> Bool {
    if let method { return description.methods.contains(method) }
    return network["activation"]?.string.map(activations.contains) ?? (network["depth"] != nil)
  }

  func check(_ problem: Problem) throws {
    if problem.network["skip"] == .boolean(true), problem.network["depth"] == .number(1) {
      throw Refusal(description: "there is nothing to skip in one layer")
    }
  }

  func check(_ run: Run, of problem: Problem) throws {
    guard run.width <= 1e6 else { throw Refusal(description: "the width is above a million") }
  }

  func start(_ run: Run, of problem: Problem, options: FlowOptions) throws -> any Flow {
    throw Refusal(description: "it is not there to run")
  }

  func resume(_ run: Run, of problem: Problem, options: FlowOptions, from reader: inout CheckpointReader)
    throws -> any Flow
  { throw Refusal(description: "it is not there to run") }

  func estimate(_ run: Run, of problem: Problem) -> RunEstimate { RunEstimate(seconds: 1, bytes: 1) }
}

extension NetworkFamilies {
  /// Those of the program, and one more.
  static let withOther = NetworkFamilies(builtIn.all + [OtherFamily()])
}
