import CPlatform

/// The memory of processes, as the kernel counts it (proc_pid_statm(5)).
public enum ProcessMemory {
  /// The resident memory of a process in bytes; nil where there is no /proc, or no such process.
  public static func resident(of process: pid_t) -> Int? { bytes("/proc/\(process)/statm", field: 1) }

  /// The resident memory of this process in bytes; nil where there is no /proc.
  public static var resident: Int? { bytes(own, field: 1) }

  /// The memory that this process has mapped, in bytes; nil where there is no /proc.
  public static var addressSpace: Int? { bytes(own, field: 0) }

  /// The private writable memory of this process in bytes, resident or not; nil where there is no
  /// /proc. Takes no lock and allocates nothing, as signal handlers require.
  public static var data: Int? { bytes(own, field: 5) }

  /// Returns freed memory to the system, where the C library can; otherwise it stays resident.
  public static func returnFree() { _ = platform_return_free_memory() }

  /// Not from a `String`, which would be copied.
  private static var own: UnsafePointer<CChar> {
    let path: StaticString = "/proc/self/statm"
    return UnsafeRawPointer(path.utf8Start).assumingMemoryBound(to: CChar.self)
  }

  private static func bytes(_ path: UnsafePointer<CChar>, field: Int) -> Int? {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    return withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 256) { buffer in
      let count = read(descriptor, buffer.baseAddress, buffer.count)
      var current = 0
      var pages: Int?
      var i = 0
      while i < count {
        if buffer[i] == UInt8(ascii: " ") {
          current += 1
        } else if current == field, buffer[i] >= 48, buffer[i] <= 57 {
          pages = (pages ?? 0) &* 10 &+ Int(buffer[i] - 48)
        }
        i += 1
      }
      return pages.map { $0 &* sysconf(CInt(_SC_PAGESIZE)) }
    }
  }
}
