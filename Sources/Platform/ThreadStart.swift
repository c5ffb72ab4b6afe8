import CPlatform

/// Starts a detached thread; it ends with the process.
///
/// - Returns: false if no further thread may be started.
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

/// Checks that this process can have some more threads at the same time, by starting them for a
/// moment.
///
/// - Throws: why one could not be started.
public func tryThreads(_ count: Int) throws(SystemError) {
  let error = platform_try_threads(CInt(clamping: count))
  if error != 0 { throw SystemError(error) }
}

/// The threads of a process, where the system lists them (Linux). A thread that ends meanwhile cuts
/// the list short.
func threads(of process: pid_t) -> [pid_t] { listFolder("/proc/\(process)/task").compactMap { pid_t($0) } }
