import Testing

@testable import Networks

struct InitialValuesTests {
  /// The known-answer vectors published with the Random123 library (Salmon et al., SC 2011).
  @Test(arguments: [
    (
      [0, 0, 0, 0] as [UInt32], [0, 0] as [UInt32],
      [0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8] as [UInt32]
    ),
    (
      [.max, .max, .max, .max], [.max, .max],
      [0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd]
    ),
    (
      [0x243f_6a88, 0x85a3_08d3, 0x1319_8a2e, 0x0370_7344], [0xa409_3822, 0x299f_31d0],
      [0xd16c_fe09, 0x94fd_cceb, 0x5001_e420, 0x2412_6ea1]
    ),
  ])
  func knownAnswers(counter: [UInt32], key: [UInt32], words: [UInt32]) {
    let philox = Philox4x32(key: SIMD2(key[0], key[1]))
    #expect(philox(SIMD4(counter[0], counter[1], counter[2], counter[3])) == SIMD4(words))
  }

  @Test func widthsAreNested() {
    let narrow = InitialValues(width: 100, seed: 7, antisymmetric: false)
    let wide = InitialValues(width: 1000, seed: 7, antisymmetric: false)
    #expect(narrow.a == Array(wide.a.prefix(100)))
    #expect(narrow.w == Array(wide.w.prefix(100)))
    #expect(narrow.b == Array(wide.b.prefix(100)))
  }

  @Test func seedsDiffer() {
    let first = InitialValues(width: 10, seed: 0, antisymmetric: false)
    // Seeds that differ in the upper half only must not share values.
    for seed in [1, 1 << 32, UInt64.max] {
      let other = InitialValues(width: 10, seed: seed, antisymmetric: false)
      #expect(zip(first.a + first.w + first.b, other.a + other.w + other.b).allSatisfy { $0 != $1 })
    }
  }

  /// Mean, variance, fourth moment and correlations within five standard errors of those of N(0,
  /// 1).
  @Test func valuesAreStandardNormal() {
    let m = 100_000
    let values = InitialValues(width: m, seed: 3, antisymmetric: false)
    func mean(_ f: (Int) -> Double) -> Double { (0..<m).reduce(0) { $0 + f($1) } / Double(m) }
    let error = 5 / Double(m).squareRoot()
    for x in [values.a, values.w, values.b] {
      #expect(abs(mean { x[$0] }) < error)
      #expect(abs(mean { x[$0] * x[$0] } - 1) < error * 2.0.squareRoot())
      #expect(abs(mean { x[$0] * x[$0] * x[$0] * x[$0] } - 3) < error * 96.0.squareRoot())
    }
    for (x, y) in [(values.a, values.w), (values.a, values.b), (values.w, values.b)] {
      #expect(abs(mean { x[$0] * y[$0] }) < error)
      #expect(abs(mean { (x[$0] * x[$0] - 1) * (y[$0] * y[$0] - 1) }) < 2 * error)
    }
  }

  @Test func antisymmetricHalvesCancel() {
    let values = InitialValues(width: 50, seed: 1, antisymmetric: true)
    for k in 0..<25 {
      #expect(values.a[k] == -values.a[k + 25])
      #expect(values.w[k] == values.w[k + 25] && values.b[k] == values.b[k + 25])
    }
  }

  @Test(arguments: ["\n", "\r\n"])
  func tablesAreRead(lineBreak: String) throws {
    let lines = ["\u{FEFF}a,w,\"b\"", "1, 2,3", "", "# a comment", "-0.5,\"1e-3\",0"]
    let text = lines.joined(separator: lineBreak)
    let values = InitialValues(try InitialWeights(csv: text))
    #expect(values.a == [1, -0.5] && values.w == [2, 1e-3] && values.b == [3, 0])
  }

  @Test func tablesOfAnyDimensionAreRead() throws {
    let values = try InitialWeights(csv: "a,w1,w2,b\n1,2,3,4\n5,6,7,8")
    #expect(values.inputs == 3 && values.a == [1, 5] && values.w == [2, 3, 4, 6, 7, 8])
    #expect(try InitialWeights(csv: "a,w\n1,2").inputs == 1)
    #expect(try InitialWeights(csv: "a,w1,w2\n1,2,3").w == [2, 3])
  }

  /// The values of fewer inputs are the first of those of more, and two are the line's.
  @Test func weightsOfMoreInputsBeginWithThoseOfFewer() {
    let line = InitialValues(width: 40, seed: 9, antisymmetric: true)
    let wide = InitialWeightSource(width: 40, inputs: 7, seed: 9, antisymmetric: true).weights
    for inputs in 1...6 {
      let some = InitialWeightSource(width: 40, inputs: inputs, seed: 9, antisymmetric: true).weights
      #expect(some.a == wide.a)
      for k in 0..<40 {
        #expect(some.w[k * inputs..<(k + 1) * inputs].elementsEqual(wide.w[k * 7..<k * 7 + inputs]))
      }
    }
    let two = InitialWeightSource(width: 40, inputs: 2, seed: 9, antisymmetric: true).weights
    #expect(two.w == zip(line.w, line.b).flatMap { [$0, $1] } && two.a == line.a)
    #expect(InitialWeightSource(two).weights.w == two.w)
    #expect(Set(wide.w).count == 20 * 7)
  }

  @Test(arguments: [
    (
      "a,b\n1,2",
      "line 1: expected the header a,w,b, or a,w1,w2,… with b last if there are biases, found “a,b”"
    ),
    (
      "a,w2,w1\n1,2,3",
      "line 1: expected the header a,w,b, or a,w1,w2,… with b last if there are biases, found “a,w2,w1”"
    ),
    (
      "a,w,b\n1,2,3\n1,nan,3",
      "line 3: expected 3 finite numbers, as many as the header has columns, found “1,nan,3”"
    ),
    (
      "a,w,b\n\"1,5\",2,3",
      "line 2: expected 3 finite numbers, as many as the header has columns, found “\"1,5\",2,3”"
    ),
    (
      "a,w,b\n\"1,2,3",
      "line 2, column 1: the quotation mark is not closed; close it at the end of the field, or remove it"
    ),
    ("a,w,b\n", "there is no neuron; expected a header such as a,w,b and one line a neuron"),
  ])
  func wrongTablesAreNamed(text: String, message: String) {
    let error = #expect(throws: InitialWeightsCSVError.self) { _ = try InitialWeights(csv: text) }
    #expect(error?.description == message)
  }
}
