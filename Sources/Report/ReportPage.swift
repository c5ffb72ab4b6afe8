import Figures
import LimitFit
import Model

/// The page around the points of a report.
struct ReportPage {
  let report: Report
  private let figure: PhaseMapFigure
  /// The parameters by which points are told apart: those of the plane, then the others.
  private let parameters: [Parameter]

  init(report: Report) {
    self.report = report
    let context = report.context
    figure = PhaseMapFigure(
      map: report.map, context: context, title: "Phase diagram", provenance: report.provenance,
      theme: .adaptive)
    let others = Set(report.points.flatMap { context.plane.slice($0.setting).names }).sorted()
    parameters = (context.plane.names + others).map(context.parameter)
  }

  private var context: FigureContext { report.context }

  /// The whole document.
  func markup() throws(DeflateError) -> String {
    let name = escaped(report.sweep.name)
    // Nothing may be loaded, and no other script may run, whatever a name or a worker's output
    // holds.
    let policy =
      "default-src 'none'; style-src 'unsafe-inline'; img-src data:; script-src 'sha256-\(ReportScript.digest)'; base-uri 'none'; form-action 'none'"
    return """
      <!DOCTYPE html>
      <html lang="en">
      <head>
      <meta charset="utf-8">
      <meta http-equiv="Content-Security-Policy" content="\(policy)">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <meta name="color-scheme" content="light dark">
      \(renewal)<meta name="generator" content="\(escaped(report.provenance.program))">
      <link rel="icon" href="data:,">
      <title>\(name): phase diagram</title>
      <style>
      \(ReportStyle.css)</style>
      </head>
      <body>
      <a class="skip" href="#point">Skip to the opened point</a>
      <header>
      <div><h1>\(name)</h1>
      <p class="soft">\(subtitle)</p></div>
      <button type="button" id="theme" hidden>Theme: automatic</button>
      </header>
      \(caveats)<noscript><p class="caveat">The map and the summary are here as they are. Single points need JavaScript, which this browser does not run.</p></noscript>
      <main\(isWide ? " class=\"wide\"" : "")>
      <section id="map" aria-label="Phase map">
      \(map)\(picker)</section>
      <section id="point" aria-label="Opened point">
      <p class="hint">Choose a cell of the map: click it, or go there with the arrow keys; Enter leads here, Escape back.</p>
      </section>
      </main>
      \(ReportSummary(report: report).markup)\(try pointTable())<footer><p class="soft">Made by \(escaped(report.provenance.program)). This file loads nothing and may be kept or sent as it is.</p></footer>
      <script type="application/json" id="points">\(index)</script>
      \(chunks)<script>\(ReportScript.source)</script>
      </body>
      </html>

      """
  }

  /// The page is loaded again while its sweep runs.
  private var renewal: String {
    report.renewsAfter.map {
      "<meta name=\"renewal\" content=\"\($0)\">\n"
        + "<noscript><meta http-equiv=\"refresh\" content=\"\($0)\"></noscript>\n"
    } ?? ""
  }

  private var subtitle: String {
    let counts = ReportSummary.total(report)
    let trends = Trend.allCases.compactMap { trend -> String? in
      let number = report.map.points.count { $0.trend == trend }
      return number == 0 ? nil : "\(number) \(escaped(context.caption(trend)))"
    }
    let all = [counted(report.map.points.count, "point"), counted(counts.total, "run")] + trends
    return all.joined(separator: " · ")
  }

  private var caveats: String { report.caveats.map { "<p class=\"caveat\">\(escaped($0))</p>\n" }.joined() }

  /// Whether the map has several panels, and needs the whole width of the page.
  private var isWide: Bool { report.map.slices.count > 1 }

  private var map: String {
    "<figure id=\"plane\">\n\(figure.document.inlineSVG)</figure>\n" + Self.markup(figure.key)
  }

  /// The key to the map, for screens on which its legend cannot be read.
  private static func markup(_ key: MapKey) -> String {
    let items = key.entries.map { "<li>\($0.sample) \(escaped($0.text))</li>\n" }.joined()
    return """
      <div class="key">
      <div class="ends"><span>\(escaped(key.low))</span><i>S</i><span>\(escaped(key.high))</span></div>
      <div class="bar" style="background: linear-gradient(to right, \(key.colours.joined(separator: ", ")))"></div>
      <ul>
      \(items)</ul>
      </div>

      """
  }

  /// The values of ``parameters`` at a setting.
  private func coordinates(_ setting: Setting) -> [String] {
    parameters.map { parameter in setting[parameter.name].map { Numeral.coordinate($0) } ?? "–" }
  }

  private var picker: String {
    guard !report.points.isEmpty else { return "" }
    let lists = parameters.map { "<label>\($0.html) <select></select></label>\n" }.joined()
    return "<form class=\"picker\" hidden>\n\(lists)<button type=\"submit\">Open</button>\n</form>\n"
  }

  /// What the script knows: the names of parameters, of which the first ones span the plane, the
  /// points, which point each cell of the map stands for if not in the same order, and which points
  /// begin a chunk.
  private var index: String {
    let places = Dictionary(
      report.points.enumerated().map { ($1.setting, $0) }, uniquingKeysWith: { first, _ in first })
    let cells = figure.shownSettings.compactMap { places[$0] }
    var index: [String: JSONValue] = [
      "names": .array(parameters.map { .string($0.symbol) }),
      "plane": .number(Double(context.plane.names.count)),
      "points": .array(report.points.map { .array(coordinates($0.setting).map { .string($0) }) }),
      "chunks": .array(report.chunks.map { .number(Double($0.first)) }),
    ]
    if cells != Array(report.points.indices) { index["cells"] = .array(cells.map { .number(Double($0)) }) }
    // Inside of a script nothing may look like its end.
    return JSONValue.object(index).canonical.replacing("<", with: "\\u003c")
  }

  private var chunks: String {
    report.chunks.enumerated().map { i, chunk in
      "<script type=\"text/plain\" id=\"chunk-\(i)\">\(chunk.text)</script>\n"
    }.joined()
  }

  /// All points in a table, for those who do not see the map, and for searching.
  private func pointTable() throws(DeflateError) -> String {
    guard !report.points.isEmpty else { return "" }
    let hasTheory = context.theory != nil
    let table = Table(
      caption: "All points (\(report.points.count))",
      header: parameters.map(\.html) + ["trend", "<i>S</i>", "95 % from", "to"]
        + (hasTheory ? ["theory"] : []) + ["note"],
      rows: report.points.enumerated().map { i, fit in
        func number(_ value: Double?) -> String { value.map { Numeral.fixed($0) } ?? "–" }
        var place = coordinates(fit.setting)
        place[0] = "<button type=\"button\" data-point=\"\(i)\">\(place[0])</button>"
        let numbers = [fit.exponent?.value, fit.exponent?.low, fit.exponent?.high]
        return place + [escaped(context.caption(fit.trend))]
          + (numbers + (hasTheory ? [fit.expectedExponent] : [])).map(number) + [escaped(fit.note)]
      }, words: [parameters.count, parameters.count + (hasTheory ? 5 : 4)])
    return """
      <details id="all" hidden><summary>All points as a table</summary><div></div></details>
      <script type="text/plain" id="table">\(try Report.packed(table.markup))</script>

      """
  }
}
