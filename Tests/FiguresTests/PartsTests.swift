import Testing

@testable import Figures

struct DecimalTests {
  @Test(arguments: [
    (0.0, 2, "0.00"), (-0.0, 2, "0.00"), (-0.004, 2, "0.00"), (-0.005, 2, "-0.01"), (1.5, 0, "2"),
    (0.125, 2, "0.13"), (-12.3456, 3, "-12.346"), (999.9999, 2, "1000.00"), (1e6, 1, "1000000.0"),
  ])
  func fixed(number: Double, places: Int, text: String) {
    #expect(Decimal.fixed(number, places: places) == text)
  }

  @Test(arguments: [(1.5, "1.5"), (100, "100"), (0.1 + 0.2, "0.3"), (-0.25, "-0.25"), (-1e-9, "0")])
  func trimmed(number: Double, text: String) {
    #expect(Decimal.trimmed(number, places: 6) == text)
  }

  @Test func numeralsAreReadBackToTheLastPlace() {
    let seed = UInt64.random(in: .min ... .max)
    var random = SplitMix64(state: seed)
    for _ in 0..<1000 {
      let number = Double.random(in: -1000...1000, using: &random)
      let read = Double(Decimal.trimmed(number, places: 4))
      #expect(read.map { ($0 - number).magnitude <= 0.5001e-4 } == true, "\(number), seed \(seed)")
    }
  }

  @Test func whatIsTooLargeOrNotANumberDoesNotTrap() {
    #expect(Decimal.fixed(.infinity, places: 2) == "inf")
    #expect(Decimal.trimmed(.nan, places: 2) == "nan")
    #expect(Decimal.trimmed(1e300, places: 2) == "1e+300")
  }
}

struct ElementTests {
  @Test func elementsAreIndentedAndTextIsNot() {
    var text = Element("text", ["x": 1.0], text: "S ")
    text.content.append(.element(Element("tspan", text: "= 0")))
    let root = Element(
      "g", ["class": "a \"b\" & <c>"],
      [Element("path"), text, Element("text", [:], [Element("tspan", text: "γ")])])
    #expect(
      root.serialized() == """
        <g class="a &quot;b&quot; &amp; &lt;c&gt;">
         <path/>
         <text x="1">S <tspan>= 0</tspan></text>
         <text><tspan>γ</tspan></text>
        </g>

        """)
  }

  @Test func charactersThatMarkupForbidsAreReplaced() {
    #expect(escaped("a\u{0}b\u{1F}c\u{FFFF}d\te\nf\r") == "a\u{FFFD}b\u{FFFD}c\u{FFFD}d\te\nf\u{FFFD}")
    // XML allows these, but a figure may stand in a page.
    #expect(escaped("\u{7F}\u{9F}\u{A0}|\u{202E}\u{2066}") == "\u{FFFD}\u{FFFD}\u{A0}|\u{FFFD}\u{FFFD}")
    #expect(escaped("<a b=\"c\" d='e'>&") == "&lt;a b=&quot;c&quot; d=&#39;e&#39;&gt;&amp;")
  }
}

struct ColourTests {
  @Test func theCentreIsExact() {
    let vik = ColourMap.vik
    #expect(vik.colour(at: 0.5) == vik.stops[vik.stops.count / 2])
    #expect(vik.stops.count % 2 == 1)
    for map in [vik, .batlow, .lajolla, .lajolla.reversed] {
      #expect(map.colour(at: 0) == map.stops.first && map.colour(at: 1) == map.stops.last)
      #expect(map.colour(at: -7) == map.stops.first && map.colour(at: 7) == map.stops.last)
    }
  }

