import Testing

@testable import GridFile

/// Whatever the text, the outcome is a sweep or an error with a place.
struct FuzzTests {
  private func check(_ bytes: [UInt8], _ seed: UInt64) -> Bool {
    do {
      let sweep = try GridFile(bytes: bytes, file: "fuzz.yaml").sweep
      #expect(sweep.axes.runCount >= 1 && sweep.axes.runCount <= GridFile.maxRuns, "seed \(seed)")
      return true
    } catch {
      #expect(!error.issues.isEmpty, "seed \(seed)")
      #expect(error.description.hasPrefix("fuzz.yaml:"), "seed \(seed)")
      #expect(error.issues.allSatisfy { !$0.hint.isEmpty && !$0.message.isEmpty }, "seed \(seed)")
      return false
    }
  }

  @Test func truncatedGrids() throws {
    let bytes = Array(try shippedGrid("quickstart").utf8)
    // The comments at the top are whole after any cut.
    for length in stride(from: 0, to: bytes.count, by: 3) { _ = check(Array(bytes[..<length]), 0) }
    #expect(check(bytes, 0))
  }

  @Test(arguments: [try? shippedGrid("quickstart"), WorkerTests.text]) func mutatedGrids(text: String?) throws
  {
    let seed = freshSeed()
    var generator = Generator(seed: seed)
    let original = Array(try #require(text).utf8)
    let tokens = [
      "{", "}", "[", "]", ":", ",", "-", "- ", "\n", "\t", "  ", "#", "&a ", "*a", "!!str ", "'", "\"", "|",
      ">",
      "? ", "1e999", "-1", "0", ".nan", "1e-13", "1e15", "9223372036854775808", "gamma", "from", "seed", "x",
      "samples: ", "step: 0", "count: 1e12", "\u{0}", "\u{7f}", "\u{e000}", "é", "---\n", "<<: ", "~", "null",
      "1e308", "-1e308", "5e-324", "−1", "step: 1e-300", "per_decade: 1000", "count: 2", "from: -1e308",
      "method: a/1", "worker: [w]", "network: {", "width: ", "axes: ", "plane: ", "record: ", "include: ",
    ].map { Array($0.utf8) }
    var valid = 0
    for _ in 0..<400 {
      var bytes = original
      for _ in 0..<Int.random(in: 1...4, using: &generator) {
        let at = Int.random(in: 0..<bytes.count, using: &generator)
        switch Int.random(in: 0..<5, using: &generator) {
        case 0: bytes[at] = UInt8.random(in: 0...255, using: &generator)
        case 1: bytes.remove(at: at)
        case 2: bytes.insert(contentsOf: tokens.randomElement(using: &generator) ?? [], at: at)
        case 3:
          let end = min(bytes.count, at + Int.random(in: 1...40, using: &generator))
          bytes.insert(contentsOf: bytes[at..<end], at: Int.random(in: 0..<bytes.count, using: &generator))
        default: bytes.removeSubrange(at..<min(bytes.count, at + Int.random(in: 1...20, using: &generator)))
        }
        if bytes.isEmpty { bytes = original }
      }
      if check(bytes, seed) { valid += 1 }
    }
    // Mutations that change nothing of weight are common; if none or all passed, nothing was
    // tested.
    #expect(valid > 0 && valid < 400, "seed \(seed)")
  }

  @Test func mutatedSampleFiles() {
    let seed = freshSeed()
    var generator = Generator(seed: seed)
    let original = Array("# a comment\nx1, x2, y\n-1, 2, 0.5\n1e-3, 4, -1\r\n\n3,\"4\",5\n".unicodeScalars)
    for _ in 0..<500 {
      var scalars = original
      for _ in 0..<Int.random(in: 1...3, using: &generator) {
        let at = Int.random(in: 0..<scalars.count, using: &generator)
        let letters = Array(",;\"\n\r\t x1y#-e.é\u{301}".unicodeScalars)
        scalars[at] = letters.randomElement(using: &generator) ?? ","
      }
      var text = String.UnicodeScalarView()
      text.append(contentsOf: scalars)
      do {
        let samples = try SampleFile(text: String(text), file: "fuzz.csv").samples()
        #expect(samples.count >= 1, "seed \(seed)")
      } catch {
        #expect(error.issues.allSatisfy { $0.position != nil }, "seed \(seed)")
      }
    }
  }
}
