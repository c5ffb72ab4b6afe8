import Model
import RealModule
import VectorKernels

/// A run of descent: it makes a step at a time, and looks at the whole network now and then.
///
/// Where every step takes all samples and drops nothing, the mean squared residual is known after
/// each; else it is evaluated, by all samples and neurons, after an epoch or 100 steps, whichever
/// is less, and later whenever the steps have grown by one per cent. Suprema are those of the steps
/// looked at, which are at most one per cent apart.
struct DescentFlow: Flow {
  /// What a run is told.
  struct Settings: Sendable {
    var rule: DescentRule
    /// t̄ of a step, or for Adam the raw rate.
    var time: Double
    /// The rate of a and w as they are.
    var rawRate: Double
    var batches: Batches
    /// Below 1: dropout.
    var keep: Double
    var seed: UInt64
    var target: Double
  }

  private let settings: Settings
  private var neurons: DescentNeurons
  private var recorder: ViewRecorder<DescentNeurons>
  private var clock: FlowClock
  private var steps = 0
  /// f at all samples, without dropout, after as many steps.
  private var function: [Double]
  private var evaluatedSteps = 0
  private var loss: Double
  /// RD and its supremum, and after how many steps it was measured.
  private var relativeChange = 0.0
  private var supremum = 0.0
  private var measuredSteps = 0
  /// The loss beyond which a run diverges.
  private let bound: Double
  /// How many steps the loss has been the same to the last bit.
  private var constantSteps = 0
  private var sample: [Double]?
  /// The order of the present epoch.
  private var order: (epoch: Int, indices: [Int])?

  /// A loss as many times that of the start has diverged.
  static var divergence: Double { 1e6 }
  /// A loss that has been the same for so many steps does not change any more.
  private static var stepsAtRest: Int { 1000 }
  /// Work of a call of ``step(within:)``, in evaluations of σ.
  private static var portion: Int { 20_000 }
  /// What tells the random bits of dropout from others of the seed.
  private static var purpose: UInt32 { 0x6472_6f70 }

  private var samples: DescentSamples { neurons.samples }
  private var takesAll: Bool { settings.batches.size == samples.count && settings.keep == 1 }

  init(
    _ neurons: DescentNeurons, _ settings: Settings, record: RecordNames, clock: FlowClock
  ) throws(FlowRunError) {
    let asked = CondensationMeasure.all(in: record).map(\.measure)
    let (count, most) = (neurons.samples.count, CondensationMeasure.maxSamples)
    guard count <= most || !asked.contains(where: { $0.needsKernel || $0.needsFeatures }) else {
      throw .samples(count, most: most)
    }
    self.neurons = neurons
    self.settings = settings
    self.clock = clock
    function = neurons.function
    loss = Self.loss(function, neurons.samples)
    guard loss.isFinite else { throw .overflow }
    bound = Self.divergence * max(loss, Self.loss(function.map { _ in 0 }, neurons.samples), settings.target)
    recorder = ViewRecorder(record, neurons)
    observe()
  }

