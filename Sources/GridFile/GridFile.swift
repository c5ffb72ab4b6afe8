import Model

/// A grid file: the YAML form of a ``Sweep``. `docs/grid-files.md` is its reference.
public struct GridFile: Sendable {
  /// What the file says.
  public let sweep: Sweep
  /// Valid requests that this version cannot carry out, with their places.
  public let unsupported: [GridError.Issue]

  /// More runs than this are refused unless they are said to be meant.
  public static let mostRuns = 10_000_000
  /// More runs than this are always refused.
  public static let mostRunsEver = 1_000_000_000

  /// Reads a grid file, with the files that it names.
  ///
  /// - Parameters:
  ///   - path: where it is; files it names are relative to its folder.
  ///   - allowHuge: whether more than ``mostRuns`` runs are meant (`--yes`).
  /// - Throws: ``GridError`` with everything that is wrong.
  public init(path: String, allowHuge: Bool = false) throws(GridError) {
    let folder = path.lastIndex(of: "/").map { String(path[..<$0]) }
    // The folder of "/grid.yaml" is the root.
    let base = folder == "" ? "/" : folder ?? ""
    try self.init(source: try SourceText(path: path), baseDirectory: base, allowHuge: allowHuge)
  }

  /// Reads the text of a grid file.
  ///
  /// - Parameters:
  ///   - text: the YAML.
  ///   - file: its name for messages.
  ///   - baseDirectory: the folder that files it names are relative to.
  ///   - allowHuge: whether more than ``mostRuns`` runs are meant (`--yes`).
  /// - Throws: ``GridError`` with everything that is wrong.
  public init(
    text: String, file: String = "grid.yaml", baseDirectory: String = ".", allowHuge: Bool = false
  ) throws(GridError) {
    try self.init(
      source: try SourceText(file: file, text: text), baseDirectory: baseDirectory, allowHuge: allowHuge)
  }

  /// Reads the bytes of a grid file.
  init(bytes: [UInt8], file: String) throws(GridError) {
    try self.init(source: try SourceText(file: file, bytes: bytes), baseDirectory: ".", allowHuge: false)
  }

  private init(source: SourceText, baseDirectory: String, allowHuge: Bool) throws(GridError) {
    let tree = try YAMLTree(source)
    var reader = GridReader(source: source, baseDirectory: baseDirectory, allowHuge: allowHuge)
    guard let (sweep, unsupported) = reader.read(tree) else { throw reader.error }
    self.sweep = sweep
    self.unsupported = unsupported
  }

  /// Throws what this version cannot do, if anything.
  public func checkSupported() throws(GridError) {
    if !unsupported.isEmpty { throw GridError(unsupported) }
  }

  /// The sweep of a grid file that this version can carry out.
  ///
  /// - Parameters:
  ///   - path: where it is.
  ///   - allowHuge: whether more than ``mostRuns`` runs are meant (`--yes`).
  /// - Throws: ``GridError`` with everything that is wrong or not supported.
  public static func load(path: String, allowHuge: Bool = false) throws(GridError) -> Sweep {
    let file = try GridFile(path: path, allowHuge: allowHuge)
    try file.checkSupported()
    return file.sweep
  }
}
