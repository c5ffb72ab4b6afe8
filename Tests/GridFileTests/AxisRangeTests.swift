import Testing

@testable import Grid

/// Laws of the expansion of axes.
struct AxisRangeTests {
  private func exponents(_ range: AxisRange) -> [Double] { range.values(rounded: AxisRange.roundedExponent) }

  @Test func decimalsAreExact() {
    let tenths = exponents(.stepped(from: -1, to: 1, step: 0.1))
    #expect(tenths == (-10...10).map { Double("\($0)e-1") })
    #expect(tenths[10].sign == .plus)
    #expect(AxisRange.roundedExponent(-1e-13).sign == .plus)
  }

  @Test func overlappingGridsShareTheirValues() {
    let coarse = exponents(.stepped(from: 0.5, to: 2, step: 0.1))
    let fine = Set(exponents(.stepped(from: 0.3, to: 2.5, step: 0.05)))
    #expect(coarse.allSatisfy(fine.contains))
    #expect(exponents(.spaced(from: 0.5, to: 2, count: 16)) == coarse)
    let few = AxisRange.logarithmic(from: 1000, to: 1e5, perDecade: 2).values { $0.rounded() }
    let many = Set(AxisRange.logarithmic(from: 10, to: 1e7, perDecade: 4).values { $0.rounded() })
    #expect(few.allSatisfy(many.contains))
  }

  @Test func aStepThatMissesTheEndStopsBeforeIt() {
    #expect(exponents(.stepped(from: 0, to: 1, step: 0.3)) == [0, 0.3, 0.6, 0.9])
    // A billionth of a step beyond the end is still the end, and no more than that.
    #expect(exponents(.stepped(from: 0, to: 1, step: 0.5 * (1 + 4e-10))).dropFirst(2) == [1])
    #expect(exponents(.stepped(from: 0, to: 1, step: 0.5 * (1 + 4e-9))).count == 2)
  }

  @Test func randomRangesKeepTheLaws() {
    let seed = freshSeed()
    var generator = Generator(seed: seed)
    for _ in 0..<500 {
      let from = AxisRange.roundedExponent(.random(in: -3...3, using: &generator))
      let to = AxisRange.roundedExponent(from + .random(in: 1e-6...4, using: &generator))
      let step = Double.random(in: 0.001...5, using: &generator)
      let count = Int.random(in: 2...200, using: &generator)
      let stepped = exponents(.stepped(from: from, to: to, step: step))
      let spaced = exponents(.spaced(from: from, to: to, count: count))
      for values in [stepped, spaced] {
        #expect(values.first == from, "seed \(seed)")
        #expect(zip(values, values.dropFirst()).allSatisfy(<), "seed \(seed)")
        #expect(values.allSatisfy { $0 >= from && $0 <= to }, "seed \(seed)")
      }
      #expect(spaced.last == to && spaced.count == count, "seed \(seed)")
      #expect((stepped.last ?? to) + step > to - 1e-9, "seed \(seed)")

      let low = Double.random(in: 1...1000, using: &generator).rounded()
      let high = (low * .random(in: 1...1e5, using: &generator)).rounded()
      let perDecade = Int.random(in: 1...20, using: &generator)
      let range = AxisRange.logarithmic(from: low, to: high, perDecade: perDecade)
      let widths = range.values { $0.rounded() }
      #expect(widths.first == low && widths.last == high, "seed \(seed)")
      #expect(zip(widths, widths.dropFirst()).allSatisfy(<), "seed \(seed)")
      #expect(Double(widths.count) <= range.count, "seed \(seed)")
    }
  }

  @Test func countsAreKnownBeforeExpansion() {
    let ranges: [AxisRange] = [
      .list([1, 2, 5]), .stepped(from: 0, to: 1, step: 0.3), .spaced(from: 0, to: 1, count: 7),
      .logarithmic(from: 1000, to: 1e6, perDecade: 2), .logarithmic(from: 1000, to: 2e6, perDecade: 1),
    ]
    for range in ranges { #expect(Double(exponents(range).count) == range.count) }
    #expect(AxisRange.stepped(from: 0, to: 16, step: 1e-12).count == 16e12 + 1)
  }
}

/// What is a number, and what is not.
struct NumberTests {
  @Test(arguments: [
    ("1", 1), ("-0.5", -0.5), ("+2", 2), ("1e6", 1e6), ("1E-6", 1e-6), (".5", 0.5), ("5.", 5), ("007", 7),
    ("1.5e+2", 150),
  ])
  func numbers(text: String, value: Double) {
    #expect(number(text) == value)
  }

  @Test(arguments: [
    "", "-", ".", "e5", "1e", "1e+", "1_000", "0x10", "1:30", "1,5", " 1", "1 ", "nan", "inf", ".inf", "--1",
    "1.2.3", "٣", "1f",
  ])
  func others(text: String) {
    #expect(number(text) == nil)
  }

  @Test(arguments: [
    ("4GiB", 4 << 30), ("500MB", 500_000_000), ("2e9", 2_000_000_000), ("1024", 1024), ("1.5 kib", 1536),
    ("1TiB", 1 << 40), ("7 B", 7),
  ])
  func memories(text: String, bytes: Int) {
    #expect(memory(text) == bytes)
  }

  @Test(arguments: ["", "GiB", "4 gigs", "-1GiB", "0", "1e30", "4G", "4GiB4", "4é"])
  func noMemories(text: String) {
    #expect(memory(text) == nil)
  }

  @Test func editDistanceIsAMetric() {
    let words = ["gamma", "gama", "gamma_prime", "", "amgma", "width", "with"]
    for a in words {
      #expect(editDistance(a, a) == 0)
      for b in words {
        #expect(editDistance(a, b) == editDistance(b, a))
        #expect(editDistance(a, b) >= abs(a.count - b.count))
      }
    }
    #expect(editDistance("gama", "gamma") == 1)
    #expect(editDistance("agmma", "gamma") == 1)
    #expect(editDistance("Per-Decade", "per_decade") == 0)
    #expect(nearest(to: "widht", of: ["gamma", "width"]) == "width")
    #expect(nearest(to: "colour", of: ["gamma", "width"]) == nil)
  }
}
