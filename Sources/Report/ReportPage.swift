import Figures
import LimitFit

/// The page around the points of a report.
struct ReportPage {
  let report: Report

  /// The whole document.
  func markup() throws(DeflateError) -> String {
    let name = escaped(report.sweep.name)
    // Nothing may be loaded, and no other script may run, whatever a name or a worker's last words hold.
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
      <meta name="generator" content="\(escaped(report.provenance.program))">
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
      <main>
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

  private var subtitle: String {
    let counts = ReportSummary.total(report)
    let verdicts = Verdict.allCases.compactMap { verdict -> String? in
      let number = report.map.points.count { $0.verdict == verdict }
      return number == 0 ? nil : "\(number) \(verdict.rawValue)"
    }
    return ([Numeral.count(report.map.points.count, "point"), Numeral.count(counts.total, "run")] + verdicts)
      .joined(
        separator: " · ")
  }

  private var caveats: String { report.caveats.map { "<p class=\"caveat\">\(escaped($0))</p>\n" }.joined() }

  private var map: String {
    let figure = PhaseMapFigure(
      map: report.map, title: "Phase diagram", provenance: report.provenance, theme: .adaptive)
    return "<figure id=\"plane\">\n\(figure.document.inlineSVG)</figure>\n" + Self.markup(figure.key)
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

  private var picker: String {
    guard !report.points.isEmpty else { return "" }
    return """
      <form class="picker" hidden>
      <label><i>γ</i> <select name="gamma"></select></label>
      <label><i>γ′</i> <select name="prime"></select></label>
      <button type="submit">Open</button>
      </form>

      """
  }

  /// Where the points are, and which of them begin a chunk.
  private var index: String {
    let points = report.points.map { fit in
      "[\"\(Numeral.coordinate(fit.point.gamma))\",\"\(Numeral.coordinate(fit.point.gammaPrime))\"]"
    }
    return
      "{\"points\":[\(points.joined(separator: ","))],\"chunks\":[\(report.chunks.map { "\($0.first)" }.joined(separator: ","))]}"
  }

  private var chunks: String {
    report.chunks.enumerated().map { i, chunk in
      "<script type=\"text/plain\" id=\"chunk-\(i)\">\(chunk.text)</script>\n"
    }.joined()
  }

  /// All points in a table, for those who do not see the map, and for searching.
  private func pointTable() throws(DeflateError) -> String {
    guard !report.points.isEmpty else { return "" }
    let table = Table(
      caption: "All points (\(report.points.count))",
      header: ["γ", "γ′", "verdict", "S", "95 % from", "to", "theory", "note"],
      rows: report.points.enumerated().map { i, fit in
        func number(_ value: Double?) -> String { value.map { Numeral.fixed($0) } ?? "–" }
        return [
          "<button type=\"button\" data-point=\"\(i)\">\(Numeral.coordinate(fit.point.gamma))</button>",
          Numeral.coordinate(fit.point.gammaPrime), fit.verdict.rawValue, number(fit.exponent?.value),
          number(fit.exponent?.low), number(fit.exponent?.high), number(fit.expectedExponent),
          escaped(fit.note),
        ]
      }, words: [2, 7])
    return """
      <details id="all" hidden><summary>All points as a table</summary><div></div></details>
      <script type="text/plain" id="table">\(try Report.packed(table.markup))</script>

      """
  }
}
