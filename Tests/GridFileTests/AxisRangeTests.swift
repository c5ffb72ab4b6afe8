import RealModule
import Testing

@testable import GridFile

/// Laws of the expansion of axes.
struct AxisRangeTests {
  private func values(_ range: AxisRange) -> [Double] { range.values(wholeBetweenWholeEnds: false) }
  private func widths(_ range: AxisRange) -> [Double] { range.values(wholeBetweenWholeEnds: true) }

  @Test func decimalsAreExact() {
    let tenths = values(.stepped(from: -1, to: 1, step: 0.1))
    #expect(tenths == (-10...10).map { Double("\($0)e-1") })
    #expect(tenths[10].sign == .plus)
    #expect(values(.list([-0.0])).first?.sign == .plus)
  }

  @Test func overlappingGridsShareTheirValues() {
    let coarse = values(.stepped(from: 0.5, to: 2, step: 0.1))
    let fine = Set(values(.stepped(from: 0.3, to: 2.5, step: 0.05)))
    #expect(coarse.allSatisfy(fine.contains))
    #expect(values(.spaced(from: 0.5, to: 2, count: 16)) == coarse)
    let few = widths(.logarithmic(from: 1000, to: 1e5, perDecade: 2))
    let many = Set(widths(.logarithmic(from: 10, to: 1e7, perDecade: 4)))
    #expect(few.allSatisfy(many.contains))
  }

  @Test func aStepThatMissesTheEndStopsBeforeIt() {
    #expect(values(.stepped(from: 0, to: 1, step: 0.3)) == [0, 0.3, 0.6, 0.9])
    // A billionth of a step beyond the end is still the end, and no more than that.
    #expect(values(.stepped(from: 0, to: 1, step: 0.5 * (1 + 4e-10))).dropFirst(2) == [1])
    #expect(values(.stepped(from: 0, to: 1, step: 0.5 * (1 + 4e-9))).count == 2)
  }

  @Test func randomRangesKeepTheLaws() {
    let seed = freshSeed()
    var generator = Generator(seed: seed)
    for _ in 0..<500 {
      // Parameters of any magnitude, not only exponents.
      let scale = Double.exp10(Double(Int.random(in: -20...20, using: &generator)))
      let from = Double.random(in: -3...3, using: &generator) * scale
      let to = from + Double.random(in: 1e-6...4, using: &generator) * scale
      let step = Double.random(in: 0.001...5, using: &generator) * scale
      let count = Int.random(in: 2...200, using: &generator)
      let stepped = values(.stepped(from: from, to: to, step: step))
      let spaced = values(.spaced(from: from, to: to, count: count))
      for values in [stepped, spaced] {
        #expect(values.first == from, "seed \(seed)")
        #expect(zip(values, values.dropFirst()).allSatisfy(<), "seed \(seed)")
        #expect(values.allSatisfy { $0 >= from && $0 <= to }, "seed \(seed)")
      }
      #expect(spaced.last == to && spaced.count == count, "seed \(seed)")
      #expect((stepped.last ?? to) + step > to - 1e-9 * scale, "seed \(seed)")

      let low = Double.random(in: 1...1000, using: &generator).rounded()
      let high = (low * .random(in: 1...1e5, using: &generator)).rounded()
      let perDecade = Int.random(in: 1...20, using: &generator)
      let range = AxisRange.logarithmic(from: low, to: high, perDecade: perDecade)
      for widths in [widths(range), values(range)] {
        #expect(widths.first == low && widths.last == high, "seed \(seed)")
        #expect(zip(widths, widths.dropFirst()).allSatisfy(<), "seed \(seed)")
        #expect(Double(widths.count) <= range.count, "seed \(seed)")
      }
      #expect(widths(range).allSatisfy { $0 == $0.rounded() }, "seed \(seed)")
    }
  }

  /// Every magnitude has decimals of its own: a step of 10⁻¹⁷ is not rounded away, and 15 digits
  /// are kept.
  @Test func decimalsFitTheMagnitude() {
    #expect(values(.stepped(from: 1e-17, to: 3e-17, step: 1e-17)) == [1e-17, 2e-17, 3e-17])
    #expect(values(.logarithmic(from: 1e-17, to: 1e-14, perDecade: 1)) == [1e-17, 1e-16, 1e-15, 1e-14])
    #expect(values(.stepped(from: 100_000, to: 100_000.4, step: 0.1)).dropFirst(3).first == 100_000.3)
    #expect(values(.spaced(from: 0, to: 3e30, count: 4)) == [0, 1e30, 2e30, 3e30])
  }

  /// At the ends of double precision there are fewer values, never a trap or one out of order.
  @Test(
    arguments: [
      .spaced(from: -1.7e308, to: 1.7e308, count: 5), .stepped(from: -1e308, to: 1e308, step: 5e307),
      .logarithmic(from: 5e-324, to: 1e308, perDecade: 1), .stepped(from: 0, to: 2e-323, step: 5e-324),
      .spaced(from: 1, to: 1.0.nextUp, count: 9), .stepped(from: 1, to: 1.0.nextUp, step: 1e-300),
    ] as [AxisRange]) func extremesKeepTheOrder(range: AxisRange)
  {
    guard range.count < 1e6 else { return }
    for values in [values(range), widths(range)] {
      #expect(values.count >= 1 && Double(values.count) <= range.count)
      #expect(values.allSatisfy(\.isFinite) && zip(values, values.dropFirst()).allSatisfy(<))
    }
  }

  /// What is written out stays as it is.
  @Test func writtenValuesAreNotRounded() {
    #expect(values(.list([1.0000000000001, 1])) == [1, 1.0000000000001])
    #expect(values(.stepped(from: 0.1234567890123456, to: 1, step: 0.5)).first == 0.1234567890123456)
    #expect(widths(.logarithmic(from: 0.5, to: 50, perDecade: 1)) == [0.5, 5, 50])
  }

  @Test func countsAreKnownBeforeExpansion() {
    let ranges: [AxisRange] = [
      .list([1, 2, 5]), .stepped(from: 0, to: 1, step: 0.3), .spaced(from: 0, to: 1, count: 7),
      .logarithmic(from: 1000, to: 1e6, perDecade: 2), .logarithmic(from: 1000, to: 2e6, perDecade: 1),
    ]
    for range in ranges { #expect(Double(values(range).count) == range.count) }
    #expect(AxisRange.stepped(from: 0, to: 16, step: 1e-12).count == 16e12 + 1)
  }
}
