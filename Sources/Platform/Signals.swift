import CPlatform

/// Installs a handler for a signal, which is not blocked while the handler runs.
///
/// - Parameters:
///   - before: the action until now, for sigaction(2); set before the handler is installed.
///   - handler: may call only what POSIX lets handlers call.
public func catchSignal(
  _ number: CInt, before: inout sigaction, _ handler: @escaping @convention(c) (CInt) -> Void
) {
  _ = sigaction(number, nil, &before)
  _ = platform_catch_signal(number, handler)
}
