import CPlatform

/// Calls a function at every arrival of a signal, also while it runs.
///
/// - Parameters:
///   - before: what was done about the signal until now, for sigaction(2); written before there is
///     a handler.
///   - handler: may call only what POSIX lets handlers call.
public func catchSignal(
  _ number: CInt, before: inout sigaction, _ handler: @escaping @convention(c) (CInt) -> Void
) {
  _ = sigaction(number, nil, &before)
  _ = platform_catch_signal(number, handler)
}
