import Model
import WorkerProtocol

/// What a worker must be able to do for a sweep, and what its results must have.
struct SweepRequirements: Sendable {
  /// The method (``Model/Problem/method``).
  let method: String
  /// The quantity that decides the phase, where the sweep names one; nil: the first that the worker
  /// lists.
  let orderParameter: String?
  /// The names of all parameters that runs have, ascending.
  let parameters: [String]

  init(method: String, orderParameter: String?, runs: [PlannedRun]) {
    self.method = method
    self.orderParameter = orderParameter
    var names: Set<String> = []
    var latest: [String]?
    // Runs of one block share their list of names, which makes the comparison quick.
    for run in runs where run.run.setting.names != latest {
      names.formUnion(run.run.setting.names)
      latest = run.run.setting.names
    }
    parameters = names.sorted()
  }

  /// Why a worker is of no use for the sweep; nil if it is.
  func failure(of hello: WorkerHello) -> WorkerFailure? {
    guard hello.protocolVersion == workerProtocolVersion else {
      return .protocolVersion(hello.protocolVersion)
    }
    let description = hello.description
    guard description.methods.contains(method) else {
      return .unknownMethod(method, known: description.methods)
    }
    let known = description.parameters.map(\.name)
    let unknown = known.isEmpty ? [] : parameters.filter { !known.contains($0) }
    guard unknown.isEmpty else { return .unknownParameters(unknown, known: known) }
    let quantities = description.quantities.map(\.name)
    if let orderParameter, !quantities.isEmpty, !quantities.contains(orderParameter) {
      return .unknownOrderParameter(orderParameter, known: quantities)
    }
    return nil
  }

  /// What is wrong with a result and what was recorded with it; nil if nothing is.
  ///
  /// - Parameters:
  ///   - run: the run. A limit has other quantities, and may not know all of them.
  ///   - hello: what the worker has told of itself.
  func failure(
    of result: RunResult, _ arrays: RecordedArrays, to run: Run, from hello: WorkerHello?
  ) -> WorkerFailure? {
    if let flaw = result.flaw ?? arrays.flaw { return .implausibleResult(flaw) }
    guard !run.isLimit, let name = orderParameter ?? hello?.description.orderParameter,
      result.quantities[name] == nil
    else { return nil }
    return .orderParameterMissing(name, given: result.quantities.names)
  }
}

extension RecordedArrays {
  /// What is wrong with an array whose name promises a form; nil if nothing is.
  fileprivate var flaw: String? {
    if isEmpty { return nil }
    func flaw(_ names: String..., isForm: Bool) -> String? {
      guard !isForm, let name = names.first(where: { self[$0] != nil }) else { return nil }
      return "the array \(name) has another form than docs/database.md defines"
    }
    return flaw(Trajectory.name, isForm: trajectory != nil)
      ?? flaw(NeuronSnapshot.nameOfEach, NeuronSnapshot.nameOfHistograms, isForm: neurons != nil)
      ?? flaw(FunctionSnapshot.name, isForm: function != nil)
      ?? flaw(Ladder.name, isForm: ladder != nil)
  }
}
