import Figures
import LimitFit
import Model

/// What a report says of the sweep as a whole: how it went, what failed, where it comes from.
struct ReportSummary {
  let report: Report

  /// The sections.
  var markup: String {
    "<section aria-label=\"Summary\"><h2>Summary</h2>\n" + definitions(summary) + widths + "</section>\n"
      + "<section aria-label=\"Failures\"><h2>Failures</h2>\n" + failures + "</section>\n"
      + "<section aria-label=\"Provenance\"><h2>Provenance</h2>\n" + definitions(provenance) + samples
      + "</section>\n"
  }

  /// All runs by state.
  static func total(_ report: Report) -> PointFit.Counts {
    report.widths.values.reduce(into: PointFit.Counts()) { sum, width in
      sum.converged += width.counts.converged
      sum.stalled += width.counts.stalled
      sum.budget += width.counts.budget
      sum.failed += width.counts.failed
      sum.pending += width.counts.pending
    }
  }

  private var summary: [(term: String, markup: String)] {
    let map = report.map
    var items: [(term: String, markup: String)] = []
    let verdicts = Verdict.allCases.map { verdict in
      "\(map.points.count { $0.verdict == verdict }) \(verdict.rawValue)"
    }
    items.append(("Verdicts", verdicts.joined(separator: ", ")))
    let far = Agreement(map).far
    if far.points > 0 {
      items.append(
        (
          "Theorem of Luo et al.",
          "\(far.agreeing) of \(Numeral.count(far.points, "point")) at distance ≥ \(Agreement.distance) from its line agree"
            + (far.undecided > 0 ? ", \(far.undecided) undecided" : "")
            + (far.wrong > 0 ? ", \(far.wrong) wrong" : "")
        ))
    }
    if let distance = BoundaryDistance(map) {
      items.append(
        (
          "Fitted boundary",
          "\(Numeral.fixed(distance.rms)) RMS and \(Numeral.fixed(distance.maximum)) at most from the theoretical line"
            + (distance.bandWidth.map { "; its 95 % band is \(Numeral.fixed($0)) wide on average" } ?? "")
        ))
    } else {
      items.append(("Fitted boundary", "none: the exponent changes its sign nowhere"))
    }
    let open = map.points.count { $0.exponent?.mayVanish ?? false }
    items.append(("Open", "the 95 % interval of S includes 0 at \(Numeral.count(open, "point"))"))
    return items
  }

  private var widths: String {
    let rows = report.widths.values.sorted { $0.width < $1.width }
    guard !rows.isEmpty else { return "<p>There are no runs.</p>\n" }
    func cells(_ name: String, _ counts: PointFit.Counts) -> [String] {
      [name]
        + [counts.total, counts.converged, counts.stalled, counts.budget, counts.failed, counts.pending].map {
          "\($0)"
        }
    }
    return Table(
      caption: "Runs by width",
      header: ["m", "runs", "converged", "stalled", "out of budget", "failed", "pending"],
      rows: rows.map { cells("\($0.width)", $0.counts) } + [cells("all", Self.total(report))]
    ).markup
  }

  private var failures: String {
    guard !report.failures.isEmpty else { return "<p>No run failed.</p>\n" }
    return report.failures.map { group in
      let run = group.example
      return
        "<details class=failure><summary><strong>\(Numeral.count(group.runs, "run"))</strong> \(escaped(group.reason))</summary>"
        + "<p class=soft>For example \(PointFragment.name(run.point)), <i>m</i> = \(run.width), seed \(run.seed).</p>"
        + FailureText.markup(reason: group.reason, detail: group.detail, lastWords: group.lastWords)
        + "</details>\n"
    }.joined()
  }

  private var provenance: [(term: String, markup: String)] {
    let sweep = report.sweep
    let problem = sweep.problem
    let network = problem.network
    return [
      ("Grid", "\(escaped(report.provenance.grid)) <code>\(escaped(report.provenance.digest))</code>"),
      ("Problem", "<code>\(escaped(report.provenance.problem))</code>"),
      ("Program", escaped(report.provenance.program)),
      ("Fit", escaped(report.provenance.fitMethod)),
      ("Method", escaped(problem.method)),
      (
        "Network",
        escaped(
          "\(network.activation.rawValue), \(network.bias ? "with" : "without") bias"
            + (network.antisymmetric ? ", antisymmetric" : ""))
      ),
      ("Converged at", "mean squared residual \(Numeral.significant(problem.target))"),
      ("Tolerance", Numeral.significant(problem.tolerance)),
      (
        "Budget of a run",
        "\(sweep.budget.steps) steps, \(Numeral.significant(sweep.budget.wallSeconds)) s"
          + (sweep.budget.time.map { ", time \(Numeral.significant($0))" } ?? "")
      ),
    ]
  }

  private var samples: String {
    let samples = report.sweep.problem.samples
    let shown = Array(zip(samples.x, samples.y).prefix(Self.mostSamples))
    let table = Table(
      caption: "Samples",
      header: (samples.dimension == 1 ? ["x"] : (1...samples.dimension).map { "x\($0)" }) + ["y"],
      rows: shown.map { x, y in (x + [y]).map { Numeral.significant($0, digits: 12) } }
    ).markup
    let more = samples.count - shown.count
    return "<details><summary>\(Numeral.count(samples.count, "sample"))</summary>\(table)"
      + (more > 0 ? "<p class=soft>And \(more) more.</p>" : "") + "</details>\n"
  }

  private static let mostSamples = 100
}
