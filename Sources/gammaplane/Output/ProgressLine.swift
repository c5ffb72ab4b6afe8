import Foundation
import Orchestration
import Scheduling

/// Where a sweep under way stands, as one line of text.
struct ProgressLine: Hashable {
  /// The name of the sweep.
  var name: String
  /// Runs that have a result or failed, those of earlier sessions included.
  var done: Int
  /// All runs of the sweep.
  var total: Int
  /// Runs that failed in this session.
  var failed = 0
  /// Runs recorded in this session.
  var recorded = 0
  /// Seconds since this session began.
  var elapsed = 0.0
  /// The time until the end, if that is known: what the runs that are left are expected to take,
  /// since they differ too much in length to count them.
  var remaining: RemainingTime?
  /// What is waited for; nil: nothing in particular.
  var waiting: String?

  /// Share of the whole sweep that is done, by number of runs.
  private var fraction: Double { total > 0 ? Double(done) / Double(total) : 1 }

  /// What is said in figures; without the rate where room is scarce.
  private func figures(rate: Bool = true) -> String {
    var parts = ["\(done)/\(total)", Formatting.percent(done, of: total)]
    if rate, recorded > 0, elapsed > 0 {
      let rate = Double(recorded + failed) / elapsed
      parts.append(String(format: rate < 9.95 ? "%.1f runs/s" : "%.0f runs/s", rate))
    }
    if done < total {
      let eta = remaining.map { Formatting.durations($0.range.lowerBound, $0.range.upperBound) }
      parts.append(waiting ?? "ETA \(eta ?? "?")")
    }
    if failed > 0 { parts.append("\(failed) failed") }
    return parts.joined(separator: "  ")
  }

  /// A line for a log.
  var plain: String { "\(name): \(figures())" }

  /// A line with a bar, at most `columns` wide.
  func bar(columns: Int, colour: Bool) -> String {
    // The room that the longest figures take is kept free, so that the bar does not change its
    // width.
    let longest = 3 * "\(total)".count + 35
    let room = columns - name.count - 6
    let width = min(40, room - longest)
    guard width >= 8 else {
      let line = "\(name)  \(figures())"
      return String(
        (line.count < columns ? line : "\(name)  \(figures(rate: false))").prefix(max(0, columns - 1)))
    }
    let all = self.figures()
    let figures = width + all.count <= room ? all : String(self.figures(rate: false).prefix(room - width))
    let eighths = Int((fraction * Double(8 * width)).rounded(.down))
    var filled = String(repeating: "█", count: eighths / 8)
    if eighths % 8 > 0 { filled += ["▏", "▎", "▍", "▌", "▋", "▊", "▉"][eighths % 8 - 1] }
    let empty = String(repeating: " ", count: width - filled.count)
    if colour { filled = "\u{1B}[32m\(filled)\u{1B}[0m" }
    return "\(name)  ▕\(filled)\(empty)▏ \(figures)"
  }
}
