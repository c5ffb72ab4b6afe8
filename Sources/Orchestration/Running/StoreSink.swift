import Dispatch
import Foundation
import Model
import Platform
import ResultStore
import Scheduling
import Synchronization
import WorkerProtocol

/// Records what the scheduler finishes.
package final class StoreSink: ResultSink {
  private let store: ResultStore
  private let problem: Digest
  /// The method of its runs.
  private let method: String
  private let budget: Budget
  /// The command line of a worker of one's own, as the grid has it.
  private let command: [String]?
  private let host: String
  private let provenances = Mutex(Provenances())
  /// Commits wait for the disk; they must not keep a thread from the tasks that feed the workers.
  private let queue = DispatchQueue(label: "gammaplane.commit")

  package init(store: ResultStore, sweep: Sweep, worker: WorkerCommand) {
    self.store = store
    problem = sweep.problem.digest
    method = sweep.problem.method
    budget = sweep.budget
    command = sweep.worker?.arguments
    host = hostName ?? "unknown"
  }

  package func record(_ batch: [FinishedRun]) async throws {
    try await withCheckedThrowingContinuation { (done: CheckedContinuation<Void, any Error>) in
      queue.async { done.resume(with: Result { try self.commit(batch) }) }
    }
  }

  private func commit(_ batch: [FinishedRun]) throws {
    var results: [RunRecord] = []
    var failures: [FailureRecord] = []
    let now = Date()
    for finished in batch {
      let run = finished.run
      switch finished.ending {
      case .result(let result):
        results.append(
          RunRecord(
            identity: run.identity, run: run.run, problem: problem, result: result, budget: budget,
            attempts: finished.attempts, record: run.record, arrays: finished.arrays,
            provenance: finished.worker.map(provenance), finishedAt: now))
      case .failed(.memory, let attempts) where attempts.isEmpty:
        // No attempt was made: the run is simply to do when the limit is raised.
        continue
      case .failed(let reason, let attempts):
        failures.append(
          FailureRecord(
            identity: run.identity, run: run.run, problem: problem, attempts: finished.attempts,
            cause: reason.name, reason: finished.ending.cause ?? "", detail: finished.ending.detail,
            stderrTail: attempts.last?.stderrTail ?? ""))
      }
    }
    try store.record(results, failures: failures)
  }

  /// The provenance of results of a worker; all results of equal workers share one.
  private func provenance(_ hello: WorkerHello) -> SharedProvenance {
    provenances.withLock { known in
      // Mostly one kind of worker, whose hello has the storage of the last: to compare it costs
      // nothing, to hash it more than the rest of a short run.
      if let last = known.last, last.hello == hello { return last.shared }
      let shared =
        known.all[hello]
        ?? SharedProvenance(
          Provenance(
            worker: hello.worker, description: hello.description(of: method), command: command, host: host))
      known.all[hello] = shared
      known.last = (hello, shared)
      return shared
    }
  }

  /// Provenances by the worker's hello.
  private struct Provenances {
    var all: [WorkerHello: SharedProvenance] = [:]
    var last: (hello: WorkerHello, shared: SharedProvenance)?
  }
}
