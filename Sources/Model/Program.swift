import CBuild

/// What this program is.
public enum Program {
  /// Its name.
  public static let name = "gammaplane"
  /// Its version, as in CHANGELOG.md.
  public static let version = "0.1.0"
  /// The commit it was built from, with `-dirty` where files had changed; nil where the build was
  /// not told (`make build` tells it).
  public static let commit: String? = {
    let text = String(cString: gammaplane_build_commit())
    return text.isEmpty ? nil : text
  }()
  /// Name and version: `gammaplane 0.1.0`.
  public static let nameAndVersion = "\(name) \(version)"
}
