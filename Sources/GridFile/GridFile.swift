import Model
import Networks

/// A grid file: the YAML form of a ``Sweep``. `docs/grid-files.md` is its reference.
///
/// Which axes, network keys and names there may be depends on the network family that the file asks
/// for; a file that names the method of a worker of one's own may have any.
public struct GridFile: Sendable {
  /// What the file asks for.
  public let sweep: Sweep

  /// More runs than this are refused unless `allowHuge` confirms them.
  public static let maxRuns = 10_000_000
  /// More runs than this are always refused.
  public static let maxConfirmedRuns = 1_000_000_000

  /// Reads a grid file, with the files that it names.
  ///
  /// - Parameters:
  ///   - path: where it is; files it names are relative to its folder.
  ///   - families: the networks that may be asked for by name.
  ///   - allowHuge: whether more than ``maxRuns`` runs are confirmed (`--yes`).
  /// - Throws: ``GridError`` with everything that is wrong.
  public init(path: String, families: NetworkFamilies = .builtIn, allowHuge: Bool = false) throws(GridError) {
    let folder = path.lastIndex(of: "/").map { String(path[..<$0]) }
    // The folder of "/grid.yaml" is the root.
    let base = folder == "" ? "/" : folder ?? ""
    try self.init(
      source: try SourceText(path: path), baseDirectory: base, families: families, allowHuge: allowHuge)
  }

  /// Reads the text of a grid file.
  ///
  /// - Parameters:
  ///   - text: the YAML.
  ///   - file: its name for messages.
  ///   - baseDirectory: the folder that files it names are relative to.
  ///   - families: the networks that may be asked for by name.
  ///   - allowHuge: whether more than ``maxRuns`` runs are confirmed (`--yes`).
  /// - Throws: ``GridError`` with everything that is wrong.
  public init(
    text: String, file: String = "grid.yaml", baseDirectory: String = ".",
    families: NetworkFamilies = .builtIn, allowHuge: Bool = false
  ) throws(GridError) {
    try self.init(
      source: try SourceText(file: file, text: text), baseDirectory: baseDirectory, families: families,
      allowHuge: allowHuge)
  }

  /// Reads the bytes of a grid file.
  init(bytes: [UInt8], file: String) throws(GridError) {
    try self.init(
      source: try SourceText(file: file, bytes: bytes), baseDirectory: ".", families: .builtIn,
      allowHuge: false)
  }

  private init(source: SourceText, baseDirectory: String, families: NetworkFamilies, allowHuge: Bool)
    throws(GridError)
  {
    let tree = try YAMLTree(source)
    var reader = GridReader(
      source: source, baseDirectory: baseDirectory, families: families, allowHuge: allowHuge)
    guard let sweep = reader.read(tree) else { throw reader.error }
    self.sweep = sweep
  }

  /// The sweep of a grid file.
  ///
  /// - Parameters:
  ///   - path: where it is.
  ///   - families: the networks that may be asked for by name.
  ///   - allowHuge: whether more than ``maxRuns`` runs are confirmed (`--yes`).
  /// - Throws: ``GridError`` with everything that is wrong.
  public static func load(
    path: String, families: NetworkFamilies = .builtIn, allowHuge: Bool = false
  ) throws(GridError) -> Sweep {
    try GridFile(path: path, families: families, allowHuge: allowHuge).sweep
  }
}
