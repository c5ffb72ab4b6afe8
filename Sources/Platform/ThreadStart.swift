import CPlatform

/// Starts a thread that nobody waits for; it ends with the process.
///
/// - Returns: whether the system had a thread left.
public func startThread(_ body: @escaping @Sendable () -> Void) -> Bool {
  let argument = Unmanaged.passRetained(ThreadBody(body))
  let error = platform_start_thread(
    { argument in
      if let argument { Unmanaged<ThreadBody>.fromOpaque(argument).takeRetainedValue().run() }
      return nil
    }, argument.toOpaque())
  if error != 0 { argument.release() }
  return error == 0
}

private final class ThreadBody: Sendable {
  let run: @Sendable () -> Void

  init(_ run: @escaping @Sendable () -> Void) { self.run = run }
}

/// Sees that this process can have so many threads more, by starting them for a moment.
///
/// - Throws: why it cannot.
public func tryThreads(_ count: Int) throws(SystemError) {
  let error = platform_try_threads(CInt(clamping: count))
  if error != 0 { throw SystemError(error) }
}

/// The threads of a process, where the system lists them (Linux). The list breaks off at a thread
/// that ends while it is made.
func threads(of process: pid_t) -> [pid_t] { listFolder("/proc/\(process)/task").compactMap { pid_t($0) } }