  @Test func divergingColoursDarkenToBothSides() {
    // Rounding to 8 bits may undo a little of a small step.
    for side in [-0.5, 0.5] {
      let brightness = (0...128).map { ColourMap.vik.colour(at: 0.5 + side * Double($0) / 128).brightness }
      for (near, far) in zip(brightness, brightness.dropFirst()) { #expect(far < near + 1e-3) }
      #expect((brightness.last ?? 1) < 0.3 && brightness[0] > 0.85)
    }
  }

  @Test(arguments: [ColourMap.batlow, .lajolla])
  func sequentialColoursBrightenAllTheWay(map: ColourMap) {
    let brightness = (0...128).map { map.colour(at: Double($0) / 128).brightness }
    for (before, after) in zip(brightness, brightness.dropFirst()) { #expect(after > before - 1e-3) }
    #expect(brightness[0] < 0.25 && (brightness.last ?? 0) > 0.8)
  }

  @Test func blueIsNegativeAndRedPositive() {
    for value in [0.05, 0.25, 0.5] {
      let (low, high) = (ColourMap.vik.colour(at: 0.5 - value), ColourMap.vik.colour(at: 0.5 + value))
      #expect(low.blue > low.red && high.red > high.blue)
    }
  }

  @Test func hexHasSixDigits() {
    #expect(Colour(0x00_0A_FF).hex == "#000aff")
  }
}

struct ColourScaleTests {
  @Test func zeroIsTheNeutralColour() {
    let scale = ColourScale(SymmetricRange(ofSlopes: [-3, 0.1], minLimit: 0.2))
    #expect(scale.fraction(0) == 0.5)
    #expect(scale.fraction(scale.low) == 0 && scale.fraction(scale.high) == 1)
  }

  @Test(arguments: [
    (1.0, 2.0, 2), (2, 2, 2), (7.2, 8, 3), (264.5, 300, 8), (1000, 1000, 10), (1001, 2000, 11),
  ])
  func countsEndAtATidyNumber(largest: Double, end: Double, ticks: Int) throws {
    let scale = ColourScale(counts: [1, largest])
    #expect(scale.low == 1 && scale.high == end && scale.ticks.count == ticks)
    // Equal ratios are equal steps.
    #expect((scale.fraction(end.squareRoot()) - 0.5).magnitude < 1e-12)
    #expect(scale.ticks.allSatisfy { (0...1).contains(scale.fraction($0.value)) })
  }

  @Test(arguments: [
    (0.0, 0.05, "5 %"), (0.05, 0.05, "5 %"), (0.051, 0.1, "10 %"), (0.13, 0.2, "20 %"), (0.3, 0.5, "50 %"),
    (0.51, 1, "100 %"), (1, 1, "100 %"),
  ])
  func sharesBeginAtNone(largest: Double, end: Double, label: String) {
    let scale = ColourScale(shares: [0, largest])
    #expect(scale.fraction(0) == 0 && scale.high == end)
    #expect(scale.ticks.first?.label == "0 %" && scale.ticks.last?.label == label)
    // What is written is what is meant.
    for tick in scale.ticks {
      #expect(Double(tick.label.dropLast(2)).map { ($0 / 100 - tick.value).magnitude < 1e-12 } == true)
    }
    #expect(scale.colour(0).brightness > scale.colour(1).brightness)
  }
}

struct LogTicksTests {
  @Test(arguments: [
    (1000.0, 1e6, [1e3, 1e4, 1e5, 1e6]), (0.8, 120, [1, 10, 100]), (1, 1, [1]),
    (1.5, 6, [2, 5]), (3e-9, 8e9, [1e-6, 1e-3, 1, 1e3, 1e6, 1e9]),
  ])
  func powersOfTenAreFew(low: Double, high: Double, values: [Double]) {
    #expect(LogTicks(from: low, to: high, atMost: 6).values == values)
  }

  @Test func labelsAreWhatPeopleWrite() {
    #expect(LogTicks.label(1000).plain == "10³" && LogTicks.label(1000).pieces[1].form == .raised)
    #expect(LogTicks.label(0.5).plain == "0.5" && LogTicks.label(20).plain == "20")
    #expect(LogTicks.label(2e-5).plain == "2 · 10⁻⁵")
  }
}

struct RichTextTests {
  @Test func greekLettersAreSymbols() {
    let text = RichText(typed: "rate γ' of α, 1/s")
    #expect(text.pieces.map(\.text) == ["rate ", "γ′", " of ", "α", ", 1/s"])
    #expect(text.pieces.map { $0.form == .symbol } == [false, true, false, true, false])
    #expect(RichText(typed: "don't").plain == "don't")
    #expect(RichText(typed: "").pieces.isEmpty)
  }

  @Test func exponentsReturnToTheBaseLine() throws {
    let text: RichText = RichText.powerOfTen(-3) + " units"
    let element = Element.text(text, at: Point(x: 0, y: 0))
    let spans = ParsedSVG(element.serialized()).all("tspan")
    let shifts = try spans.map { try $0.number("dy") }
    #expect(shifts.count == 2 && shifts[0] < 0 && (shifts[0] + shifts[1]).magnitude < 0.011)
  }

  @Test func textIsCutWhereItIsTooLong() {
    let text: RichText = "order exponent " + .symbol("S")
    #expect(text.truncated(size: 14, to: 1000).plain == text.plain)
    for limit in stride(from: 5.0, to: 120, by: 9) {
      let cut = text.truncated(size: 14, to: limit)
      #expect(cut.width(size: 14) <= max(limit, RichText("…").width(size: 14)) && cut.plain.hasSuffix("…"))
    }
  }
}

struct TicksTests {
  @Test func ticksAreFewTidyAndComplete() throws {
    let seed = UInt64.random(in: .min ... .max)
    var random = SplitMix64(state: seed)
    let spans: [Double] = [0.001, 0.1, 1, 3, 1000]
    for _ in 0..<200 {
      let span = spans[Int.random(in: spans.indices, using: &random)]
      let low = Double.random(in: -2...2, using: &random) * span
      let high = low + Double.random(in: 0.5...2, using: &random) * span
      let limit = Int.random(in: 3...9, using: &random)
      let step = TidyStep(from: low, to: high, atMost: limit)
      let ticks = Ticks(from: low, to: high, step: step)
      #expect([1, 2, 5].contains(step.mantissa))
      #expect((1...limit).contains(ticks.values.count), "\(low) \(high), seed \(seed)")
      let slack = 1e-8 * (high - low)
      for (value, label) in zip(ticks.values, ticks.labels) {
        #expect(value >= low - slack && value <= high + slack, "seed \(seed)")
        // What is written is what is meant.
        let written = try #require(Double(label.replacing("\u{2212}", with: "-")))
        #expect(written == value || written == 0 && value == 0, "\(label) for \(value), seed \(seed)")
      }
      for (a, b) in zip(ticks.values, ticks.values.dropFirst()) {
        #expect((b - a - step.value).magnitude < slack, "seed \(seed)")
      }
      // None is missing at either end.
      let (first, last) = (try #require(ticks.values.first), try #require(ticks.values.last))
      #expect(first - step.value < low && last + step.value > high, "seed \(seed)")
    }
  }

  @Test(arguments: [(2.5, "2.5"), (2.51, "3"), (0.74, "0.8"), (0.13, "0.20"), (1.0, "1.0"), (7.0, "8")])
  func colourRangesAreTidy(largest: Double, label: String) {
    let range = SymmetricRange(holding: [0.01, -largest], minLimit: 0.2)
    #expect(range.ticks.labels.last == label)
    #expect(range.limit >= largest)
  }

  @Test func colourRangesAreSymmetric() {
    let seed = UInt64.random(in: .min ... .max)
    var random = SplitMix64(state: seed)
    for _ in 0..<200 {
      let values = (0..<3).map { _ in Double.random(in: -30...30, using: &random) }
      let range = SymmetricRange(holding: values, minLimit: 0.2)
      let largest = values.map(\.magnitude).max() ?? 0
      #expect(range.limit >= largest && range.limit <= max(1.51 * largest, 0.2), "seed \(seed)")
      #expect(range.ticks.values == range.ticks.values.reversed().map { 0 - $0 }, "seed \(seed)")
      #expect(range.ticks.values.contains(0), "seed \(seed)")
      #expect(range.ticks.values.last == range.limit, "seed \(seed)")
      #expect((5...11).contains(range.ticks.values.count), "seed \(seed)")
    }
    #expect(SymmetricRange(holding: [], minLimit: 0.2).limit == 1)
    #expect(SymmetricRange(holding: [0, 0], minLimit: 0.2).limit == 0.2)
  }

  @Test func coloursCoverMostSlopesAndOpenForTheRest() {
    let seed = UInt64.random(in: .min ... .max)
    var random = SplitMix64(state: seed)
    for _ in 0..<200 {
      let slopes = (0..<Int.random(in: 9...200, using: &random)).map { _ in
        Double.random(in: -1...0.6, using: &random) * Double.random(in: 0.1...3, using: &random)
      }
      let range = SymmetricRange(ofSlopes: slopes, minLimit: 0.2)
      let beyond = slopes.count { $0.magnitude > range.limit }
      #expect(20 * beyond <= slopes.count, "seed \(seed)")
      #expect(range.limit <= SymmetricRange(holding: slopes, minLimit: 0.2).limit, "seed \(seed)")
      #expect(range.opensBelow == slopes.contains { $0 < -range.limit }, "seed \(seed)")
      #expect(range.opensAbove == slopes.contains { $0 > range.limit }, "seed \(seed)")
    }
    // One strong slope of a hundred does not make the others pale.
    let outlier = SymmetricRange(ofSlopes: [9] + (1..<100).map { -0.01 * Double($0) }, minLimit: 0.2)
    #expect(outlier.limit == 1 && outlier.opensAbove && !outlier.opensBelow)
  }

  @Test(arguments: [(0.0, 1.0), (0.5, 1), (-0.81, 1.5), (1, 1.5), (-2, 2.5)])
  func tinyMapsDoNotEndAtTheirLargestSlope(slope: Double, limit: Double) {
    let range = SymmetricRange(ofSlopes: [slope], minLimit: 0.2)
    #expect(range.limit == limit && !range.opensBelow && !range.opensAbove)
    #expect(SymmetricRange(ofSlopes: [], minLimit: 0.2).limit == 1)
  }
}

struct GeometryTests {
  @Test func clippingKeepsWhatIsInside() throws {
    let box = Box(minX: 0, minY: 0, maxX: 10, maxY: 10)
    let seed = UInt64.random(in: .min ... .max)
    var random = SplitMix64(state: seed)
    for _ in 0..<500 {
      func point() -> Point {
        Point(x: .random(in: -10...20, using: &random), y: .random(in: -10...20, using: &random))
      }
      let segment = Segment(from: point(), to: point())
      let inside = (0...200).map { segment.point(at: Double($0) / 200) }.filter(box.contains)
      guard let clipped = segment.clipped(to: box) else {
        #expect(inside.isEmpty, "seed \(seed)")
        continue
      }
      #expect(box.grown(by: 1e-9).contains(clipped.from) && box.grown(by: 1e-9).contains(clipped.to))
      for p in inside { #expect(clipped.bounds.grown(by: 1e-9).contains(p), "seed \(seed)") }
    }
  }

  @Test func segmentsMeet() {
    func s(_ a: Double, _ b: Double, _ c: Double, _ d: Double) -> Segment {
      Segment(from: Point(x: a, y: b), to: Point(x: c, y: d))
    }
    #expect(s(0, 0, 2, 2).meets(s(0, 2, 2, 0)))
    #expect(s(0, 0, 2, 2).meets(s(2, 2, 3, 0)))
    #expect(!s(0, 0, 1, 1).meets(s(2, 2, 3, 3)))
    #expect(!s(0, 0, 2, 0).meets(s(1, 1, 1, 3)))
  }
}

struct TextMetricsTests {
  @Test func shortenedTextFits() {
    let text = "A long name of a grid that is too long to be read to its end"
    for limit in stride(from: 40.0, through: 900, by: 40) {
      let short = TextMetrics.truncated(text, size: 20, bold: true, to: limit)
      #expect(short == text || TextMetrics.width(short, size: 20, bold: true) <= limit)
      #expect(short == text || short.hasSuffix("…"))
    }
    #expect(TextMetrics.truncated(text, size: 20, to: 2000) == text)
  }

  @Test func arialWidthsAreWithinTheBound() throws {
    for code in UInt8(32)..<127 {
      let text = String(UnicodeScalar(code))
      let width = try #require(TextMetrics.arialWidth(text, size: 100))
      #expect(width > 0 && width <= TextMetrics.width(text, size: 100), "\(text)")
    }
    #expect(TextMetrics.arialWidth("γ", size: 14) == nil)
    #expect(TextMetrics.arialWidth("AA", size: 10) == 13.4)
  }

  @Test func boldIsWiderThanRegular() {
    for text in ["Phase map", "0.5", "linear", "γ′ − 1"] {
      #expect(TextMetrics.width(text, size: 14, bold: true) > TextMetrics.width(text, size: 14))
    }
  }
}
