import LimitFit
import Model
import Testing

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

  @Test func columnsAreAligned() {
    #expect(Formatting.table([["a", "bb", "c"], ["aaa", "b", ""]], left: [2]) == "    a  bb  c\n  aaa   b")
  }

  private var half: ProgressLine {
    ProgressLine(
      name: "wide", done: 60, total: 110, failed: 1, recorded: 49, elapsed: 25, remaining: 75)
  }

  @Test func aLineSaysHowFarAndHowLong() {
    #expect(half.plain == "wide: 60/110  55 %  2.0 runs/s  ETA 1 min 15 s  1 failed")
    let start = ProgressLine(name: "wide", done: 0, total: 5)
    #expect(start.plain == "wide: 0/5  0 %  ETA ?")
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

  /// The bar keeps its width while figures come and go; in a narrow terminal the rate goes before the ETA.
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

  @Test func agreementIsCountedAwayFromTheLine() {
    func fit(_ gamma: Double, _ gammaPrime: Double, _ verdict: Verdict) -> PointFit {
      PointFit(
        point: PhasePoint(gamma: gamma, gammaPrime: gammaPrime), verdict: verdict, note: "",
        expectedExponent: 0)
    }
    let map = PhaseMap(
      points: [
        fit(0.5, 0, .linear), fit(0.5, 0.5, .undecided), fit(0.5, -0.5, .condensed), fit(0.75, 0, .critical),
        fit(1, 0, .linear), fit(2, 0, .condensed),
      ], boundary: [])
    let agreement = Agreement(map)
    #expect(agreement.far.points == 5 && agreement.far.agreeing == 2)
    #expect(agreement.far.undecided == 1 && agreement.far.wrong == 2)
    #expect(agreement.bands.reduce(0) { $0 + $1.counts.points } == 6)
    #expect(agreement.bands[0].counts.points == 1 && agreement.bands[0].counts.wrong == 1)
    #expect(
      agreement.summary
        == "2 of 5 points at distance ≥ 0.2 from the theoretical line agree with the theorem (40 %), "
        + "1 undecided, 2 wrong")
  }

  @Test func thereIsACore() { #expect(Machine().cores.value >= 1) }
}