  private static func loss(_ f: [Double], _ samples: DescentSamples) -> Double {
    zip(f, samples.targets).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) } / Double(max(1, f.count))
  }

  // MARK: State

  var record: RecordNames { recorder.record }

  /// t̄, for Adam rate times steps. Momentum sums rates of earlier steps.
  private var time: Double {
    var step = settings.time
    if case .momentum(let decay) = settings.rule { step /= 1 - decay }
    return min(Double(steps) * step, .greatestFiniteMagnitude)
  }

  private var epochs: Double { Double(steps) / Double(settings.batches.perEpoch) }

  var state: FlowState {
    FlowState(
      steps: steps, time: time,
      quantities: NamedNumbers([
        (name: Quantity.meanSquaredResidual.name, value: Self.finite(loss)),
        (name: Self.changeName, value: Self.finite(relativeChange)),
      ]),
      sample: sample)
  }

  static let changeName = "rd"

  /// What has left double precision counts as its largest number: only runs that diverge get there.
  private static func finite(_ value: Double) -> Double {
    value.isFinite ? value : .greatestFiniteMagnitude
  }

  // MARK: Steps

  mutating func step(within budget: Budget) -> FlowEnding? {
    sample = nil
    let work = neurons.width * samples.count
    for _ in 0..<max(1, min(64, Self.portion / max(1, work))) {
      if let ending = singleStep(within: budget) { return ending }
      if sample != nil { return nil }
    }
    return nil
  }

  private mutating func singleStep(within budget: Budget) -> FlowEnding? {
    if evaluatedSteps == steps {
      if loss <= settings.target { return ending(.converged, "mean squared residual at the target") }
      if !(loss <= bound) { return diverged() }
    }
    if constantSteps >= Self.stepsAtRest { return ending(.stationary, "no weight changes any more") }
    if steps >= budget.steps { return ending(.budgetExhausted, "\(budget.steps) steps") }
    if let most = budget.epochs, epochs >= most {
      return ending(.budgetExhausted, "\(formattedNumber(most)) epochs")
    }
    if let most = budget.time, time >= most { return ending(.budgetExhausted, "simulated time") }
    if clock.secondsHere > budget.wallSeconds { return ending(.budgetExhausted, "wall time") }
    move()
    observe()
    return nil
  }

  private mutating func move() {
    let before = loss
    let rule = kernelStep(number: steps + 1)
    if takesAll {
      let f = neurons.step(
        rule, samples.inputs, residuals: residuals(function, samples.targets), dropout: nil,
        thenFunction: true)
      steps += 1
      evaluated(f)
      constantSteps = loss == before ? constantSteps + 1 : 0
      return
    }
    let (inputs, targets) = batch()
    let dropout =
      settings.keep == 1
      ? nil
      : DescentNeurons.Dropout(
        keep: settings.keep, key: Philox4x32.key(seed: settings.seed, purpose: Self.purpose),
        step: UInt64(steps))
    let f = neurons.function(inputs, dropout: dropout)
    let residuals = residuals(f, targets)
    _ = neurons.step(rule, inputs, residuals: residuals, dropout: dropout, thenFunction: false)
    steps += 1
    let batchLoss = residuals.reduce(0) { $0 + $1 * $1 } * Double(residuals.count)
    if isDue(since: evaluatedSteps, first: min(100, settings.batches.perEpoch)) || !(batchLoss <= bound) {
      evaluated(neurons.function)
    }
  }

  private mutating func evaluated(_ f: [Double]) {
    function = f
    loss = Self.loss(f, samples)
    evaluatedSteps = steps
  }

  private func isDue(since last: Int, first: Int) -> Bool { steps - last >= max(first, steps / 100) }

  /// (f_i − y_i)/n, n the number of these.
  private func residuals(_ f: [Double], _ targets: [Double]) -> [Double] {
    zip(f, targets).map { ($0 - $1) / Double(f.count) }
  }

  private mutating func batch() -> (inputs: [Double], targets: [Double]) {
    let batches = settings.batches
    guard batches.size < samples.count else { return (samples.inputs, samples.targets) }
    let (epoch, position) = steps.quotientAndRemainder(dividingBy: batches.perEpoch)
    let order = order?.epoch == epoch ? order?.indices ?? [] : batches.order(ofEpoch: epoch)
    self.order = (epoch, order)
    let indices = Array(order[position * batches.size..<min(samples.count, (position + 1) * batches.size)])
    return (samples.inputs(of: indices), indices.map { samples.targets[$0] })
  }

  /// What a step does, its number counted from 1.
  private func kernelStep(number: Int) -> DescentStep {
    let scales = neurons.scales
    var step = DescentStep()
    step.rate = (settings.time / scales.kappaPrime, settings.time * scales.kappaPrime)
    switch settings.rule {
    case .plain: step.rule = Int32(descent_plain.rawValue)
    case .momentum(let decay):
      step.rule = Int32(descent_momentum.rawValue)
      step.decay.0 = decay
    case .adam(let first, let second, let epsilon):
      step.rule = Int32(descent_adam.rawValue)
      step.decay = (first, second)
      step.correction = (1 / (1 - .pow(first, number)), 1 / (1 - .pow(second, number)))
      // Moments are those of the gradients with respect to ā and w̄, which are β1 and β2 times
      // those with respect to a and w.
      step.rate = (settings.rawRate / scales.beta.output, settings.rawRate / scales.beta.input)
      step.epsilon = (epsilon * scales.beta.output, epsilon * scales.beta.input)
    }
    return step
  }

  private mutating func observe() {
    let isRecorded = recorder.wants(time: time)
    guard isRecorded || isDue(since: measuredSteps, first: 1) else { return }
    measure()
    guard isRecorded else { return }
    if evaluatedSteps != steps { evaluated(neurons.function) }
    sample = recorder.observe(state, neurons)
  }

  private mutating func measure() {
    relativeChange = neurons.relativeChange
    supremum = max(supremum, relativeChange)
    measuredSteps = steps
  }

  // MARK: Endings

  private mutating func diverged() -> FlowEnding {
    ending(.diverged, "the mean squared residual has grown by more than 10⁶ at step \(steps)")
  }

  private mutating func ending(_ outcome: Outcome, _ reason: String) -> FlowEnding {
    if evaluatedSteps != steps { evaluated(neurons.function) }
    if measuredSteps != steps { measure() }
    let end = state
    let quantities = NamedNumbers(
      Array(end.quantities.pairs) + [
        (name: Quantity.supremumPrefix + Self.changeName, value: Self.finite(supremum)),
        (name: Quantity.time.name, value: end.time),
        (name: Self.epochs.name, value: epochs),
        (name: Self.learningRate.name, value: Self.finite(settings.rawRate)),
      ] + Array(recorder.quantities(neurons).pairs))
    let result = RunResult(
      outcome: outcome, reason: reason, quantities: quantities, steps: steps, wallSeconds: clock.seconds,
      initialSeconds: clock.initialSeconds)
    return FlowEnding(result: result, arrays: recorder.arrays(at: end, neurons))
  }

  static let epochs = Quantity(
    "epochs", symbol: "epochs", summary: "how often all samples were used, at the end")
  static let learningRate = Quantity(
    "learning_rate", symbol: "η",
    summary: "rate of the parameters as they are, for half the mean squared residual"
  )

  // MARK: Checkpoints

  func save(to writer: inout CheckpointWriter) throws {
    try clock.save(to: &writer)
    try recorder.save(to: &writer)
    try neurons.save(to: &writer)
    for number in [steps, evaluatedSteps, measuredSteps, constantSteps] { try writer.write(number) }
    for number in [loss, bound, relativeChange, supremum] + function { try writer.write(number) }
  }

  /// A run at the state that ``save(to:)`` wrote.
  ///
  /// - Parameter neurons: at their initial values.
  init(
    resuming neurons: DescentNeurons, _ settings: Settings, from reader: inout CheckpointReader
  ) throws {
    self.neurons = neurons
    self.settings = settings
    clock = try FlowClock(from: &reader)
    recorder = try ViewRecorder(width: neurons.width, isPlanar: neurons.isPlanar, from: &reader)
    try self.neurons.restore(from: &reader)
    steps = try reader.int(in: 0...Int.max)
    evaluatedSteps = try reader.int(in: 0...steps)
    measuredSteps = try reader.int(in: 0...steps)
    constantSteps = try reader.int(in: 0...steps)
    loss = try reader.double()
    bound = try reader.double()
    relativeChange = try reader.double()
    supremum = try reader.double()
    function = try (0..<neurons.samples.count).map { _ in try reader.double() }
  }
}
