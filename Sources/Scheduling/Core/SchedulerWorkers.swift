import Model
import Platform
import WorkerProtocol

// How trouble with workers goes through the scheduler:
//
//   what happens                              function          consequence it breaks the protocol,
//   or a timeout      fail              terminate (.failure), kill it uses more memory than its
//   order allows onMemoryExceeded  terminate (.failure, .surplus), kill it reports that the attempt
//   has failed    onFailure         .memory: terminate, stop
//                                                               .error: failAttempt
//   it refuses the run                        onRefusal         finish: the run has failed
//   its process has ended, asked to or not    workerExited      failAttempt, if it is to blame and
//                                                               held a run
//   its process could not begin, for want     startMissed       a pause
//   of something
//
// `failAttempt` counts: the run waits for another attempt, or `failRun` finishes it; if the first
// attempts all fail alike, the sweep drains. `terminate` only notes why a worker ends; it lives,
// and its run uses memory, until `workerExited`.

/// That processes cannot be started for want of something that may come back.
struct Shortage: Sendable {
  /// Whether starting waits for a timer.
  var isPausing = false
  /// Set by the first shortage: from then on one worker is started at a time.
  var isCautious = false
  /// How many pauses there were since the last hello.
  var pauses = 0
  /// How often in a row a shortage left no worker alive.
  var lonely = 0
  /// The system's explanation.
  var reason = ""
}

extension Scheduler {
  mutating func assign() {
    while unrecorded.count < limits.maxUnrecorded, let id = top(of: &idle, where: \.isIdle),
      let worker = workers[id]
    {
      let left = limits.memory.map { $0 - memoryInUse } ?? Int.max
      guard let position = queue.take(fitting: left, costs: costs) else { return }
      idle.removeLast()
      available -= 1
      let order = worker.orders + 1
      workers[id]?.state = .running(position)
      workers[id]?.orders = order
      let allowance = allowance(of: position)
      workers[id]?.maxAllowance = max(worker.maxAllowance, allowance)
      memoryInUse += reservation(of: position)
      progress.running += 1
      let reports = worker.abilities.contains(.progress)
      let assignment = Assignment(
        run: runs[position], attempt: attempt(at: position), order: order,
        memory: limits.memory == nil && limits.runMemory == nil ? nil : allowance,
        expectedSeconds: runs[position].cost * costs.ratio(of: classes[position]),
        progressSeconds: reports ? limits.progressInterval / .seconds(1) : nil,
        isResumable: isResumable && worker.abilities.contains(.checkpoint))
      actions.append(.assign(id, assignment))
      actions.append(.setTimer(.deadline(id), limits.answerTimeout))
      if reports { actions.append(.setTimer(.heartbeat(id), limits.heartbeatTimeout)) }
    }
  }

  /// Never more workers than runs left: stops the surplus, starts what is missing.
  mutating func adjustWorkers() {
    let waiting = waiting
    while available > waiting {
      guard let surplus = top(of: &idle, where: \.isIdle) ?? top(of: &starting, where: \.isStarting) else {
        return
      }
      terminate(surplus, .surplus)
      actions.append(.stop(surplus))
    }
    while workers.count < limits.workers, available < waiting, fruitlessStarts < limits.maxFruitlessStarts,
      !shortage.isPausing, shortage.lonely < limits.maxShortages
    {
      if shortage.isCautious, top(of: &starting, where: \.isStarting) != nil { return }
      workersStarted += 1
      let id = WorkerID(workersStarted)
      workers[id] = Worker()
      starting.append(id)
      available += 1
      actions.append(.spawn(id))
      actions.append(.setTimer(.deadline(id), limits.helloTimeout))
    }
  }

  /// The worker on top of a stack, after the stale entries above it are gone.
  private func top(of stack: inout [WorkerID], where isCurrent: (Worker) -> Bool) -> WorkerID? {
    while let id = stack.last {
      if let worker = workers[id], worker.terminationReason == nil, isCurrent(worker) { return id }
      stack.removeLast()
    }
    return nil
  }

  mutating func onHello(_ hello: WorkerHello, from id: WorkerID) {
    guard let worker = workers[id], worker.terminationReason == nil else { return }
    guard worker.isStarting else { return fail(id, .untimely("hello")) }
    if let failure = requirements.failure(of: hello) { return fail(id, failure) }
    workers[id]?.state = .idle
    workers[id]?.hello = hello
    idle.append(id)
    shortage.pauses = 0
    shortage.lonely = 0
  }

