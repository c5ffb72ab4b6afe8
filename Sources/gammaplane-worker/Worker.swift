import GradientFlow
import Model
import Platform
import WorkerProtocol

/// Integrates the gradient flow for one run after another, as told on standard input.
@main
struct Worker {
  private static let name = "gammaplane-worker \(gammaplaneVersion)"

  static func main() {
    leaveSignalsToOrchestrator()
    let memory = MemoryLimit()
    let interval = checkpointInterval
    let loop = WorkerLoop(
      worker: name, methods: [Problem.impulseMethod], abilities: [.progress, .checkpoint])
    let code = loop.serve { problem, order, context in
      memory.begin(order, context)
      defer { memory.end() }
      let run = OrderedRun(problem, order, context, checkpointInterval: interval, complain: complain)
      return run.carryOut()
    }
    exit(code)
  }

  /// What is sent to a whole job, as batch systems do, reaches workers too. The orchestrator asks for a checkpoint then, which
  /// a worker that has ended could not write; that the orchestrator itself has ended shows elsewhere.
  private static func leaveSignalsToOrchestrator() {
    guard getenv("GAMMAPLANE_ORCHESTRATOR") != nil else { return }
    for number in [SIGINT, SIGTERM, SIGUSR1, SIGHUP] { signal(number, SIG_IGN) }
  }

  /// How often a long run writes a checkpoint by itself.
  private static var checkpointInterval: Duration {
    let seconds = getenv("GAMMAPLANE_CHECKPOINT_SECONDS").flatMap { Double(String(cString: $0)) }
    return .seconds(seconds.flatMap { (0...1e9).contains($0) ? $0 : nil } ?? 60)
  }

  private static func complain(_ message: String) {
    // What cannot be said there cannot be said anywhere.
    try? writeAll(Array("\(name): \(message)\n".utf8), to: STDERR_FILENO)
  }
}
