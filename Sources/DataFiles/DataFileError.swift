/// Why a file of arrays cannot be used. The descriptions are clauses that follow the file's name.
public enum DataFileError: Error, Hashable, Sendable, CustomStringConvertible {
  /// It is no ZIP archive.
  case notAnArchive
  /// It is no IDX file.
  case notIDX
  /// It ends too early, or its contents are not what was written.
  case damaged
  /// It holds what cannot be read.
  case unsupported(String)

  /// One clause for the user.
  public var description: String {
    switch self {
    case .notAnArchive: "it is no .npz file; write one with numpy.savez"
    case .notIDX: "it is no IDX file, as train-images-idx3-ubyte is"
    case .damaged: "it is damaged or incomplete; write or fetch it again"
    case .unsupported(let what): what
    }
  }
}
