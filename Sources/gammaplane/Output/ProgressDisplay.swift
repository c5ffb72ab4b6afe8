import Foundation
import Scheduling
import Synchronization

/// Shows on standard error how a sweep goes: a bar that is redrawn on a terminal, a line now and then elsewhere.
final class ProgressDisplay: Sendable {
  private struct State {
    var line: ProgressLine
    var lastShown: ContinuousClock.Instant
    var barIsDrawn = false
    var ended = false
  }

  private let clock = ContinuousClock()
  private let start: ContinuousClock.Instant
  private let redraws: Bool
  private let colour: Bool
  private let state: Mutex<State>

  /// A bar at most ten times a second, a line every ten seconds.
  private var pause: Duration { redraws ? .milliseconds(100) : .seconds(10) }

  /// - Parameter line: where the sweep stands at the beginning.
  init(_ line: ProgressLine) {
    start = clock.now
    redraws = Console.canRedraw
    colour = Console.canColour
    state = Mutex(State(line: line, lastShown: start))
    if redraws { state.withLock { show(&$0) } }
  }

  /// Takes in where the sweep stands; quick, as most calls draw nothing.
  func update(_ progress: SweepProgress) {
    state.withLock { state in
      let ended = progress.recorded + progress.failed
      state.line.done += ended - state.line.recorded - state.line.failed
      state.line.recorded = progress.recorded
      state.line.failed = progress.failed
      if clock.now - state.lastShown >= pause { show(&state) }
    }
  }

  /// Keeps the clock going, also while long runs are under way; returns when its task is cancelled.
  ///
  /// - Parameters:
  ///   - remaining: how many seconds the rest is expected to take; nil if that is not known.
  ///   - then: what else to do every second.
  func tick(remaining: @Sendable () -> Double?, then: @Sendable () -> Void) async {
    repeat {
      let seconds = remaining()
      state.withLock { state in
        state.line.remaining = seconds
        if clock.now - state.lastShown >= pause { show(&state) }
      }
      then()
    } while (try? await Task.sleep(for: .seconds(1))) != nil
  }

  /// Shows a message without spoiling the bar.
  func note(_ text: String) {
    state.withLock { state in
      if state.barIsDrawn { Console.draw("\r\u{1B}[K") }
      Console.note(text)
      if redraws && !state.ended { show(&state) }
    }
  }

  /// Shows the last state for good.
  func end() {
    state.withLock { state in
      guard !state.ended else { return }
      state.ended = true
      show(&state)
      if state.barIsDrawn { Console.draw("\n") }
      state.barIsDrawn = false
    }
  }

  private func show(_ state: inout State) {
    let now = clock.now
    state.lastShown = now
    state.line.elapsed = (now - start) / .seconds(1)
    if redraws {
      Console.draw("\r" + state.line.bar(columns: Console.columns, colour: colour) + "\u{1B}[K")
      state.barIsDrawn = true
    } else {
      Console.note(state.line.plain)
    }
  }
}
