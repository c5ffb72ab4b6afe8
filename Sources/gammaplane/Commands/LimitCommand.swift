import ArgumentParser
import Model
import Networks
import Orchestration

/// `gammaplane limit`: the limit m → ∞ at one setting.
struct LimitCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "limit",
    abstract: "Compute the limit of infinite width at one setting.",
    usage: "gammaplane limit --<parameter> <value> ... [<options>]",
    discussion: """
      Climbs a ladder of widths up to 10^100 and beyond, and prints the exponent S = lim d log q / d log m of \
      the order parameter q with its 95 % interval, the limit of q where it is finite, and the width beyond \
      which the slope stays near S. Nothing is stored. The samples are the four of grids/quickstart.yaml \
      unless a file is given. Two-layer ReLU network: gammaplane limit --gamma 1.25 --gamma-prime 0.5
      """)

  @OptionGroup var problem: ProblemOptions
  @OptionGroup var spending: BudgetOptions

  @Flag(help: "One JSON value instead of text.")
  var json = false

  func run() throws {
    let (family, problem, setting) = try problem.definition()
    guard family.hasLimit(of: problem) else {
      throw Failure(.usage, "the limit m → ∞ cannot be computed for a \(family.description.title)")
    }
    let ending = try ForegroundFlow(
      run: .limit(setting), problem: problem, family: family, threads: 1, budget: spending.budget,
      recordsAll: false
    ).run { _ in }
    let report = LimitReport(setting, ending, family: family, problem: problem)
    if json { try Console.print(json: report) } else { Console.print(report.text) }
  }
}
