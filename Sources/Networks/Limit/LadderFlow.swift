import Model
import RealModule

/// A run of infinite width: it climbs a ladder of finite widths until the exponents of its
/// quantities are known. A step of it is a step of the flow at one of these widths.
///
/// The flows that are finished determine which comes next, so that they are all that a checkpoint
/// holds; the one under way is made again.
public struct LadderFlow: Flow {
  private let source: any LadderSource
  private var rungs = Rungs()
  private var current: (request: RungRequest, flow: any Flow)?
  private var steps = 0
  private var clock: FlowClock
  /// What was asked for beside the ladder, which is always recorded.
  public let record: RecordNames

  /// A ladder at its start.
  ///
  /// - Parameters:
  ///   - source: makes the flows.
  ///   - record: the names asked for; there is nothing but ``Model/Ladder``.
  public init(_ source: any LadderSource, record: RecordNames) {
    self.source = source
    self.record = record
    clock = FlowClock()
  }

  /// A ladder at the state that ``save(to:)`` wrote.
  ///
  /// - Throws: ``CheckpointError``, or what the reader throws.
  public init(
    resuming source: any LadderSource, record: RecordNames, from reader: inout CheckpointReader
  ) throws {
    self.source = source
    self.record = record
    clock = try FlowClock(from: &reader)
    steps = try reader.int(in: 0...Int.max)
    for _ in 0..<(try reader.int(in: 0...Ladder.maxRungs)) {
      rungs.add(try Rung(from: &reader, quantities: source.quantities.count))
    }
  }

  /// How many steps and widths are done.
  public var state: FlowState {
    FlowState(
      steps: steps, time: 0,
      quantities: NamedNumbers([(name: "widths", value: Double(rungs.all.count))]))
  }

  /// Makes a step of the flow under way, or begins the next one.
  public mutating func step(within budget: Budget) -> FlowEnding? {
    if steps >= budget.steps { return exhausted("\(budget.steps) steps") }
    if clock.secondsHere > budget.wallSeconds { return exhausted("wall time") }
    if let (request, _) = current, var flow = current?.flow {
      current = nil
      steps += 1
      let ending = flow.step(
        within: Budget(steps: Self.maxSteps, wallSeconds: .greatestFiniteMagnitude))
      guard let ending else {
        current = (request, flow)
        return nil
      }
      rungs.add(rung(request, ending.result))
      return nil
    }
    do throws(Rungs.Missing) {
      return ending(try LadderPlan(source: source, rungs: rungs).verdict())
    } catch let missing {
      let request = missing.request
      do {
        current = (request, try source.flow(request))
      } catch {
        // Out of range: a width less.
        rungs.add(Rung(request, outcome: nil, log10: source.quantities.map { _ in .nan }))
      }
      return nil
    }
  }

  /// A flow that takes more hardly gets any further; what it has reached by then counts, as a state
  /// above the target.
  private static let maxSteps = 1000

  private func rung(_ request: RungRequest, _ result: RunResult) -> Rung {
    let values = source.quantities.map { Double.log10(result.quantities[$0] ?? 0) }
    let isUsable = values.allSatisfy { $0.isFinite }
    return Rung(
      request, outcome: isUsable ? result.outcome : nil,
      log10: isUsable ? values : values.map { _ in .nan }, steps: result.steps,
      log10Parts: source.parts.map { Double.log10(result.quantities[$0] ?? .nan) })
  }

  // MARK: Endings

  private func exhausted(_ reason: String) -> FlowEnding {
    FlowEnding(
      result: RunResult(
        outcome: .budgetExhausted, reason: reason,
        quantities: NamedNumbers([(name: "widths", value: Double(rungs.all.count))]), steps: steps,
        wallSeconds: clock.seconds),
      arrays: arrays)
  }

  private func ending(_ verdict: LadderPlan.Verdict) -> FlowEnding {
    var quantities: [(name: String, value: Double)] = [
      (name: LimitQuantities.instability, value: verdict.instability)
    ]
    for (name, estimate) in zip(source.quantities, verdict.estimates) {
      guard let estimate else { continue }
      quantities += [
        (name: LimitQuantities.exponent(of: name), value: estimate.exponent),
        (name: LimitQuantities.exponentLow(of: name), value: estimate.interval.lowerBound),
        (name: LimitQuantities.exponentHigh(of: name), value: estimate.interval.upperBound),
      ]
      if let limit = estimate.limit {
        quantities += [
          (name: LimitQuantities.value(of: name), value: .exp10(limit.log10)),
          (name: LimitQuantities.valueError(of: name), value: limit.error),
        ]
      }
      // Widths beyond the range of double precision have no number.
      if let width = estimate.log10Crossover, width < 308 {
        quantities.append((name: LimitQuantities.crossoverWidth(of: name), value: .exp10(width)))
      }
    }
    let isKnown = verdict.estimates.first.map { $0 != nil } ?? false
    return FlowEnding(
      result: RunResult(
        outcome: isKnown ? .converged : .stationary, reason: verdict.note,
        quantities: NamedNumbers(quantities), steps: steps, wallSeconds: clock.seconds),
      arrays: arrays)
  }

  private var arrays: RecordedArrays {
    [Ladder.name: LadderTable(source: source, rungs: rungs).ladder.array]
  }

  /// Writes the flows that are finished.
  public func save(to writer: inout CheckpointWriter) throws {
    try clock.save(to: &writer)
    try writer.write(steps)
    try writer.write(rungs.all.count)
    let order = rungs.all.values.sorted {
      ($0.request.log10Width, $0.request.nodes.rawValue)
        < ($1.request.log10Width, $1.request.nodes.rawValue)
    }
    for rung in order { try rung.save(to: &writer) }
  }
}

extension Rung: Checkpointed {
  /// Writes every property.
  public func save(to writer: inout CheckpointWriter) throws {
    try writer.write(request.log10Width)
    try writer.write(request.nodes.rawValue)
    try writer.write(outcome?.rawValue ?? "")
    try writer.write(steps)
    for value in log10 { try writer.write(value) }
    try writer.write(log10Parts.count)
    for value in log10Parts { try writer.write(value) }
  }

  /// Reads what ``save(to:)`` wrote, of so many quantities.
  init(from reader: inout CheckpointReader, quantities: Int) throws {
    let width = try reader.double()
    guard let nodes = RungRequest.Nodes(rawValue: try reader.int(in: 0...100)) else {
      throw CheckpointError.damaged
    }
    let outcome = Outcome(rawValue: try reader.string())
    let steps = try reader.int(in: 0...Int.max)
    var log10: [Double] = []
    for _ in 0..<quantities { log10.append(try reader.double()) }
    var parts: [Double] = []
    for _ in 0..<(try reader.int(in: 0...10)) { parts.append(try reader.double()) }
    self.init(
      RungRequest(log10Width: width, nodes: nodes), outcome: outcome, log10: log10, steps: steps,
      log10Parts: parts)
  }
}
