import Figures

/// How a report looks: on a screen of any width, light or dark, and on paper.
enum ReportStyle {
  /// The style sheet: the colours of the figures' themes, under the same conditions under which
  /// `Resources/report.css`, which follows, sets the page's own.
  static let css = """
    :root { \(Theme.light.declarations) }
    @media (prefers-color-scheme: dark) { :root:not([data-theme=light]) { \(Theme.dark.declarations) } }
    :root[data-theme=dark] { \(Theme.dark.declarations) }
    @media print { :root:root:root { \(Theme.light.declarations) } }

    """ + String(decoding: PackageResources.report_css, as: UTF8.self)
}
