import Orchestration
import Scheduling
import Synchronization

/// Shows on standard error how a sweep goes: a bar that is redrawn on a terminal, elsewhere a line
/// now and then.
final class TerminalDisplay: SweepDisplay {
  private struct State {
    /// nil while no workers run.
    var line: ProgressLine?
    var lastShown: ContinuousClock.Instant
    var start: ContinuousClock.Instant
    var barIsDrawn = false
  }

  private let clock = ContinuousClock()
  private let redraws = Console.canRedraw
  private let colour = Console.canColour
  private let state: Mutex<State>

  /// A bar at most ten times a second, a line every ten seconds.
  private var pause: Duration { redraws ? .milliseconds(100) : .seconds(10) }

  init() {
    let now = ContinuousClock().now
    state = Mutex(State(lastShown: now, start: now))
  }

  func begin(name: String, done: Int, total: Int) {
    state.withLock { state in
      state.line = ProgressLine(name: name, done: done, total: total)
      state.start = clock.now
      state.lastShown = state.start
      if redraws { show(&state) }
    }
  }

  /// Quick, as most calls draw nothing.
  func update(_ progress: SweepProgress) {
    state.withLock { state in
      guard var line = state.line else { return }
      line.done += progress.recorded + progress.failed - line.recorded - line.failed
      line.recorded = progress.recorded
      line.failed = progress.failed
      state.line = line
      if clock.now - state.lastShown >= pause { show(&state) }
    }
  }

  func tick(remaining: RemainingTime?, waiting: String?) {
    state.withLock { state in
      state.line?.remaining = remaining
      state.line?.waiting = waiting
      if clock.now - state.lastShown >= pause { show(&state) }
    }
  }

  /// Shows a message without spoiling the bar.
  func note(_ text: String) {
    state.withLock { state in
      if state.barIsDrawn { Console.draw("\r\u{1B}[K") }
      Console.note(text)
      if state.barIsDrawn { show(&state) }
    }
  }

  func print(_ text: String) { Console.print(text) }

  /// Shows the last state for good.
  func end() {
    state.withLock { state in
      guard state.line != nil else { return }
      show(&state)
      if state.barIsDrawn { Console.draw("\n") }
      state.barIsDrawn = false
      state.line = nil
    }
  }

  private func show(_ state: inout State) {
    guard var line = state.line else { return }
    let now = clock.now
    state.lastShown = now
    line.elapsed = (now - state.start) / .seconds(1)
    if redraws {
      Console.draw("\r" + line.bar(columns: Console.columns, colour: colour) + "\u{1B}[K")
      state.barIsDrawn = true
    } else {
      Console.note(line.plain)
    }
  }
}
