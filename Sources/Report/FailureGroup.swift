import Model

/// A reason for which runs failed.
public struct FailureGroup: Sendable {
  /// The reason.
  public var reason: String
  /// How many runs.
  public var runs: Int
  /// One of them.
  public var example: Run
  /// What is particular to it; may be empty.
  public var detail: String
  /// The end of its worker's standard error; may be empty.
  public var stderrTail: String

  /// A reason.
  public init(reason: String, runs: Int, example: Run, detail: String, stderrTail: String) {
    self.reason = reason
    self.runs = runs
    self.example = example
    self.detail = detail
    self.stderrTail = stderrTail
  }
}
