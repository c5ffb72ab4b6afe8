import Testing

@testable import GridFile

/// What is a number, and what is not.
struct NumberTests {
  @Test(arguments: [
    ("1", 1), ("-0.5", -0.5), ("+2", 2), ("1e6", 1e6), ("1E-6", 1e-6), (".5", 0.5), ("5.", 5), ("007", 7),
    ("1.5e+2", 150),
  ])
  func numbers(text: String, value: Double) {
    #expect(decimalNumber(text) == value)
  }

  @Test(arguments: [
    "", "-", ".", "e5", "1e", "1e+", "1_000", "0x10", "1:30", "1,5", " 1", "1 ", "nan", "inf", ".inf", "--1",
    "1.2.3", "٣", "1f",
  ])
  func others(text: String) {
    #expect(decimalNumber(text) == nil)
  }

  @Test(arguments: [
    ("4GiB", 4 << 30), ("500MB", 500_000_000), ("2e9", 2_000_000_000), ("1024", 1024), ("1.5 kib", 1536),
    ("1TiB", 1 << 40), ("7 B", 7),
  ])
  func memories(text: String, bytes: Int) {
    #expect(byteCount(of: text) == bytes)
  }

  @Test(arguments: ["", "GiB", "4 gigs", "-1GiB", "0", "1e30", "4G", "4GiB4", "4é"])
  func noMemories(text: String) {
    #expect(byteCount(of: text) == nil)
  }

  @Test(arguments: [
    ("−0.5", "write - instead of −, which is another character (U+2212)"),
    ("1e–3", "write - instead of –, which is another character (U+2013)"),
    ("0,5", "write a decimal point, not a comma"), ("1_000", "write the digits without _"),
  ])
  func almostNumbers(text: String, advice: String) {
    #expect(numberAdvice(text) == advice)
  }

  @Test(arguments: ["", "−", "a−1", "1,2,3", "_", "one"])
  func nothingLikeANumber(text: String) {
    #expect(numberAdvice(text) == nil)
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
