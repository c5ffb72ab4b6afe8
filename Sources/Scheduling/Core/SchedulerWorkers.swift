import Model
import Platform
import WorkerProtocol

// How trouble with workers goes through the scheduler:
//
//   what happens                                        function          consequence
//   it breaks the protocol, is silent or too slow       fail              doomed (.failure) and killed
//   it uses more memory than its order allows           restrain          doomed (.failure or .surplus) and killed
//   it gives up the attempt by itself                   giveUp            .memory: doomed and stopped; .error: charge
//   it refuses the run                                  drop              conclude, set aside
//   its time is up                                      runOutOfPatience  fail
//   its process has ended, doomed or not                bury              charge, if it is to blame and held a run
//   its process could not begin for want of something   missStart         a pause
//
// `charge` counts a failed attempt: the run waits for another one, or `conclude` sets it aside. `doom` only notes why a worker
// ends; it lives, and its run uses memory, until it is buried.

/// That processes cannot be started for want of something that may come back.
struct Shortage: Sendable {
  /// Whether starting waits for a timer.
  var isPausing = false
  /// Set by the first shortage: from then on one worker is started at a time.
  var isCautious = false
  /// How many pauses there were since the last worker said hello.
  var pauses = 0
  /// How often in a row a shortage left nobody alive.
  var lonely = 0
  /// What the system said.
  var reason = ""
}

extension Scheduler {
  mutating func assign() {
    while unrecorded.count < limits.backlog, let id = top(of: &idle, where: \.isIdle),
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
      workers[id]?.largestAllowance = max(worker.largestAllowance, allowance)
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
      actions.append(.setTimer(.deadline(id), limits.answer))
      if reports { actions.append(.setTimer(.silence(id), limits.silence)) }
    }
  }

  /// Never more workers than runs left: stops the surplus, starts what is missing.
  mutating func adjustWorkers() {
    let waiting = queue.count + delayed.count
    while available > waiting {
      guard let surplus = top(of: &idle, where: \.isIdle) ?? top(of: &starting, where: \.isStarting) else {
        return
      }
      doom(surplus, .surplus)
      actions.append(.stop(surplus))
    }
    while workers.count < limits.workers, available < waiting, barren < limits.barrenWorkers,
      !shortage.isPausing, shortage.lonely < limits.shortages
    {
      if shortage.isCautious, top(of: &starting, where: \.isStarting) != nil { return }
      workersStarted += 1
      let id = WorkerID(workersStarted)
      workers[id] = Worker()
      starting.append(id)
      available += 1
      actions.append(.spawn(id))
      actions.append(.setTimer(.deadline(id), limits.hello))
    }
  }

  /// The worker on top of a stack, after the stale entries above it are gone.
  private func top(of stack: inout [WorkerID], where isCurrent: (Worker) -> Bool) -> WorkerID? {
    while let id = stack.last {
      if let worker = workers[id], worker.doom == nil, isCurrent(worker) { return id }
      stack.removeLast()
    }
    return nil
  }

  mutating func greet(_ id: WorkerID, _ version: Int, _ methods: [String], _ abilities: WorkerAbilities) {
    guard let worker = workers[id], worker.doom == nil else { return }
    guard worker.isStarting else { return fail(id, .untimely("hello")) }
    guard version == workerProtocolVersion else { return fail(id, .protocolVersion(version)) }
    guard methods.contains(method) else { return fail(id, .methodMissing(method, offered: methods)) }
    workers[id]?.state = .idle
    workers[id]?.abilities = abilities
    idle.append(id)
    shortage.pauses = 0
    shortage.lonely = 0
  }

  mutating func runOutOfPatience(with id: WorkerID) {
    switch workers[id]?.state {
    case .starting: fail(id, .noHello(within: limits.hello))
    case .running: fail(id, .noAnswer(within: limits.answer))
    case .idle, nil: return
    }
  }

  /// Kills a worker that uses more memory than its order allows.
  mutating func restrain(_ id: WorkerID, _ order: Int, using bytes: Int) {
    guard let worker = workers[id], worker.doom == nil, worker.orders == order,
      case .running(let position) = worker.state
    else { return }
    doom(
      id,
      wantOfMemory(of: id, at: position, "it used \(bytes) bytes and was allowed \(allowance(of: position))"))
    actions.append(.kill(id))
  }

  /// Why a worker ends that ran out of the memory that its run allows. If it was allowed more before, it may just not
  /// have given that back, which says nothing about the run: another worker tries it, and nobody is to blame.
  func wantOfMemory(of id: WorkerID, at position: Int, _ explanation: String) -> Doom {
    let hadMore = workers[id].map { $0.largestAllowance > allowance(of: position) } ?? false
    return hadMore ? .surplus : .failure(.outOfMemory(explanation))
  }

  /// Kills a worker that did something wrong. Its run is charged when it is dead: until then it uses memory.
  mutating func fail(_ id: WorkerID, _ failure: WorkerFailure) {
    guard let worker = workers[id], worker.doom == nil else { return }
    doom(id, .failure(failure))
    actions.append(.kill(id))
  }

  mutating func doom(_ id: WorkerID, _ doom: Doom) {
    guard let worker = workers[id] else { return }
    if case .running = worker.state {} else if worker.doom == nil { available -= 1 }
    // A failure that came first is still to blame when the sweep ends.
    if case .failure = worker.doom { return }
    workers[id]?.doom = doom
  }

  /// Lets idle workers go, as the sweep ends.
  mutating func dismissIdle() {
    while let id = top(of: &idle, where: \.isIdle) {
      doom(id, .ending)
      actions.append(.stop(id))
    }
  }

  /// Takes a dead worker off the books; unless it was told to end, `failure` is to blame. A signal that is sent to
  /// everything asks the orchestrator to end, and is no fault of a worker that follows it.
  mutating func bury(_ id: WorkerID, _ status: WorkerExit, _ tail: String, blame failure: WorkerFailure) {
    guard let worker = workers[id] else { return }
    let blame: WorkerFailure?
    switch worker.doom {
    case nil: blame = isDraining && status.isByRequest ? nil : failure
    case .failure(let failure): blame = failure
    case .surplus, .ending: blame = nil
    }
    doom(id, .ending)
    workers[id] = nil
    guard case .running(let position) = worker.state else {
      if let blame {
        barren += 1
        lastBarren = (blame, tail)
      }
      return
    }
    release(position)
    guard let blame, recordsMatter else {
      return queue.putBack(position, memory: reservation(of: position))
    }
    charge(position, blame, status, tail, by: id)
  }

  /// Takes a worker off the books that could not be started, for a reason that is not its own.
  mutating func missStart(of id: WorkerID, because reason: String) {
    guard workers[id] != nil else { return }
    doom(id, .ending)
    workers[id] = nil
    shortage.isCautious = true
    shortage.reason = reason
    if workers.isEmpty { shortage.lonely += 1 }
    guard case .working = phase, !shortage.isPausing, shortage.lonely < limits.shortages else { return }
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
