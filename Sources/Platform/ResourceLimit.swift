import CPlatform

/// What the system lets a process have only so much of, getrlimit(2): up to a limit that the
/// process may change, and that up to another, which it may only lower.
public enum ResourceLimit: Sendable {
  /// Files that are open at the same time.
  case openFiles
  /// Bytes of private memory that can be written.
  case data
  /// Bytes of memory that a crash writes to the disk.
  case coreFile

  /// Sets the limit, but not above what is allowed.
  ///
  /// - Parameter value: nil: all that is allowed.
  /// - Returns: the limit that now holds; nil if it cannot be told.
  @discardableResult
  public func set(_ value: Int?) -> Int? {
    change { bounds in bounds.rlim_cur = min(bounds.rlim_max, value.map { rlim_t(max(0, $0)) } ?? .max) }
  }

  /// Raises the limit to a value, but not above what is allowed; a higher one stays.
  ///
  /// - Returns: the limit that now holds; nil if it cannot be told.
  @discardableResult
  public func raise(to value: Int) -> Int? {
    change { bounds in bounds.rlim_cur = max(bounds.rlim_cur, min(bounds.rlim_max, rlim_t(max(0, value)))) }
  }

  /// Allows nothing, for good.
  public func forbid() {
    change { bounds in bounds = rlimit(rlim_cur: 0, rlim_max: 0) }
  }

  @discardableResult
  private func change(_ body: (inout rlimit) -> Void) -> Int? {
    let resource =
      switch self {
      case .openFiles: platform_limit_open_files
      case .data: platform_limit_data
      case .coreFile: platform_limit_core_file
      }
    var bounds = rlimit()
    guard platform_get_limit(resource, &bounds) == 0 else { return nil }
    var changed = bounds
    body(&changed)
    if platform_set_limit(resource, &changed) == 0 { bounds = changed }
    return Int(clamping: bounds.rlim_cur)
  }
}
