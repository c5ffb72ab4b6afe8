import Testing

@testable import GridFile

/// The exact text of errors, a class at a time. `docs/grid-files.md` describes them.
struct GridErrorTests {
  /// The text with one part of the grid replaced.
  private func text(_ part: WritableKeyPath<DemoGrid, String>, _ value: String) -> String {
    var grid = DemoGrid()
    grid[keyPath: part] = value
    return grid.error
  }

  /// The first lines of the errors: place and message.
  private func messages(_ part: WritableKeyPath<DemoGrid, String>, _ value: String) -> [String] {
    text(part, value).split(separator: "\n").filter { $0.hasPrefix("grid.yaml") }.map(String.init)
  }

  @Test func theGridOfTheseTestsIsValid() {
    #expect(DemoGrid().error == "no error")
  }

  // MARK: Whole errors

  @Test func unknownKeyNamesTheNearest() {
    #expect(
      text(\.gamma, "{ from: 1, to: 2, stp: 1 }") == """
        grid.yaml:3:28: error: unknown key "stp" in axes.gamma, expected from, to, step, count or per_decade
          gamma: { from: 1, to: 2, stp: 1 }
                                   ^
        hint: did you mean "step"?
        """)
  }

  @Test func keyInTheWrongPlaceIsSentHome() {
    #expect(
      text(\.rest, "width: 3") == """
        grid.yaml:9:1: error: unknown key "width" in the grid, expected name, axes, include, limit, network, \
        parameters, samples, stop, tolerance, limits, record, method, worker, plane, order_parameter, database or \
        slurm
        width: 3
        ^
        hint: "width" belongs in axes
        """)
  }

  @Test func duplicateKeyIsTheSecond() {
    #expect(
      text(\.name, "name: demo\nname: again") == """
        grid.yaml:2:1: error: the key "name" is given twice in the grid, first in line 1
        name: again
        ^
        hint: keep one of them
        """)
  }

  @Test func missingKeyIsShownByExample() {
    #expect(
      text(\.name, "") == """
        grid.yaml:2:1: error: the grid lacks the key "name"
        axes:
        ^
        hint: add it, for example: name: quickstart
        """)
  }

  @Test func tooManyRunsAreRefusedBeforeTheyAreMade() {
    #expect(
      text(\.gamma, "{ from: 1, to: 2, step: 1e-12 }") == """
        grid.yaml:3:10: error: the axes span 1000000000001 runs (gamma 1000000000001 × gamma_prime 1 × \
        width 1 × seed 1), more than 10000000
          gamma: { from: 1, to: 2, step: 1e-12 }
                 ^
        hint: make the axes coarser, or split the sweep into several grids
        """)
    #expect(
      text(\.seed, "{ count: 1e7 }")
        == """
        grid.yaml:6:9: error: the axes span 20000000 runs (gamma 2 × gamma_prime 1 × width 1 × \
        seed 10000000), more than 10000000
          seed: { count: 1e7 }
                ^
        hint: make the axes coarser, or pass --yes to confirm so many
        """)
  }

  @Test func tabsAreNamed() {
    #expect(
      text(\.rest, "\tstop: {}") == """
        grid.yaml:9:1: error: not valid YAML: a tab cannot indent
         stop: {}
        ^
        hint: replace the tab by spaces
        """)
    #expect(
      text(\.gamma, "1\t2") == """
        grid.yaml:3:10: error: axes.gamma must be a number from -16 to 16, found 1<tab>2
          gamma: 1 2
                 ^
        hint: write a number like 0.5, a list [a, b], or { from: a, to: b, step: c }
        """)
  }

  @Test func openBracketsAreTracedBack() {
    #expect(
      text(\.rest, "foo: [1, 2") == """
        grid.yaml:9:6: error: not valid YAML: did not find expected ',' or ']' before the end of the file \
        while parsing a flow sequence
        foo: [1, 2
             ^
        hint: check indentation, brackets, quotes and colons here and on the line before
        """)
  }

  @Test func filesAsAWhole() throws {
    func text(_ path: String) -> String {
      do {
        _ = try GridFile.load(path: path)
        return "no error"
      } catch {
        return error.description
      }
    }
    #expect(text("nowhere.yaml") == "nowhere.yaml: error: there is no such file\nhint: check the path")
    #expect(text("/tmp") == "/tmp: error: this is a directory, not a file\nhint: name a file in it")
    #expect(
      text("/dev/null") == """
        /dev/null: error: the file holds nothing but blanks and comments
        hint: start from grids/quickstart.yaml
        """)
    #expect(
      text("/dev/zero") == """
        /dev/zero: error: the file is larger than 64 MiB
        hint: is this the right file?
        """)
  }

  @Test func textThatIsNone() {
    func text(_ bytes: [UInt8]) -> String {
      do {
        _ = try GridFile(bytes: bytes, file: "b.yaml")
        return "no error"
      } catch {
        return error.description
      }
    }
    #expect(
      text(Array("name: x\né".utf8) + [0xff]) == """
        b.yaml:2:2: error: the file is not UTF-8 text from here on
        hint: save it as UTF-8
        """)
    #expect(
      text(Array("a: 1\r\nb: \u{1b}[31m".utf8)) == """
        b.yaml:2:4: error: the control character U+001b is no text
        b: \u{fffd}[31m
           ^
        hint: remove it; is this the right file?
        """)
  }

  @Test func longLinesAreShownAroundTheirFault() {
    let zeros = String(repeating: "0, ", count: 100)
    let lines = text(\.samples, "{ x: [\(zeros)?], y: [0] }").split(separator: "\n")
    #expect(lines[0].hasPrefix("grid.yaml:8:"))
    let caret = lines[2].unicodeScalars.count - 1
    #expect(Array(lines[1].unicodeScalars)[caret] == "?" && lines[1].count <= 102)
  }

  @Test func manyErrorsAreCounted() {
    let values = (0..<13).map { "a\($0)" }.joined(separator: ", ")
    let error = text(\.gamma, "[\(values)]")
    #expect(error.split(separator: "\n").count { $0.hasPrefix("grid.yaml:") } == 10)
    #expect(error.hasSuffix("\nand 3 more errors"))
  }

  // MARK: Place and message

  @Test(arguments: [
    ("{ from: 2, to: 1, step: 1 }", "3:18", "axes.gamma is empty: from 2 is greater than to 1"),
    ("{ from: 1, to: 2, step: 0 }", "3:34", "axes.gamma.step must be a number above 0, found 0"),
    ("{ from: 1, to: 2, step: -1 }", "3:34", "axes.gamma.step must be a number above 0, found -1"),
    (
      "{ from: 1, to: 2, count: 0 }", "3:35",
      "axes.gamma.count must be a whole number from 1 to 9007199254740991, found 0"
    ),
    ("{ from: 1, to: 2, count: 1 }", "3:35", "axes.gamma.count must be at least 2, for both ends, found 1"),
    ("{ from: 1, to: 1, count: 2 }", "3:35", "axes.gamma.count must be 1 where from equals to, found 2"),
    ("{ from: 1, to: 2, count: 3, step: 1 }", "3:38", "axes.gamma has both \"count\" and \"step\""),
    ("{ from: 1, to: 2 }", "3:10", "axes.gamma lacks one of the keys step, count and per_decade"),
    ("{ from: 1, step: 1 }", "3:10", "axes.gamma lacks the key \"to\""),
    (
      "{ from: 1, to: 2, step: 1, to: 3 }", "3:37",
      "the key \"to\" is given twice in axes.gamma, first in line 3"
    ),
    ("{ from: -1, to: 1, per_decade: 1 }", "3:29", "axes.gamma.per_decade needs from above 0, found from -1"),
    ("[]", "3:10", "axes.gamma is an empty list"),
    ("", "3:9", "axes.gamma must be a number from -16 to 16, found nothing"),
    ("one", "3:10", "axes.gamma must be a number from -16 to 16, found one"),
    (
      "[1, \"2\"]", "3:14",
      "a value of axes.gamma must be a number from -16 to 16, found the quoted text \"2\""
    ),
    ("[1, [2]]", "3:14", "a value of axes.gamma must be a number from -16 to 16, found a list"),
    ("[1, .nan]", "3:14", "a value of axes.gamma must be a number from -16 to 16, found .nan"),
    ("[1, -inf]", "3:14", "a value of axes.gamma must be a number from -16 to 16, found -inf"),
    ("[1, 1e400]", "3:14", "a value of axes.gamma must be a number from -16 to 16, found 1e400"),
    ("[1, 2, 1.0]", "3:17", "axes.gamma holds 1 twice"),
    ("−1", "3:10", "axes.gamma must be a number from -16 to 16, found −1"),
    ("0,5", "3:10", "axes.gamma must be a number from -16 to 16, found 0,5"),
  ])
  func gamma(value: String, place: String, message: String) {
    #expect(messages(\.gamma, value) == ["grid.yaml:\(place): error: \(message)"])
  }

  @Test(arguments: [
    ("0", "5:10", "axes.width must be a positive number up to 1e100, found 0"),
    ("2e100", "5:10", "axes.width must be a positive number up to 1e100, found 2e100"),
    ("[10, -1]", "5:15", "a value of axes.width must be a positive number up to 1e100, found -1"),
    (
      "{ from: 1, to: nan, step: 1 }", "5:25",
      "axes.width.to must be a positive number up to 1e100, found nan"
    ),
  ])
  func width(value: String, place: String, message: String) {
    #expect(messages(\.width, value) == ["grid.yaml:\(place): error: \(message)"])
  }

  @Test(arguments: [
    ("-1", "6:9", "axes.seed must be a whole number from 0 to 9007199254740991, found -1"),
    ("{ from: 1, to: 9, step: 0.5 }", "6:33", "axes.seed.step must be a whole number above 0, found 0.5"),
    ("{ count: -2 }", "6:18", "axes.seed.count must be a whole number from 1 to 9007199254740991, found -2"),
  ])
  func seed(value: String, place: String, message: String) {
    #expect(messages(\.seed, value) == ["grid.yaml:\(place): error: \(message)"])
  }

  @Test(arguments: [
    ("{ x: [1, 2, 3], y: [0, 1] }", "8:29", "x has 3 values and y has 2; every sample needs one of each"),
    (
      "{ x: [1, 2, 1.0], y: [0, 1, 2] }", "8:22",
      "samples 1 and 3 have the same x and different y, so that no function passes through both; remove one or "
        + "average them"
    ),
    ("{ x: [[1, 2], [2]], y: [0, 1] }", "8:24", "the input of sample 2 has 1 components, the first has 2"),
    ("{ x: [[]], y: [0] }", "8:16", "a value of samples.x must be a finite number, found an empty list"),
    ("{ x: [0], y: [inf] }", "8:24", "a value of samples.y must be a finite number, found inf"),
    ("{ x: [1] }", "8:10", "samples lacks the key \"y\""),
    ("{ x: 1, y: [1] }", "8:15", "samples.x must be a list of numbers, found 1"),
    ("{ x: [], y: [1] }", "8:15", "samples.x must be a list of numbers, found an empty list"),
    ("{}", "8:10", "samples has no values"),
    (
      "", "8:9",
      "samples must be a mapping with the keys x, y, file, target, count, from, to, inputs, dimension, seed, mnist "
        + "and scale, found nothing"
    ),
    ("{ x: [1], y: [1], file: a.csv }", "8:12", "samples cannot have \"x\" beside \"file\""),
    ("{ file: no-such.csv }", "8:18", "./no-such.csv: there is no such file"),
    ("{ file: [a] }", "8:18", "samples.file must be the path of a file, found a list"),
    (
      "{ target: four_relu, count: 4, from: -1, to: 1 }", "8:20",
      "samples.target must be four-relu, square, sine, tanh, two-tanh, sum-of-sines or noise, found four_relu"
    ),
    ("{ target: four-relu, from: -1, to: 1 }", "8:10", "samples lacks the key \"count\""),
    (
      "{ target: four-relu, count: 4, from: 1, to: -1 }", "8:47",
      "samples is empty: from 1 is not less than to -1"
    ),
    (
      "{ target: four-relu, count: 1, from: 0, to: 1 }", "8:38",
      "samples.count must be at least 2, for both ends, found 1"
    ),
  ])
  func samples(value: String, place: String, message: String) {
    #expect(messages(\.samples, value) == ["grid.yaml:\(place): error: \(message)"])
  }

  @Test(arguments: [
    ("activation: relo", "7:24", "no network of this program has activation relo"),
    ("bias: yes", "7:18", "network.bias must be true or false, found yes"),
    ("bias: \"true\"", "7:18", "network.bias must be true or false, found the quoted text \"true\""),
  ])
  func network(value: String, place: String, message: String) {
    #expect(messages(\.network, value) == ["grid.yaml:\(place): error: \(message)"])
  }

  @Test(arguments: [
    ("a: b: c", "9:5", "not valid YAML: mapping values are not allowed in this context"),
    ("---\nname: x", "9:1", "not valid YAML: a second document begins here"),
    ("x: *nowhere", "9:4", "not valid YAML: found undefined alias"),
    ("? [a]\n: 1", "9:3", "a key must be a word, found a list"),
    ("? [a]\n: 1\n? [a]\n: 1", "9:3", "this key is given more than once in the same mapping"),
  ])
  func rest(value: String, place: String, message: String) {
    #expect(messages(\.rest, value) == ["grid.yaml:\(place): error: \(message)"])
  }

  @Test(arguments: [
    "../x", "a/b", ".hidden", "-x", "a b", "é", "''", "[1]", String(repeating: "a", count: 101),
  ])
  func unsafeNames(name: String) {
    let found = messages(\.name, "name: \(name)")
    #expect(found.count == 1 && found[0].hasPrefix("grid.yaml:1:7: error: name must be 1 to 100 letters"))
  }

  // MARK: Hints

  @Test(arguments: [
    (DemoGrid(gamma: "−1"), "write - instead of −, which is another character (U+2212)"),
    (
      DemoGrid(gamma: "{ from: 1, to: 2, step: –0.5 }"),
      "write - instead of –, which is another character (U+2013)"
    ),
    (DemoGrid(gamma: "{ from: 1, to: 2, step: -0.5 }"), "write step: 0.5; values go up, from from to to"),
    (DemoGrid(gamma: "0,5"), "write a decimal point, not a comma"),
    (DemoGrid(width: "1_000"), "write the digits without _"),
    (
      DemoGrid(samples: "{ x: [−1, 1], y: [0, 1] }"),
      "write - instead of −, which is another character (U+2212)"
    ),
  ])
  func hintsNameTheRemedy(grid: DemoGrid, hint: String) {
    #expect(grid.error.hasSuffix("hint: \(hint)"), "\(grid.error)")
  }

  /// Merge keys are no keys: what they were to supply is not missed as well.
  @Test func mergeKeysAreNamed() {
    var grid = DemoGrid()
    grid.gamma = "&a { from: 0, to: 1, step: 0.5 }"
    grid.gammaPrime = "{ <<: *a, to: 2 }"
    #expect(
      grid.error == """
        grid.yaml:4:18: error: merge keys (<<) are not supported
          gamma_prime: { <<: *a, to: 2 }
                         ^
        hint: write the keys out; anchors and aliases of whole values (&name, *name) are supported
        """)
    grid.gammaPrime = "*a"
    #expect(grid.error == "no error")
  }

  @Test func independentErrorsAreReportedTogetherAndByPlace() {
    var grid = DemoGrid()
    grid.rest = "tolerance: 1"
    grid.gamma = "[x]"
    grid.samples = "{ x: [1], y: [1], y: [2], z: 1 }"
    let places = grid.error.split(separator: "\n").filter { $0.hasPrefix("grid.yaml") }
      .map { $0.prefix { $0 != " " } }
    #expect(places == ["grid.yaml:3:11:", "grid.yaml:8:28:", "grid.yaml:8:36:", "grid.yaml:9:12:"])
  }

  @Test func hostileTextsEndInErrors() {
    // Exponential aliases, deep nesting, many duplicates.
    var bomb = "a: &a [1]\n"
    for (name, previous) in zip("bcdefghijk", "abcdefghij") {
      bomb += "\(name): &\(name) [\(Array(repeating: "*\(previous)", count: 10).joined(separator: ","))]\n"
    }
    let nested = String(repeating: "[", count: 900) + String(repeating: "]", count: 900)
    let texts = [
      bomb, nested, String(repeating: "[", count: 100_000), String(repeating: "a: 1\n", count: 30),
      String(repeating: "- ", count: 5000),
    ]
    for text in texts { #expect(throws: GridError.self) { try GridFile(text: text) } }
  }
}
