import Model
import WorkerProtocol

/// What a worker must be able to do for a sweep, and what its results must have.
struct SweepRequirements: Sendable {
  /// The method (``Model/Problem/method``).
  let method: String
  /// The quantity that decides the phase, where the sweep names one; nil: the first that the worker
  /// lists.
  let orderParameter: String?
  /// All parameters that runs have, with the range of their values.
  let parameters: [String: ClosedRange<Double>]
  /// What is to be recorded of any run of finite width; a limit comes with its ladder.
  let record: RecordNames

  init(method: String, orderParameter: String?, runs: [PlannedRun]) {
    self.method = method
    self.orderParameter = orderParameter
    var parameters: [String: ClosedRange<Double>] = [:]
    var record: RecordNames = []
    var latest: Setting?
    for run in runs {
      if !run.run.isLimit { record.formUnion(run.record) }
      guard run.run.setting != latest else { continue }
      latest = run.run.setting
      for (name, value) in run.run.setting.pairs {
        let known = parameters[name] ?? value...value
        if !known.contains(value) || parameters[name] == nil {
          parameters[name] = min(known.lowerBound, value)...max(known.upperBound, value)
        }
      }
    }
    self.parameters = parameters
    self.record = record
  }

  /// Why a worker is of no use for the sweep; nil if it is.
  func failure(of hello: WorkerHello) -> WorkerFailure? {
    guard hello.protocolVersion == workerProtocolVersion else {
      return .protocolVersion(hello.protocolVersion)
    }
    guard hello.description.methods.contains(method) else {
      return .unknownMethod(method, known: hello.description.methods)
    }
    let description = hello.description(of: method)
    let known = description.parameters.map(\.name)
    let unknown = known.isEmpty ? [] : parameters.keys.filter { !known.contains($0) }.sorted()
    guard unknown.isEmpty else { return .unknownParameters(unknown, known: known) }
    for parameter in description.parameters {
      guard let allowed = parameter.range, let used = parameters[parameter.name] else { continue }
      for value in [used.lowerBound, used.upperBound] where !allowed.contains(value) {
        return .parameterOutOfRange(parameter.name, value: value, allowed: allowed)
      }
    }
    let quantities = description.quantities.map(\.name)
    if let orderParameter, !quantities.isEmpty, !quantities.contains(orderParameter),
      description.recordable(orderParameter)?.isQuantity != true
    {
      return .unknownOrderParameter(orderParameter, known: quantities)
    }
    let recordables = description.recordables.map(\.name)
    let missing = record.names.filter { description.recordable($0) == nil }
    return missing.isEmpty ? nil : .notRecordable(missing, known: recordables)
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
    guard !run.isLimit, let name = orderParameter ?? hello?.description(of: method).orderParameter,
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
