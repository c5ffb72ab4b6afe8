import Figures
import LimitFit
import Model

/// What is shown when a point is opened: its verdict, its figures, its runs.
struct PointFragment {
  let point: ReportedPoint
  let problem: Problem
  let provenance: Provenance
  let detail: FeatureFigure.Detail

  /// The fragment as HTML.
  var markup: String {
    let fit = point.fit
    var text = "<h2 tabindex=-1>\(Self.name(fit.point))</h2>\n"
    text +=
      "<p class=lead><span class=\"verdict \(fit.verdict.rawValue)\">\(fit.verdict.rawValue)</span> \(exponent)</p>\n"
    text += definitions(numbers)
    text += "<div class=figures>\n" + figures.joined() + "</div>\n"
    return text + runs + failures
  }

  /// γ = 1.25, γ′ = 0.5.
  static func name(_ point: PhasePoint) -> String {
    "<i>γ</i> = \(Numeral.coordinate(point.gamma)), <i>γ′</i> = \(Numeral.coordinate(point.gammaPrime))"
  }

  /// An estimate with its interval.
  static func text(_ estimate: PointFit.Estimate, _ number: (Double) -> String) -> String {
    guard let low = estimate.low, let high = estimate.high else { return number(estimate.value) }
    return "\(number(estimate.value)) (95 %: \(number(low)) to \(number(high)))"
  }

  private var exponent: String {
    let fit = point.fit
    let theory = "theory expects \(Numeral.fixed(fit.expectedExponent))"
    guard let exponent = fit.exponent else { return "no exponent; \(theory)" }
    return "<i>S</i> = \(Self.text(exponent) { Numeral.fixed($0) }); \(theory)"
  }

  private var numbers: [(term: String, markup: String)] {
    let fit = point.fit
    var items: [(term: String, markup: String)] = []
    if !fit.note.isEmpty { items.append(("Note", escaped(fit.note))) }
    if let slope = fit.slope {
      items.append(("Slope over all widths", Self.text(slope) { Numeral.fixed($0) }))
    }
    if let limit = fit.limit {
      items.append(("Limit of RD, if finite", Self.text(limit) { Numeral.significant($0, digits: 3) }))
    }
    if let power = fit.power, let corrected = fit.corrected, let constant = fit.constant {
      func percent(_ share: Double) -> String { "\(Numeral.fixed(100 * share, places: 0)) %" }
      items.append(
        (
          "Models",
          "power law \(percent(power)), with a crossover \(percent(corrected)), constant \(percent(constant))"
        ))
    }
    if let drift = fit.drift, let p = fit.driftProbability {
      items.append(
        ("Drift of the slope", "\(Numeral.fixed(drift)) a decade (p = \(Numeral.significant(p, digits: 2)))"))
    }
    return items
  }

  /// All figures of which there is anything to show.
  private var figures: [String] {
    func figure(_ figure: any Figure, _ caption: String) -> String {
      "<figure>\n\(figure.document.inlineSVG)<figcaption>\(caption)</figcaption></figure>\n"
    }
    let frame = PanelFrame(title: nil, provenance: provenance, theme: .adaptive, size: .small)
    // A width has the same colour in all of them.
    let widths = point.neurons.map(\.width) + point.trajectories.map(\.width) + point.functions.map(\.width)
    func panels<Kept>(_ runs: [KeptRun<Kept>]) -> RunPanels<Kept> {
      RunPanels(entries: [.init(point: point.fit.point, runs: runs)], frame: frame, widthsBeside: widths)
    }
    var all = [
      figure(
        ScalingFigure(
          entries: [.init(fit: point.fit, observations: point.runs.map(\.observation), curve: point.curve)],
          frame: frame),
        "RD against the width, and the slope between neighbouring widths")
    ]
    if !point.neurons.isEmpty {
      all.append(
        figure(
          FeatureFigure(panels(point.neurons), detail: detail),
          "Neurons: amplitude against orientation, and how much of it each degree carries"))
    }
    if !point.trajectories.isEmpty {
      all.append(
        figure(
          TrajectoryFigure(panels(point.trajectories), target: problem.target),
          "Loss, RD and number of orientations against the time"))
    }
    if !point.functions.isEmpty {
      all.append(
        figure(
          FunctionFigure(panels(point.functions), samples: problem.samples),
          "The function of the network, through the samples"))
    }
    return all
  }

  private var runs: String {
    func number(_ value: Double?) -> String { value.map { Numeral.significant($0) } ?? "–" }
    return Table(
      caption: "Runs (\(point.runs.count))",
      header: [
        "m", "seed", "state", "sup RD", "RD at the end", "mean sq. residual", "time", "steps", "seconds",
        "tries",
      ],
      rows: point.runs.map { line in
        let result = line.result
        return [
          "\(line.run.width)", "\(line.run.seed)",
          "<span class=\"s-\(line.state.rawValue)\">\(line.state.name)</span>",
          (line.state == .budget ? "≥ " : "") + number(result?.supRD), number(result?.rd),
          number(result?.meanSquaredResidual), number(result?.time), result.map { "\($0.steps)" } ?? "–",
          result.map { Numeral.significant($0.wallSeconds, digits: 2) } ?? "–",
          line.attempts.map { "\($0)" } ?? "–",
        ]
      }, words: [2]
    ).markup
  }

  private var failures: String {
    point.runs.filter { $0.state == .failed }.prefix(Self.mostFailures).map { line in
      "<details><summary>\(escaped("Failed: m = \(line.run.width), seed \(line.run.seed)"))</summary>"
        + FailureText.markup(reason: line.reason, detail: line.detail, lastWords: line.lastWords)
        + "</details>\n"
    }.joined()
  }

  private static let mostFailures = 20
}

extension ReportedPoint.RunLine.State {
  /// In words.
  var name: String { self == .budget ? "out of budget" : rawValue }
}

/// Why a run failed.
enum FailureText {
  /// More of what others wrote is cut.
  private static let longest = 4000

  static func markup(reason: String, detail: String, lastWords: String) -> String {
    var text = "<p>\(escaped(cut(reason)))</p>"
    if !detail.isEmpty { text += "<p class=soft>\(escaped(cut(detail)))</p>" }
    if !lastWords.isEmpty {
      text += "<pre tabindex=0>\(escaped(cut(lastWords)))</pre>"
    }
    return text
  }

  private static func cut(_ text: String) -> String {
    text.count > longest ? text.prefix(longest) + " …" : text
  }
}
