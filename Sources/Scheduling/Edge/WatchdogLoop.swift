import Platform

/// The watchdog's own side: a process that outlives the orchestrator by a moment, to kill the
/// workers that it left.
///
/// It reads lines from its standard input: `+N` when a worker of process group N has been started,
/// `-N` before that worker is reaped, so that the number cannot belong to another group yet. At the
/// end of the input it kills all groups still listed, which ends workers in any language, stopped
/// ones, and what they started.
public enum WatchdogLoop {
  /// The name of the process: not the orchestrator's, or killing that by its name (`killall -9`)
  /// would kill both. Linux allows 15 characters.
  static let name = "sweep-watchdog"

  /// Serves until the input ends, and ends the process.
  public static func run() -> Never {
    Niceness.takeFromParent()
    takeName()
    // What ends the orchestrator must not end its watchdog first.
    for number in [SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2, SIGPIPE, SIGTSTP] {
      signal(number, SIG_IGN)
    }
    var groups: Set<pid_t> = []
    var line: [UInt8] = []
    while let bytes = try? readBytes(from: STDIN_FILENO, atMost: 4096), !bytes.isEmpty {
      for byte in bytes {
        guard byte == 0x0a else {
          line.append(byte)
          continue
        }
        apply(line, to: &groups)
        line.removeAll(keepingCapacity: true)
      }
    }
    for group in groups { kill(-group, SIGKILL) }
    exit(0)
  }

  private static func takeName() {
    // Where there is no such file, it keeps its name.
    try? OpenFile("/proc/self/comm", O_WRONLY).write(Array(name.utf8))
  }

  /// Applies a line; one that makes no sense is ignored, as is a group that would be that of all
  /// processes or the watchdog's own.
  static func apply(_ line: [UInt8], to groups: inout Set<pid_t>) {
    guard let sign = line.first, let group = pid_t(String(decoding: line.dropFirst(), as: UTF8.self)),
      group > 1, group != getpgrp()
    else { return }
    if sign == UInt8(ascii: "+") { groups.insert(group) }
    if sign == UInt8(ascii: "-") { groups.remove(group) }
  }
}
