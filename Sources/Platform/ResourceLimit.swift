import CPlatform

/// The limits of this process, getrlimit(2): a soft limit holds, and may be changed up to a hard
/// one, which may only be lowered.
public enum ResourceLimit: Sendable {
  /// The number of open files.
  case openFiles
  /// Bytes of private memory that can be written.
  case data
  /// Bytes of a core dump.
  case coreFile

  /// Sets the soft limit, at most to the hard one.
  ///
  /// - Parameter value: nil: the hard limit.
  /// - Returns: the soft limit that now holds; nil if it is not known.
  @discardableResult
  public func set(_ value: Int?) -> Int? {
    change { bounds in bounds.rlim_cur = min(bounds.rlim_max, value.map { rlim_t(max(0, $0)) } ?? .max) }
  }

  /// Raises the soft limit to a value, at most to the hard one; a higher one stays.
  ///
  /// - Returns: the soft limit that now holds; nil if it is not known.
  @discardableResult
  public func raise(to value: Int) -> Int? {
    change { bounds in bounds.rlim_cur = max(bounds.rlim_cur, min(bounds.rlim_max, rlim_t(max(0, value)))) }
  }

  /// Sets both limits to 0.
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
