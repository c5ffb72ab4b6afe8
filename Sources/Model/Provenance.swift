/// Where a result comes from. No part of it determines the result, nor is any part of a run's
/// identity.
public struct Provenance: Hashable, Sendable, Codable {
  /// Name and version of the program that recorded the result: `gammaplane 0.1.0`.
  public var program: String
  /// The commit that the program was built from; nil: not known.
  public var commit: String?
  /// Name and version of the worker, as it introduced itself.
  public var worker: String
  /// What the worker said of itself: methods, parameters, quantities.
  public var description: FamilyDescription
  /// The command line of a worker of one's own, program and arguments; nil: the program's own
  /// worker.
  public var command: [String]?
  /// The host on which the worker ran.
  public var host: String

  /// A provenance.
  public init(
    program: String = Program.nameAndVersion, commit: String? = Program.commit, worker: String,
    description: FamilyDescription, command: [String]? = nil, host: String
  ) {
    self.program = program
    self.commit = commit
    self.worker = worker
    self.description = description
    self.command = command
    self.host = host
  }
}
