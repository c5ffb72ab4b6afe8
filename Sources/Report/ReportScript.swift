import Model

/// What a report does, from `Resources/report.js`: opens points, goes through the map by keyboard,
/// changes the theme.
enum ReportScript {
  /// The script; it names nothing outside the page.
  static let source = String(decoding: PackageResources.report_js, as: UTF8.self)

  /// By which the page's policy knows the script: base64 of its SHA-256.
  static let digest: String = {
    var hash = SHA256()
    hash.update(bytes: PackageResources.report_js)
    return base64(hash.finalize().bytes)
  }()
}
