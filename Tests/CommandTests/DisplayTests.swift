import LimitFit
import Model
import Scheduling
import Testing
import Theories

@testable import Orchestration
@testable import gammaplane

/// What is shown to people.
@Suite struct DisplayTests {
  @Test(arguments: [
    (0, "0 ms"), (0.0994, "99 ms"), (0.0996, "0.1 s"), (9.94, "9.9 s"), (9.96, "10 s"), (59.4, "59 s"),
    (59.6, "1 min 00 s"),
    (3599, "59 min 59 s"), (3600, "1 h 00 min"), (86399, "23 h 59 min"), (100_000, "1 d 03 h"),
    (.infinity, "ages"),
  ])
  func durationsHaveTwoParts(seconds: Double, text: String) {
    #expect(Formatting.duration(seconds) == text)
  }

  @Test func sharesAreWholeOnlyIfNothingIsMissing() {
    #expect(Formatting.percent(9999, of: 10_000) == "99 %")
    #expect(Formatting.percent(1, of: 10_000) == "1 %")
    #expect(Formatting.percent(0, of: 10) == "0 %")
    #expect(Formatting.percent(10, of: 10) == "100 %")
    #expect(Formatting.percent(0, of: 0) == "100 %")
  }

  @Test func sizesHaveUnits() {
    #expect(Formatting.bytes(512) == "512 B")
    #expect(Formatting.bytes(34 << 20) == "34 MiB")
    #expect(Formatting.bytes(3 << 29) == "1.5 GiB")
  }

  /// One number where it is known, else from where to where.
  @Test(arguments: [
    (75.0, 75.0, "1 min 15 s"), (100, 110, "1 min 45 s"), (120, 540, "2–9 min"), (3, 8, "3–8 s"),
    (0.5, 1.5, "0.9 s"), (40, 185, "40 s – 3 min 05 s"), (5000, 30_000, "1–9 h"), (0, 0, "0 ms"),
    (1e5, 4e5, "1–5 d"),
  ])
  func timesThatAreNotSureAreRanges(low: Double, high: Double, expected: String) {
    #expect(Formatting.durations(low, high) == expected)
  }

  @Test func columnsAreAligned() {
    #expect(Formatting.table([["a", "bb", "c"], ["aaa", "b", ""]], left: [2]) == "    a  bb  c\n  aaa   b")
  }

  private var half: ProgressLine {
    ProgressLine(
      name: "wide", done: 60, total: 110, failed: 1, recorded: 49, elapsed: 25,
      remaining: RemainingTime(seconds: 75))
  }

  @Test func aLineSaysHowFarAndHowLong() {
    #expect(half.plain == "wide: 60/110  55 %  2.0 runs/s  ETA 1 min 15 s  1 failed")
    let start = ProgressLine(name: "wide", done: 0, total: 5)
    #expect(start.plain == "wide: 0/5  0 %  ETA ?")
    var unsure = half
    unsure.remaining = RemainingTime(seconds: 240, factor: 2)
    #expect(unsure.plain == "wide: 60/110  55 %  2.0 runs/s  ETA 2–8 min  1 failed")
    let hello = AwaitedMessage(workers: 2, seconds: 12, limit: .seconds(60), isStart: true)
    unsure.waiting = WaitingNotices.words(hello)
    #expect(unsure.plain.contains("waiting for the hello of 2 workers, 12 s of 1 min 00 s"))
    let soon = AwaitedMessage(workers: 1, seconds: 2, limit: .seconds(60), isStart: true)
    #expect(WaitingNotices.words(soon) == nil)
  }

  @Test(arguments: 1...200)
  func theBarFitsTheTerminal(columns: Int) {
    let bar = half.bar(columns: columns, colour: false)
    #expect(bar.count < columns)
    #expect(!bar.contains("\u{1B}"))
    if columns > 100 {
      #expect(
        bar.contains("▕" + String(repeating: "█", count: 21) + "▊" + String(repeating: " ", count: 18) + "▏"))
    }
  }

  /// The bar keeps its width while figures come and go; in a narrow terminal the rate goes before
  /// the ETA.
  @Test func theBarIsSteadyAndTheRateGoesFirst() {
    for (done, recorded) in [(10, 0), (60, 49), (109, 99)] {
      var line = half
      (line.done, line.recorded) = (done, recorded)
      let bar = line.bar(columns: 80, colour: false)
      // The last "▏" ends the bar; an earlier one may be an eighth of it.
      let end = bar.lastIndex(of: "▏").map { bar.distance(from: bar.startIndex, to: $0) }
      #expect(end == 33)
      #expect(bar.contains("ETA"))
    }
    let narrow = half.bar(columns: 45, colour: false)
    #expect(narrow.contains("ETA 1 min 15 s") && !narrow.contains("runs/s"))
  }

  private func fit(_ gamma: Double, _ gammaPrime: Double, _ trend: Trend) -> PointFit {
    PointFit(
      setting: [LuoEtAl2021.gamma: gamma, LuoEtAl2021.gammaPrime: gammaPrime], trend: trend, note: "",
      expectedExponent: 0)
  }

  private func map(_ points: [PointFit]) -> PhaseMap {
    PhaseMap(orderParameter: "rd", plane: LuoEtAl2021.plane, points: points, boundary: [])
  }

  @Test func agreementIsCountedAwayFromTheBoundary() {
    let theory = LuoEtAl2021(antisymmetric: false)
    let agreement = Agreement(
      map([
        fit(0.5, 0, .vanishing), fit(0.5, 0.5, .undecided), fit(0.5, -0.5, .growing), fit(0.75, 0, .bounded),
        fit(1, 0, .vanishing), fit(2, 0, .growing),
      ]), theory)
    #expect(
      agreement.summary(theory)
        == "2 of 4 decided points at distance ≥ 0.2 from the boundary of \(theory.name) agree with it, "
        + "1 undecided, 2 wrong")
    #expect(
      Agreement(map([fit(1, 0, .bounded)]), theory).summary(theory)
        == "no point is far enough from the boundary of \(theory.name) to compare")
  }

  @Test func trendsHaveTheNamesOfATheory() {
    let map = map([fit(0.5, 0, .vanishing), fit(1, 0, .bounded), fit(2, 0, .growing), fit(3, 0, .growing)])
    #expect(
      trendSummary(map, LuoEtAl2021(antisymmetric: false)) == "1 linear, 1 critical, 2 condensed, 0 undecided"
    )
    #expect(trendSummary(map, nil) == "1 vanishing, 1 bounded, 2 growing, 0 undecided")
  }

  @Test func thereIsACore() { #expect(Machine().cores.value >= 1) }
}
