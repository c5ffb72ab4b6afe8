import Model
import WorkerProtocol

extension Scheduler {
  mutating func accept(
    _ result: RunResult, _ record: FlowRecord, of run: RunIdentity, from id: WorkerID
  ) {
    guard let position = position(of: run, heldBy: id) else { return }
    if let flaw = result.flaw ?? record.flaw(width: runs[position].run.width) {
      return fail(id, .implausibleResult(flaw))
    }
    let attempts = attempt(at: position)
    costs.learn(result.wallSeconds, estimate: runs[position].cost, class: classes[position])
    free(id, of: position)
    conclude(position, .result(result), by: id, attempts: attempts, record: record)
  }

  mutating func drop(_ run: RunIdentity, from id: WorkerID, because reason: String) {
    guard let position = position(of: run, heldBy: id) else { return }
    let attempts = attempt(at: position)
    free(id, of: position)
    conclude(
      position, .setAside(.refused(reason), attempts: failures[position] ?? []), by: id, attempts: attempts)
  }

  /// Word of a run under way. One that comes late, or of another run, says nothing.
  mutating func hear(of run: RunIdentity, from id: WorkerID) {
    guard let worker = workers[id], worker.doom == nil else { return }
    switch worker.state {
    case .starting: fail(id, .untimely("progress"))
    case .running(let position) where runs[position].identity == run && worker.abilities.contains(.progress):
      actions.append(.setTimer(.silence(id), limits.silence))
    case .running, .idle: return
    }
  }

  mutating func putDown(_ run: RunIdentity, by id: WorkerID) {
    guard let position = position(of: run, heldBy: id) else { return }
    guard workers[id]?.isPuttingDown == true else { return fail(id, .untimely("checkpointed")) }
    free(id, of: position)
    queue.putBack(position, memory: reservation(of: position))
  }

  /// An attempt that a worker gives up by itself.
  mutating func giveUp(
    _ run: RunIdentity, by id: WorkerID, _ cause: FailureCause, _ detail: String, _ tail: String
  ) {
    guard let position = position(of: run, heldBy: id) else { return }
    switch cause {
    case .memory:
      // It uses the memory until it is dead, and is of no use any more: what it took it may never give back.
      guard workers[id]?.doom == nil else { return }
      doom(id, wantOfMemory(of: id, at: position, detail))
      actions.append(.stop(id))
    case .error:
      free(id, of: position)
      charge(position, .gaveUp(detail), nil, tail, by: id)
    }
  }

  /// The place of the run that a worker answers for, if the answer counts; the worker is killed if it does
  /// not hold that run.
  private mutating func position(of run: RunIdentity, heldBy id: WorkerID) -> Int? {
    guard let worker = workers[id], recordsMatter else { return nil }
    switch worker.doom {
    case .failure, .surplus: return nil
    case nil, .ending: break
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
    barren = 0
    workers[id]?.state = .idle
    guard workers[id]?.doom == nil else { return }
    available += 1
    idle.append(id)
  }

  /// The run is in nobody's hands any more.
  mutating func release(_ position: Int) {
    memoryInUse -= reservation(of: position)
    progress.running -= 1
  }

  /// An attempt has failed: the run is tried again, later and with more memory if that was it, or set aside.
  mutating func charge(
    _ position: Int, _ failure: WorkerFailure, _ exit: WorkerExit?, _ tail: String, by id: WorkerID
  ) {
    let number = attempt(at: position)
    failures[position, default: []].append(
      FailedAttempt(attempt: number, failure: failure, exit: exit, stderrTail: tail))
    var allowance = allowance(of: position)
    if case .outOfMemory = failure {
      allowance = allowance > Int.max / 2 ? .max : 2 * allowance
      if let budget = limits.memory, allowance > budget {
        let reason = SetAsideReason.memory(needed: allowance, allowed: budget)
        return conclude(position, .setAside(reason, attempts: failures[position] ?? []), by: id)
      }
    }
    guard number < limits.attempts else {
      return conclude(position, .setAside(.attempts, attempts: failures[position] ?? []), by: id)
    }
    allowances[position] = allowance
    if case .working = phase, limits.backoff > .zero {
      delayed.insert(position)
      actions.append(.setTimer(.retry(position: position), limits.backoff(after: number)))
    } else {
      queue.putBack(position, memory: reservation(of: position))
    }
  }

  mutating func conclude(
    _ position: Int, _ ending: RunEnding, by id: WorkerID?, attempts: Int? = nil,
    record: FlowRecord = FlowRecord()
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
          run: runs[position], position: position, attempts: attempts ?? failed, worker: id,
          ending: ending, record: record.restricted(to: runs[position].keep))))
  }

  /// Brings the costs up to date that the progress tells.
  mutating func reckonCosts() {
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

  mutating func acknowledge(_ position: Int) {
    guard let hasResult = unrecorded.removeValue(forKey: position) else { return }
    if hasResult { progress.recorded += 1 } else { progress.setAside += 1 }
  }

  func attempt(at position: Int) -> Int { (failures[position]?.count ?? 0) + 1 }

  /// What a run is reckoned to need, in bytes.
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
