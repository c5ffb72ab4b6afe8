import Foundation
import Model
import Synchronization
import Testing
import WorkerProtocol

@testable import Scheduling

/// How long a sweep is said to take, and how surely.
@Suite struct RemainingTimeTests {
  /// A worker whose runs all take the same, whatever was estimated: after two runs the rest is
  /// known.
  @Test func runsThatTakeAlikeAreBelievedSoon() {
    let widths = [10_000.0, 1000, 100]
    for seconds in [0.002, 0.4, 90] {
      var costs = LearnedCosts(classes: widths.count)
      let estimates = widths.map { 0.01 + 1e-7 * $0 }
      for measured in 1...40 {
        costs.learn(seconds, estimate: estimates[0], class: 0)
        guard measured >= 2 else { continue }
        for index in widths.indices {
          let expected = costs.ratio(of: index) * estimates[index]
          #expect(abs(expected / seconds - 1) < 0.25, "\(seconds) s, \(measured) runs, class \(index)")
        }
      }
    }
  }

  /// Of runs that differ much, one tells little.
  @Test func oneOfManyKindsIsNotBelieved() {
    var costs = LearnedCosts(classes: 2)
    for ratio in [0.1, 10, 0.2, 5, 0.5, 2] { costs.learn(ratio, estimate: 1, class: 0) }
    let before = costs.ratio(of: 1)
    costs.learn(before * 10, estimate: 1, class: 1)
    #expect(costs.ratio(of: 1) < before * 9)
  }

  @Test func whatCameTrueIsSure() {
    var history = EstimateHistory()
    for time in 0..<100 {
      #expect(history.add(100 - Double(time), at: Double(time)).factor == 1)
    }
  }

  /// It rises from 6 seconds to minutes: the range holds the truth, though the estimate does not.
  @Test func whatWasWrongWidens() {
    var history = EstimateHistory()
    let truth = 270.0
    var held = 0
    for time in 0..<270 {
      let time = Double(time)
      // Always a part of the rest, and of it too little.
      let remaining = 6 + 0.55 * (truth - time) * min(1, time / 60)
      let range = history.add(remaining, at: time).range
      if time > 20, range.contains(truth - time) { held += 1 }
    }
    #expect(held > 200)
    // And what has come true since is forgotten.
    var reformed = EstimateHistory()
    for time in 0..<1000 {
      let time = Double(time)
      let factor = reformed.add(time < 100 ? 5000 : 1000 - time, at: time).factor
      if time > 250 { #expect(factor < 1.01) }
    }
  }

  @Test func aRangeIsOne() {
    for factor in [1.0, 3, 10] {
      let range = RemainingTime(seconds: 90, factor: factor).range
      #expect(range.contains(90) && range.lowerBound * factor == 90)
    }
    #expect(RemainingTime(seconds: 0).range == 0...0)
  }

  /// Before a run has been measured, nothing is known of a worker of one's own.
  @Test func anUnknownWorkerHasNoTimeAtFirst() async throws {
    let workers = FakeWorkers { worker, order in
      if order.definition.seed < 2 { worker.answer(order) }
    }
    let executor = SweepExecutor(
      spawner: workers, problem: testProblem, budget: .default, limits: SchedulerLimits(workers: 1),
      trustsEstimates: false)
    let seen = Mutex<[Int: Bool]>([:])
    let runs = plan(memory: [1, 2, 3])
    let sweep = Task {
      try await executor.execute(runs, sink: MemorySink()) { progress, _ in
        seen.withLock { $0[progress.recorded] = executor.remainingTime() != nil }
      }
    }
    while executor.workers().first?.run == nil { try await Task.sleep(for: .milliseconds(1)) }
    #expect(executor.remainingTime() == nil)
    #expect(executor.awaitedMessage()?.isStart == false)
    workers.workers.first?.say(.result(one, run: RunIdentity("run-2"), plausibleResult()))
    _ = try await sweep.value
    #expect(seen.withLock { $0[0] } == false && seen.withLock { $0[3] } == true)
  }

  /// Workers that do not introduce themselves are waited for, and that can be said.
  @Test func aMissingHelloIsNoticed() async throws {
    let workers = FakeWorkers(saysHello: false) { _, _ in }
    let executor = SweepExecutor(
      spawner: workers, problem: testProblem, budget: .default, limits: SchedulerLimits(workers: 2))
    let sweep = Task { [runs = plan(memory: [1, 2])] in
      try await executor.execute(runs, sink: MemorySink())
    }
    while executor.workers().count < 2 { try await Task.sleep(for: .milliseconds(1)) }
    let first = try #require(executor.awaitedMessage())
    #expect(first.workers == 2 && first.isStart && first.limit == .seconds(60))
    try await Task.sleep(for: .milliseconds(20))
    #expect(try #require(executor.awaitedMessage()).seconds > first.seconds)
    executor.interrupt()
    _ = try await sweep.value
    #expect(executor.awaitedMessage() == nil)
  }
}
