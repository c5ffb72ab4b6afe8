import GradientFlow
import Model
import WorkerProtocol

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Integrates the gradient flow for one run after another, as told on standard input.
@main
struct Worker {
  static func main() {
    let loop = WorkerLoop(
      worker: "phasesweep-worker \(phasesweepVersion)", methods: [Problem.impulseMethod])
    exit(loop.serve(carryOut))
  }

  private static func carryOut(_ problem: Problem, _ order: RunOrder) -> WorkerMessage {
    do throws(FlowRunError) {
      let flow = try FlowRun(order.definition, of: problem)
      let (result, record) = try flow(budget: order.budget, keep: order.keep)
      return .result(run: order.run, result, record: record)
    } catch {
      return .refusal(run: order.run, reason: error.description)
    }
  }
}
