import Model
import Networks
import Platform
import WorkerProtocol

/// A worker process that makes the runs of network families: one after another, as ordered on
/// standard input.
public struct FlowWorker: Sendable {
  private let families: NetworkFamilies
  private let name: String

  /// A worker.
  ///
  /// - Parameters:
  ///   - families: whose runs it makes.
  ///   - name: name and version of the program.
  public init(families: NetworkFamilies, name: String) {
    self.families = families
    self.name = name
  }

  /// Serves until the orchestrator closes the input or has ended, and ends the process with the
  /// exit code of ``WorkerProtocol/WorkerLoop/serve(_:)``, or with 71 if a run exceeds its memory.
  public func run() -> Never {
    Self.leaveSignalsToOrchestrator()
    let memory = MemoryLimit()
    let interval = Self.checkpointInterval
    let code = WorkerLoop(hello).serve { problem, order, context in
      memory.begin(order, context)
      defer { memory.end() }
      let run = OrderedRun(problem, order, context, checkpointInterval: interval, complain: complain)
      return run.answer(families)
    }
    exit(code)
  }

  /// A single family describes itself; of several, each does, and the worker as a whole has their
  /// methods.
  var hello: WorkerHello {
    let descriptions = families.all.map(\.description)
    let isOne = descriptions.count == 1
    return WorkerHello(
      worker: name, abilities: [.progress, .checkpoint],
      description: isOne
        ? descriptions[0] : FamilyDescription(title: "gammaplane", methods: families.methods),
      families: isOne ? [] : descriptions)
  }

  /// Signals to a whole job, which batch systems send, reach workers too. The orchestrator asks for
  /// a checkpoint then, which a worker that has ended could not write; that the orchestrator itself
  /// has ended is noticed elsewhere.
  private static func leaveSignalsToOrchestrator() {
    guard getenv("GAMMAPLANE_ORCHESTRATOR") != nil else { return }
    for number in [SIGINT, SIGTERM, SIGUSR1, SIGHUP] { signal(number, SIG_IGN) }
  }

  /// How often a long run writes a checkpoint unasked.
  private static var checkpointInterval: Duration {
    let seconds = getenv("GAMMAPLANE_CHECKPOINT_SECONDS").flatMap { Double(String(cString: $0)) }
    return .seconds(seconds.flatMap { (0...1e9).contains($0) ? $0 : nil } ?? 60)
  }

  private func complain(_ message: String) {
    // Without standard error there is nowhere to complain.
    try? writeAll(Array("\(name): \(message)\n".utf8), to: STDERR_FILENO)
  }
}
