import Model

/// Where some of the results come from.
public struct ReportedOrigin: Hashable, Sendable {
  /// Program, commit, worker, methods and host.
  public var provenance: Provenance
  /// When the first and the last of the results were recorded, such as `2026-11-30T15:40:00Z`.
  public var first: String, last: String
  /// How many results.
  public var runs: Int

  /// An origin.
  public init(_ provenance: Provenance, first: String, last: String, runs: Int) {
    self.provenance = provenance
    self.first = first
    self.last = last
    self.runs = runs
  }
}
