import Model
import WorkerProtocol

extension Scheduler {
  mutating func onResult(
    _ result: RunResult, _ arrays: RecordedArrays, of run: RunIdentity, from id: WorkerID
  ) {
    guard let position = position(of: run, heldBy: id) else { return }
    let arrays = arrays.restricted(to: runs[position].record)
    let failure = requirements.failure(
      of: result, arrays, to: runs[position].run, from: workers[id]?.hello)
    if let failure { return fail(id, failure) }
    let attempts = attempt(at: position)
    costs.learn(result.wallSeconds, estimate: runs[position].cost, class: classes[position])
    initialFailures.end()
    let hello = workers[id]?.hello
    free(id, of: position)
    finish(position, .result(result), by: hello, attempts: attempts, arrays: arrays)
  }

  mutating func onRefusal(of run: RunIdentity, from id: WorkerID, because reason: String) {
    guard let position = position(of: run, heldBy: id) else { return }
    let attempts = attempt(at: position)
    initialFailures.end()
    let hello = workers[id]?.hello
    free(id, of: position)
    finish(
      position, .failed(.refused(reason), attempts: failures[position] ?? []), by: hello, attempts: attempts)
  }

  /// Progress of a run under way. A report that comes late, or of another run, means nothing.
  mutating func onProgress(of run: RunIdentity, from id: WorkerID) {
    guard let worker = workers[id], worker.terminationReason == nil else { return }
    switch worker.state {
    case .starting: fail(id, .untimely("progress"))
    case .running(let position) where runs[position].identity == run && worker.abilities.contains(.progress):
      actions.append(.setTimer(.heartbeat(id), limits.heartbeatTimeout))
    case .running, .idle: return
    }
  }

  mutating func onCheckpointed(_ run: RunIdentity, from id: WorkerID) {
    guard let position = position(of: run, heldBy: id) else { return }
    guard workers[id]?.isSuspending == true else { return fail(id, .untimely("checkpointed")) }
    free(id, of: position)
    queue.putBack(position, memory: reservation(of: position))
  }

  /// An attempt that the worker itself reports as failed.
  mutating func onFailure(
    of run: RunIdentity, from id: WorkerID, _ cause: FailureCause, _ detail: String, _ tail: String
  ) {
    guard let position = position(of: run, heldBy: id) else { return }
    switch cause {
    case .memory:
      // It uses the memory until it is dead, and is of no use any more: what it took it may never
      // give back.
      guard workers[id]?.terminationReason == nil else { return }
      terminate(id, outOfMemoryReason(of: id, at: position, detail))
      actions.append(.stop(id))
    case .error:
      let hello = workers[id]?.hello
      free(id, of: position)
      failAttempt(at: position, .reportedFailure(detail), nil, tail, by: hello)
    }
  }

  /// The position of the run that a worker answers for, if the answer counts; the worker is killed
  /// if it does not hold that run.
  private mutating func position(of run: RunIdentity, heldBy id: WorkerID) -> Int? {
    guard let worker = workers[id], recordsMatter else { return nil }
    switch worker.terminationReason {
    case .failure, .surplus: return nil
    case nil, .sweepEnds: break
    }
    switch worker.state {
    case .running(let position) where runs[position].identity == run: return position
    case .running, .idle: fail(id, .answeredForAnotherRun(run))
    case .starting: fail(id, .untimely("an answer"))
    }
    return nil
  }

  /// The worker has answered for its run.
  private mutating func free(_ id: WorkerID, of position: Int) {
    release(position)
    fruitlessStarts = 0
    workers[id]?.state = .idle
    guard workers[id]?.terminationReason == nil else { return }
    available += 1
    idle.append(id)
  }

  /// No worker holds the run any more.
  mutating func release(_ position: Int) {
    memoryInUse -= reservation(of: position)
    progress.running -= 1
  }

  /// An attempt has failed: the run is tried again, later and with more memory if that was it, or
  /// fails.
  mutating func failAttempt(
    at position: Int, _ failure: WorkerFailure, _ exit: WorkerExit?, _ tail: String, by hello: WorkerHello?
  ) {
    let number = attempt(at: position)
    failures[position, default: []].append(
      FailedAttempt(attempt: number, failure: failure, exit: exit, stderrTail: tail))
    if initialFailures.add(failure) {
      drain(.allAttemptsFailed(failure, attempts: limits.maxInitialFailures, stderrTail: tail))
    }
    var allowance = allowance(of: position)
    if case .outOfMemory = failure {
      allowance = allowance > Int.max / 2 ? .max : 2 * allowance
      if let budget = limits.memory, allowance > budget {
        return failRun(at: position, .memory(needed: allowance, allowed: budget), by: hello)
      }
    }
    guard number < limits.attempts else { return failRun(at: position, .attempts, by: hello) }
    allowances[position] = allowance
    if case .working = phase, limits.backoff > .zero {
      delayed.insert(position)
      actions.append(.setTimer(.retry(position: position), limits.backoff(after: number)))
    } else {
      queue.putBack(position, memory: reservation(of: position))
    }
  }

  mutating func failRun(at position: Int, _ reason: FailureReason, by hello: WorkerHello?) {
    finish(position, .failed(reason, attempts: failures[position] ?? []), by: hello)
  }

  mutating func finish(
    _ position: Int, _ ending: RunEnding, by hello: WorkerHello?, attempts: Int? = nil,
    arrays: RecordedArrays = [:]
  ) {
    let failed = failures.removeValue(forKey: position)?.count ?? 0
    allowances[position] = nil
    if case .result = ending { unrecorded[position] = true } else { unrecorded[position] = false }
    let index = classes[position]
    estimates[index].count -= 1
    estimates[index].left = estimates[index].count > 0 ? estimates[index].left - runs[position].cost : 0
    costsHaveChanged = true
    actions.append(
      .record(
        FinishedRun(
          run: runs[position], position: position, attempts: attempts ?? failed, worker: hello,
          ending: ending, arrays: arrays)))
  }

  /// Brings the costs in the progress up to date.
  mutating func updateCosts() {
    guard costsHaveChanged else { return }
    costsHaveChanged = false
    progress.remainingCost = 0
    progress.totalCost = 0
    for (index, estimate) in estimates.enumerated() {
      let ratio = costs.ratio(of: index)
      progress.remainingCost += ratio * max(0, estimate.left)
      progress.totalCost += ratio * estimate.total
    }
  }

  mutating func onRecorded(_ position: Int) {
    guard let hasResult = unrecorded.removeValue(forKey: position) else { return }
    if hasResult { progress.recorded += 1 } else { progress.failed += 1 }
  }

  func attempt(at position: Int) -> Int { (failures[position]?.count ?? 0) + 1 }

  /// What a run is expected to need, in bytes.
  func estimate(of position: Int) -> Int { limits.runMemory ?? max(0, runs[position].memory) }

  /// What a run may use at its next attempt, in bytes.
  func allowance(of position: Int) -> Int {
    allowances[position] ?? limits.allowance(estimate: estimate(of: position))
  }

  /// What a run counts with while it is under way, in bytes.
  func reservation(of position: Int) -> Int {
    limits.memory == nil ? 0 : allowances[position] ?? estimate(of: position)
  }
}
