import Figures
import LimitFit
import Model

/// What is shown when a point is opened: its trend, its figures, its runs.
struct PointFragment {
  let point: ReportedPoint
  let problem: Problem
  let context: FigureContext
  let provenance: FigureProvenance
  let detail: FeatureFigure.Detail

  /// The fragment as HTML.
  var markup: String {
    let fit = point.fit
    var text = Self.heading(context.html(fit.setting))
    let trend = "<span class=\"trend \(fit.trend.rawValue)\">\(escaped(context.caption(fit.trend)))</span>"
    text += "<p class=lead>\(trend) \(exponent)</p>\n"
    text += definitions(numbers)
    text += "<div class=figures>\n" + figures.joined() + "</div>\n"
    return text + runs + failures
  }

  /// The first line of a fragment.
  static func heading(_ name: String) -> String { "<h2 tabindex=-1>\(name)</h2>\n" }

  /// An estimate with its interval.
  static func text(_ estimate: PointFit.Estimate, _ number: (Double) -> String) -> String {
    guard let low = estimate.low, let high = estimate.high else { return number(estimate.value) }
    return "\(number(estimate.value)) (95 %: \(number(low)) to \(number(high)))"
  }

  /// An exponent, with so many decimals that its interval is none of width 0.
  private static func text(exponent: PointFit.Estimate) -> String {
    text(exponent) { Numeral.fixed($0, places: exponent.places) }
  }

  private var exponent: String {
    let fit = point.fit
    let own =
      fit.zeroInWords { Numeral.fixed($0) }
      .map { "<i>S</i> = 0 (\(escaped(context.orderParameter.symbol)) \($0))" }
      ?? fit.exponent.map { "<i>S</i> = \(Self.text(exponent: $0))" } ?? "no exponent"
    return own + (fit.expectedExponent.map { "; theory expects \(Numeral.fixed($0))" } ?? "")
  }

  private var numbers: [(term: String, markup: String)] {
    let fit = point.fit
    var items: [(term: String, markup: String)] = []
    if !fit.note.isEmpty { items.append(("Note", escaped(fit.note))) }
    if let slope = fit.slope {
      items.append(("Slope over all widths", Self.text(slope) { Numeral.fixed($0) }))
    }
    if let limit = fit.limit {
      items.append(
        (
          "Limit of \(context.orderParameter.symbol), if finite",
          Self.text(limit) { Numeral.significant($0, digits: 3) }
        ))
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
    func panels<Record>(_ runs: [PanelRun<Record>]) -> RunPanels<Record> {
      RunPanels(
        entries: [.init(setting: point.fit.setting, runs: runs)], context: context, frame: frame,
        widthsBeside: widths)
    }
    let quantity = context.orderParameter
    var all = [
      figure(
        ScalingFigure(
          entries: [
            .init(
              fit: point.fit, observations: point.runs.map { $0.observation(of: quantity.name) },
              curve: point.curve)
          ], context: context, frame: frame),
        "\(quantity.html) against the width"
          + (quantity.isSigned ? "" : ", and the slope between neighbouring widths"))
    ]
    if !point.rungs.isEmpty {
      all.append(
        figure(
          ScalingFigure(
            entries: [.init(fit: point.fit, observations: [], curve: nil, rungs: point.rungs)],
            context: context, frame: frame),
          "\(quantity.html) on the way to the computed limit, and its local slope"))
    }
    if !point.neurons.isEmpty {
      let abscissa = point.abscissa
      all.append(
        figure(
          FeatureFigure(panels(point.neurons), abscissa: abscissa, detail: detail),
          "Neurons: amplitude against \(abscissa == .angle ? "orientation" : "a cosine"), and how much of it "
            + "each \(abscissa == .angle ? "degree" : "360th of the axis") carries"))
    }
    if !point.trajectories.isEmpty {
      all.append(
        figure(
          TrajectoryFigure(panels(point.trajectories), target: problem.target),
          "The course of the runs against the time"))
    }
    if !point.functions.isEmpty {
      all.append(
        figure(
          FunctionFigure(panels(point.functions), samples: problem.samples),
          "The function of the network before and after"))
    }
    return all
  }

  private var runs: String {
    func number(_ value: Double?) -> String { value.map { Numeral.significant($0) } ?? "–" }
    let names = Set(point.runs.flatMap { $0.result?.quantities.names ?? [] })
    let quantities = context.quantities(named: names)
    return Table(
      caption: "Runs (\(point.runs.count))",
      header: ["<i>m</i>", "seed", "state"] + Self.headings(quantities) + ["steps", "seconds", "tries"],
      rows: point.runs.map { line in
        let result = line.result
        let values = quantities.map { quantity -> String in
          let isBound = line.state == .ended(.budgetExhausted) && quantity.name == context.orderParameter.name
          return (isBound ? "≥ " : "") + number(result?.quantities[quantity.name])
        }
        return [
          Numeral.width(line.run.width), "\(line.run.seed)",
          "<span class=\"s-\(line.state.name)\">\(line.state.words)</span>",
        ] + values + [
          result.map { "\($0.steps)" } ?? "–",
          result.map { Numeral.significant($0.wallSeconds, digits: 2) } ?? "–",
          line.attempts.map { "\($0)" } ?? "–",
        ]
      }, words: [2]
    ).markup
  }

  /// What columns of quantities are headed by: the symbol, or the name where others have the same
  /// symbol; with the unit.
  static func headings(_ quantities: [Quantity]) -> [String] {
    let counts = Dictionary(grouping: quantities, by: \.symbol).mapValues(\.count)
    return quantities.map { quantity in
      (counts[quantity.symbol] == 1 ? quantity.html : escaped(quantity.name))
        + (quantity.unit.isEmpty ? "" : " (\(escaped(quantity.unit)))")
    }
  }

  private var failures: String {
    point.runs.filter { $0.state == .failed }.prefix(Self.maxFailures).map { line in
      let name = "Failed: m = \(Numeral.width(line.run.width)), seed \(line.run.seed)"
      return "<details><summary>\(name)</summary>"
        + FailureText.markup(reason: line.reason, detail: line.detail, stderrTail: line.stderrTail)
        + "</details>\n"
    }.joined()
  }

  private static let maxFailures = 20
}

extension ReportedPoint.RunLine.State {
  /// In words.
  var words: String { self == .ended(.budgetExhausted) ? "out of budget" : name }
}

/// Why a run failed.
enum FailureText {
  /// More of what others wrote is cut.
  private static let maxLength = 4000

  static func markup(reason: String, detail: String, stderrTail: String) -> String {
    var text = "<p>\(escaped(cut(reason)))</p>"
    if !detail.isEmpty { text += "<p class=soft>\(escaped(cut(detail)))</p>" }
    if !stderrTail.isEmpty {
      text += "<pre tabindex=0>\(escaped(cut(stderrTail)))</pre>"
    }
    return text
  }

  private static func cut(_ text: String) -> String {
    text.count > maxLength ? text.prefix(maxLength) + " …" : text
  }
}