  mutating func onDeadline(of id: WorkerID) {
    switch workers[id]?.state {
    case .starting: fail(id, .noHello(within: limits.helloTimeout))
    case .running: fail(id, .noAnswer(within: limits.answerTimeout))
    case .idle, nil: return
    }
  }

  /// Kills a worker that uses more memory than its order allows.
  mutating func onMemoryExceeded(_ id: WorkerID, _ order: Int, _ bytes: Int) {
    guard let worker = workers[id], worker.terminationReason == nil, worker.orders == order,
      case .running(let position) = worker.state
    else { return }
    let figures = "it used \(bytes) bytes and was allowed \(allowance(of: position))"
    terminate(id, outOfMemoryReason(of: id, at: position, figures))
    actions.append(.kill(id))
  }

  /// Why a worker ends that ran out of the memory that its run allows. If it was allowed more
  /// before, it may just not have given that back, which tells nothing about the run: another
  /// worker tries it, and neither is to blame.
  func outOfMemoryReason(of id: WorkerID, at position: Int, _ explanation: String) -> TerminationReason {
    let hadMore = workers[id].map { $0.maxAllowance > allowance(of: position) } ?? false
    return hadMore ? .surplus : .failure(.outOfMemory(explanation))
  }

  /// Kills a worker that did something wrong. Its run fails the attempt when the worker is dead:
  /// until then it uses memory.
  mutating func fail(_ id: WorkerID, _ failure: WorkerFailure) {
    guard let worker = workers[id], worker.terminationReason == nil else { return }
    terminate(id, .failure(failure))
    actions.append(.kill(id))
  }

  mutating func terminate(_ id: WorkerID, _ reason: TerminationReason) {
    guard let worker = workers[id] else { return }
    if case .running = worker.state {} else if worker.terminationReason == nil { available -= 1 }
    // What came first holds when the sweep ends: a failure is still to blame, and no answer counts
    // of a worker that is a surplus because it has answered, with want of memory.
    switch worker.terminationReason {
    case .failure, .surplus: return
    case .sweepEnds, nil: workers[id]?.terminationReason = reason
    }
  }

  /// Lets idle workers go, as the sweep ends.
  mutating func dismissIdle() {
    while let id = top(of: &idle, where: \.isIdle) {
      terminate(id, .sweepEnds)
      actions.append(.stop(id))
    }
  }

  /// Forgets a dead worker; unless it was asked to end, `failure` is to blame. A signal that is
  /// sent to everything asks the orchestrator to end, and is no fault of a worker that follows it.
  mutating func workerExited(
    _ id: WorkerID, _ status: WorkerExit, _ tail: String, blame failure: WorkerFailure
  ) {
    guard let worker = workers[id] else { return }
    let blame: WorkerFailure?
    switch worker.terminationReason {
    case nil: blame = isDraining && status.isByRequest ? nil : failure
    case .failure(let failure): blame = failure
    case .surplus, .sweepEnds: blame = nil
    }
    terminate(id, .sweepEnds)
    workers[id] = nil
    guard case .running(let position) = worker.state else {
      if let blame {
        fruitlessStarts = blame.isOfProgram ? limits.maxFruitlessStarts : fruitlessStarts + 1
        lastFruitlessStart = (blame, tail)
      }
      return
    }
    release(position)
    guard let blame, recordsMatter else {
      return queue.putBack(position, memory: reservation(of: position))
    }
    failAttempt(at: position, blame, status, tail, by: worker.hello)
  }

  /// Forgets a worker that could not be started, for a reason that is not its own.
  mutating func startMissed(by id: WorkerID, because reason: String) {
    guard workers[id] != nil else { return }
    terminate(id, .sweepEnds)
    workers[id] = nil
    shortage.isCautious = true
    shortage.reason = reason
    if workers.isEmpty { shortage.lonely += 1 }
    guard case .working = phase, !shortage.isPausing, shortage.lonely < limits.maxShortages else { return }
    shortage.isPausing = true
    shortage.pauses += 1
    actions.append(.setTimer(.spawn, limits.backoff(after: shortage.pauses)))
  }
}

extension WorkerExit {
  /// Whether it was one of the signals that interrupt a sweep.
  fileprivate var isByRequest: Bool {
    guard case .signal(let number) = self else { return false }
    return [SIGINT, SIGTERM, SIGUSR1, SIGHUP].contains(Int32(number))
  }
}
