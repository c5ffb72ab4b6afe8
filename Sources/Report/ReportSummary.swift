import Figures
import LimitFit
import Model

/// What a report says of the sweep as a whole: how it went, what failed, what was computed, and
/// where.
struct ReportSummary {
  let report: Report

  private var context: FigureContext { report.context }

  /// The sections.
  var markup: String {
    section("Summary", definitions(summary) + widths) + section("Failures", failures)
      + section("Provenance", definitions(problem) + samples + origins)
  }

  private func section(_ name: String, _ content: String) -> String {
    "<section aria-label=\"\(name)\"><h2>\(name)</h2>\n\(content)</section>\n"
  }

  /// All runs by state.
  static func total(_ report: Report) -> PointFit.Counts {
    report.widths.values.reduce(into: PointFit.Counts()) { $0 += $1.counts }
  }

  private var summary: [(term: String, markup: String)] {
    let map = report.map
    let trends = Trend.allCases.map { trend in
      "\(map.points.count { $0.trend == trend }) \(escaped(context.caption(trend)))"
    }
    let open = map.points.count { $0.exponent?.mayVanish ?? false }
    return [("Trends", trends.joined(separator: ", "))] + agreement + boundary + [
      ("Open", "the 95 % interval of S includes 0 at \(counted(open, "point"))")
    ]
  }

  /// How trends compare with theory, where there is one.
  private var agreement: [(term: String, markup: String)] {
    guard let theory = context.theory else { return [] }
    let agreement = Agreement(report.map, theory)
    let far = agreement.far
    guard far.points > 0 else { return [] }
    return [
      (
        "Theory of \(theory.name)",
        "\(far.agreeing) of \(counted(far.points - far.undecided, "decided point")) at distance ≥ "
          + "\(agreement.distance) from its boundary agree"
          + (far.undecided > 0 ? ", \(far.undecided) undecided" : "")
          + (far.wrong > 0 ? ", \(far.wrong) differ" : "")
      )
    ]
  }

  /// Where the boundary lies. On a line there is none.
  private var boundary: [(term: String, markup: String)] {
    let map = report.map
    guard map.plane.y != nil else { return [] }
    let name = "Fitted boundary"
    guard !map.boundary.isEmpty else { return [(name, "none: the exponent changes its sign nowhere")] }
    guard let theory = context.theory, let distance = BoundaryDistance(map, theory) else { return [] }
    return [
      (
        name,
        "\(Numeral.fixed(distance.rms)) RMS and \(Numeral.fixed(distance.maximum)) at most from the "
          + "theoretical one"
          + (distance.pointsOnTheory > 0
            ? " (\(counted(distance.pointsOnTheory, "point")) of the grid on it, which brings it nearer)"
            : "")
          + (distance.bandWidth.map {
            "; its 95 % band, due to \(map.bandSource), is \(Numeral.fixed($0)) wide on average"
          } ?? "")
      )
    ]
  }

  private var widths: String {
    let rows = report.widths.values.sorted { $0.width < $1.width }
    guard !rows.isEmpty else { return "<p>There are no runs.</p>\n" }
    func cells(_ name: String, _ counts: PointFit.Counts) -> [String] {
      [name]
        + [
          counts.total, counts.converged, counts.stationary, counts.budgetExhausted, counts.diverged,
          counts.failed,
          counts.pending,
        ].map { "\($0)" }
    }
    return Table(
      caption: "Runs by width",
      header: [
        "<i>m</i>", "runs", "converged", "stationary", "out of budget", "diverged", "failed", "pending",
      ],
      rows: rows.map { cells(Numeral.width($0.width), $0.counts) } + [cells("all", Self.total(report))]
    ).markup
  }

  private var failures: String {
    guard !report.failures.isEmpty else { return "<p>No run failed.</p>\n" }
    return report.failures.map { group in
      let run = group.example
      let place = "\(context.html(run.setting)), <i>m</i> = \(Numeral.width(run.width)), seed \(run.seed)"
      return "<details class=failure><summary><strong>\(counted(group.runs, "run"))</strong> "
        + "\(escaped(group.reason))</summary><p class=soft>For example \(place).</p>"
        + FailureText.markup(reason: group.reason, detail: group.detail, stderrTail: group.stderrTail)
        + "</details>\n"
    }.joined()
  }

