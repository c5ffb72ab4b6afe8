import Model
import Testing
import WorkerProtocol

@testable import Scheduling

/// What workers must be able to do for a sweep, and what results must have.
@Suite struct SweepRequirementsTests {
  private let run = Run(["alpha": 1], width: 1000, seed: 0)

  private func hello(
    methods: [String] = [sweepMethod], parameters: [String] = [], quantities: [String] = []
  ) -> WorkerHello {
    WorkerHello(
      worker: "w",
      description: FamilyDescription(
        title: "w", methods: methods, parameters: parameters.map { Parameter($0) },
        quantities: quantities.map { Quantity($0) }))
  }

  private func requirements(orderParameter: String? = nil) -> SweepRequirements {
    SweepRequirements(method: sweepMethod, orderParameter: orderParameter, runs: plan(memory: [1, 2]))
  }

  @Test func helloMustFitTheSweep() {
    let plain = requirements()
    #expect(plain.failure(of: hello()) == nil)
    #expect(plain.failure(of: hello(parameters: ["beta", "gamma", "alpha"])) == nil)
    #expect(
      plain.failure(of: hello(methods: ["a/1"])) == .unknownMethod(sweepMethod, known: ["a/1"]))
    var old = hello()
    old.protocolVersion = 7
    #expect(plain.failure(of: old) == .protocolVersion(7))
    let unknown = plain.failure(of: hello(parameters: ["gamma", "beta"]))
    #expect(unknown == .unknownParameters(["alpha"], known: ["gamma", "beta"]))
    #expect(
      unknown?.description == "does not know the parameter alpha of the sweep; it knows gamma, beta")
    let named = requirements(orderParameter: "loss")
    #expect(named.failure(of: hello()) == nil)
    #expect(named.failure(of: hello(quantities: ["rd", "loss"])) == nil)
    #expect(
      named.failure(of: hello(quantities: ["rd"])) == .unknownOrderParameter("loss", known: ["rd"]))
  }

  /// Values beyond what a worker takes, and records that it does not offer, end the sweep at once:
  /// each of its runs would fail, or lack what was asked for.
  @Test func valuesAndRecordsMustBeOffered() {
    var runs = plan(memory: [1, 1])
    runs[1].run.setting = ["alpha": 2.5, "beta": 0]
    runs[1].record = ["weights"]
    let requirements = SweepRequirements(method: sweepMethod, orderParameter: nil, runs: runs)
    var offered = hello()
    #expect(
      requirements.failure(of: offered)?.description
        == "does not record weights, which `record` of the grid asks for; it records none")
    offered.description.recordables = [Recordable("weights")]
    #expect(requirements.failure(of: offered) == nil)
    for (range, words) in [
      (0.0...2, "from 0 to 2"), (3...(.infinity), "from 3 on"), (-.infinity...2, "up to 2"),
    ] {
      offered.description.parameters = [Parameter("alpha", range: range), Parameter("beta")]
      let value = range.contains(1) ? 2.5 : 1
      let failure = requirements.failure(of: offered)
      #expect(failure == .parameterOutOfRange("alpha", value: value, allowed: range))
      #expect(failure?.description == "takes alpha \(words), and the sweep has \(value == 1 ? "1" : "2.5")")
    }
    offered.description.parameters = [Parameter("alpha", range: 1...2.5), Parameter("beta", range: 0...0)]
    #expect(requirements.failure(of: offered) == nil)
  }

  /// Parameters of any run count, also where blocks of a sweep have different ones.
  @Test func parametersOfAllRunsCount() {
    var runs = plan(memory: [1, 1, 1, 1])
    runs[1].run.setting = ["alpha": 1, "delta": 2]
    let requirements = SweepRequirements(method: sweepMethod, orderParameter: nil, runs: runs)
    #expect(requirements.parameters.keys.sorted() == ["alpha", "beta", "delta"])
  }

  @Test func resultsNeedTheOrderParameter() {
    let result = plausibleResult()
    let anything = requirements()
    #expect(anything.failure(of: result, [:], to: run, from: hello()) == nil)
    // The first that the worker lists, unless the sweep names one; more are welcome, fewer too.
    #expect(anything.failure(of: result, [:], to: run, from: hello(quantities: ["rd", "loss"])) == nil)
    let missing = anything.failure(of: result, [:], to: run, from: hello(quantities: ["loss", "rd"]))
    #expect(missing == .orderParameterMissing("loss", given: ["rd", "sup_rd", "time"]))
    #expect(
      missing?.description == "gave a result without the order parameter loss; it has rd, sup_rd, time")
    let named = requirements(orderParameter: "time")
    #expect(named.failure(of: result, [:], to: run, from: hello(quantities: ["loss", "time"])) == nil)
    #expect(
      requirements(orderParameter: "loss").failure(of: result, [:], to: run, from: hello())
        == .orderParameterMissing("loss", given: ["rd", "sup_rd", "time"]))
    #expect(
      anything.failure(of: implausibleResult(), [:], to: run, from: hello())
        == .implausibleResult("sup_rd is less than rd"))
  }

  /// What every process of a program lacks is not tried again, and costs no run an attempt.
  @Test func anUnfitProgramEndsTheSweepAtOnce() {
    var scheduler = Scheduler(plan(memory: [1, 1]), method: sweepMethod, limits: SchedulerLimits(workers: 1))
    _ = scheduler.handle(.begin)
    #expect(scheduler.tell(.hello(one, hello(parameters: ["gamma"]))) == ["kill 1"])
    let failure = WorkerFailure.unknownParameters(["alpha", "beta"], known: ["gamma"])
    #expect(
      scheduler.handle(.exited(one, .signal(9), stderrTail: "x"))
        == [.finished(.workersUnusable(failure, stderrTail: "x"))])
  }

  @Test func aResultWithoutTheOrderParameterCostsAnAttempt() {
    let runs = plan(memory: [1])
    var scheduler = Scheduler(
      runs, method: sweepMethod, orderParameter: "loss", limits: SchedulerLimits(workers: 1, attempts: 1))
    _ = scheduler.handle(.begin)
    _ = scheduler.handle(.hello(one, hello()))
    #expect(scheduler.tell(.result(one, run: runs[0].identity, plausibleResult())) == ["kill 1"])
    guard case .record(let finished)? = scheduler.handle(death(one, .signal(9))).first else {
      Issue.record("not recorded")
      return
    }
    #expect(
      finished.ending.cause
        == "every attempt failed; the last worker gave a result without the order parameter loss; it has "
        + "rd, sup_rd, time")
  }
}