  /// All that determines the results, and what was made of them.
  private var problem: [(term: String, markup: String)] {
    let (sweep, problem) = (report.sweep, report.sweep.problem)
    var items: [(term: String, markup: String)] = [("Method", escaped(problem.method))]
    if !context.title.isEmpty { items.append(("Network", escaped(context.title))) }
    for (key, value) in problem.network.sorted(by: { $0.key < $1.key }) {
      items.append(("network: \(key)", Self.text(value)))
    }
    for (key, value) in problem.parameters.sorted(by: { $0.key < $1.key }) {
      items.append(("parameter: \(key)", Self.text(value)))
    }
    let samples = problem.samples.map {
      "\(counted($0.count, "sample")) of dimension \($0.dimension)"
    }
    let quantity = context.orderParameter
    items += [
      ("Samples", samples ?? "the worker’s own"),
      (
        "Order parameter",
        escaped(quantity.explained)
          + (quantity.symbol == quantity.name ? "" : ", <code>\(escaped(quantity.name))</code>")
      ),
      ("Converged at", "mean squared residual \(Numeral.significant(problem.target))"),
      ("Tolerance", Numeral.significant(problem.tolerance)),
      (
        "Budget of a run",
        "\(sweep.budget.steps) steps, \(Numeral.significant(sweep.budget.wallSeconds)) s"
          + (sweep.budget.time.map { ", time \(Numeral.significant($0))" } ?? "")
      ),
      ("Fit", escaped(report.provenance.fitMethod)),
    ]
    if let theory = context.theory { items.append(("Theory", escaped("\(theory.name): \(theory.citation)"))) }
    return items + [
      ("Grid", "\(escaped(report.provenance.grid)) <code>\(escaped(report.provenance.digest))</code>"),
      ("Problem", "<code>\(escaped(report.provenance.problem))</code>"),
      ("Report", escaped(report.provenance.program)),
    ]
  }

  /// A value of a grid as it may be written there.
  private static func text(_ value: JSONValue) -> String { escaped(value.string ?? value.canonical) }

  /// Which programs computed the results, where and when.
  private var origins: String {
    guard !report.origins.isEmpty else { return "" }
    return Table(
      caption: "Where the results come from",
      header: ["runs", "worker", "methods", "host", "recorded by", "from", "to"],
      rows: report.origins.map { origin in
        let provenance = origin.provenance
        let command = provenance.command.map { " (\($0.joined(separator: " ")))" } ?? ""
        let commit = provenance.commit.map { ", commit \($0)" } ?? ""
        return [
          "\(origin.runs)",
          escaped(provenance.worker + command),
          escaped(provenance.description.methods.joined(separator: ", ")),
          escaped(provenance.host), escaped(provenance.program + commit), escaped(origin.first),
          escaped(origin.last),
        ]
      }, words: [1, 2, 3, 4, 5, 6]
    ).markup
  }

  private var samples: String {
    guard let samples = report.sweep.problem.samples else { return "" }
    let shown = Array(zip(samples.x, samples.y).prefix(Self.maxSamples))
    let inputs = samples.dimension == 1 ? ["x"] : (1...samples.dimension).map { "x\($0)" }
    let isCut = samples.dimension > Self.maxDimension
    let table = Table(
      caption: "Samples",
      header: (isCut ? Array(inputs.prefix(Self.maxDimension)) + ["…"] : inputs) + ["y"],
      rows: shown.map { x, y in
        let numbers = x.prefix(Self.maxDimension).map { Numeral.significant($0, digits: 12) }
        return numbers + (isCut ? ["…"] : []) + [Numeral.significant(y, digits: 12)]
      }
    ).markup
    let more = samples.count - shown.count
    return "<details><summary>\(counted(samples.count, "sample"))</summary>\(table)"
      + (more > 0 ? "<p class=soft>And \(more) more.</p>" : "") + "</details>\n"
  }

  /// More samples, or components of an input, are not listed.
  private static let maxSamples = 100, maxDimension = 20
}
