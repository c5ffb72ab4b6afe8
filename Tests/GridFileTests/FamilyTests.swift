import Model
import Networks
import Testing

@testable import GridFile

/// Which family a grid asks for, and what that allows.
struct FamilyTests {
  private func grid(
    axes: String = "{ alpha: 1, rate: [1e-15, 2e20], level: 0, width: [0.5, 100], seed: 0 }",
    _ rest: String = "network: { activation: cube }"
  ) -> String {
    """
    name: other
    axes: \(axes)
    samples: { x: [[1, 2], [3, 4]], y: [0, 1] }
    \(rest)
    """
  }

  private func sweep(_ text: String) throws -> Sweep {
    try GridFile(text: text, families: .withOther).sweep
  }

  private func errors(_ text: String) -> [String] { errorLines(text, families: .withOther) }

  @Test func theNetworkChoosesTheFamily() throws {
    let sweep = try sweep(grid())
    #expect(sweep.problem.method == "steps/1")
    #expect(
      sweep.problem.network == [
        "activation": .string("cube"), "depth": .number(3), "noise": .number(0), "skip": .boolean(false),
      ])
    #expect(sweep.axes.names == ["alpha", "level", "rate"] && sweep.axes["rate"] == [1e-15, 2e20])
    #expect(sweep.axes.width == [0.5, 100])
    #expect(sweep.plane == ["alpha"] && sweep.orderParameter == nil)
    #expect(NetworkFamilies.withOther.family(of: sweep.problem) is OtherFamily)
  }

  @Test func theMethodChoosesTheFamily() throws {
    #expect(try sweep(grid("method: steps/2")).problem.method == "steps/2")
    #expect(
      try sweep(DemoGrid().text).problem.method == sweep(DemoGrid().text + "method: impulse/4").problem.method
    )
  }

  @Test func planeAndOrderParameterAreOfTheFamily() throws {
    let rest = "network: { depth: 2 }\nplane: [rate, alpha]\norder_parameter: sharpness"
    let sweep = try sweep(grid(rest))
    #expect(sweep.plane == ["rate", "alpha"] && sweep.orderParameter == "sharpness")
    #expect(try self.sweep(grid("method: steps/1\nplane: level")).plane == ["level"])
  }

  @Test(arguments: [
    ("plane: [rate, beta]", "5:15: error: plane must be alpha, rate or level, found beta"),
    ("plane: [rate, rate]", "5:15: error: plane holds rate twice"),
    ("plane: []", "5:8: error: plane must be one or two parameters, found 0"),
    ("plane: [alpha, rate, level]", "5:8: error: plane must be one or two parameters, found 3"),
    ("plane: width", "5:8: error: plane must be alpha, rate or level, found width"),
    ("order_parameter: rd", "5:18: error: order_parameter must be loss, sharpness or sup_loss, found rd"),
    ("record: neurons", "5:9: error: record must be weights or spectrum, found neurons"),
    (
      "record: { what: weights, gamma: 1 }",
      "5:26: error: unknown key \"gamma\" in record, expected what, alpha"
    ),
    ("parameters: { a: 1 }", "5:13: error: parameters are for a worker of one's own"),
    ("include: [{ alpha: 1, rate: 1 }]", "5:11: error: a block of include lacks the key \"level\""),
    ("include: [{ alpha: 1, rate: 1, gamma: 0 }]", "5:11: error: a block of include lacks the key \"level\""),
  ])
  func namesAreThoseOfTheFamily(rest: String, message: String) {
    let text = grid("method: steps/1\n\(rest)")
    #expect(errors(text).first?.hasPrefix(message) == true, "\(errors(text))")
  }

  @Test(arguments: [
    (
      "activation: tan", "4:24: error: no network of this program has activation tan",
      "did you mean \"tanh\"?"
    ),
    (
      "activation: quartic", "4:24: error: no network of this program has activation quartic",
      "or cube, or name the method of a worker of your own with method: NAME/REVISION"
    ),
    (
      "depth: 6", "4:19: error: network.depth must be a whole number from 1 to 5, found 6",
      "write a whole number"
    ),
    (
      "depth: 1.5", "4:19: error: network.depth must be a whole number from 1 to 5, found 1.5",
      "write a whole"
    ),
    ("depth: 2, noise: −1", "4:29: error: network.noise must be a number from 0 to 1, found −1", "U+2212"),
    (
      "depth: 2, skip: \"true\"", "4:28: error: network.skip must be true or false, found the quoted",
      "write true"
    ),
    (
      "depth: 2, bias: true", "4:22: error: unknown key \"bias\" in network, expected activation, depth",
      "use one"
    ),
    ("dept: 2", "4:12: error: unknown key \"dept\" in network", "did you mean \"depth\"?"),
    ("activation: [tanh]", "4:24: error: network.activation must be", "write"),
  ])
  func networkKeysAreChecked(network: String, message: String, hint: String) {
    let text = errorText(grid("network: { \(network) }"), families: .withOther)
    #expect(text.hasPrefix("grid.yaml:\(message)") || text.contains("\ngrid.yaml:\(message)"), "\(text)")
    #expect(text.contains(hint), "\(text)")
  }

  /// A method that is known leaves no choice of families.
  @Test func aKnownMethodFixesTheWords() {
    let text = grid("network: { activation: cube }\nmethod: impulse/4")
    #expect(errors(text).contains("4:24: error: network.activation must be relu, found cube"))
  }

  @Test(arguments: [
    (
      "{ alpha: 3, rate: 1, level: 0, width: 1, seed: 0 }",
      "2:16: error: axes.alpha must be a number from 0 to 2, found 3"
    ),
    (
      "{ alpha: 1, rate: inf, level: 0, width: 1, seed: 0 }",
      "2:25: error: axes.rate must be a finite number, found inf"
    ),
    (
      "{ alpha: 1, rate: 1, level: -2, width: 1, seed: 0 }",
      "2:35: error: axes.level must be a number of at least -1, found -2"
    ),
    (
      "{ alpha: 1, rate: 1, level: 1, width: 2e6, seed: 0 }",
      "2:45: error: this network cannot have the width 2000000: the width is above a million"
    ),
    ("{ alpha: 1, level: 1, width: 1, seed: 0 }", "2:7: error: axes lacks the key \"rate\""),
    (
      "{ alpha: 1, raet: 1, level: 1, width: 1, seed: 0 }",
      "2:19: error: unknown key \"raet\" in axes, expected alpha, rate, level, width or seed"
    ),
  ])
  func axesAreThoseOfTheFamily(axes: String, message: String) {
    #expect(errors(grid(axes: axes)) == [message])
  }

  @Test func whatAFamilyRefusesIsReportedWhereItIs() {
    let skip = errorText(grid("network: { depth: 1, skip: true }"), families: .withOther)
    #expect(skip.hasPrefix("grid.yaml:4:19: error: there is nothing to skip in one layer"))
  }

  /// Rounding would drown the smaller samples, so that the worker would refuse every run.
  @Test func samplesOfAbsurdSizeAreRefusedAtOnce() {
    var demo = DemoGrid()
    demo.samples = "{ x: [1e9, 1], y: [2, 2] }"
    let error = #expect(throws: GridError.self) { try demo.sweep() }
    #expect(error?.issues.map(\.kind) == [.unsupported])
    #expect(error?.issues.first?.position == .init(line: 8, column: 10))
  }

  /// Widths between the ends of a range move to what the network can have; those written out do
  /// not.
  @Test func computedWidthsGiveWay() throws {
    var demo = DemoGrid()
    demo.network = "antisymmetric: true"
    demo.width = "{ from: 1000, to: 1e5, per_decade: 2 }"
    demo.rest =
      "record: { what: neurons, width: { from: 1000, to: 1e5, per_decade: 2 } }\n"
      + "include: [{ gamma: 3, gamma_prime: 0 }, { gamma: 4, gamma_prime: 0, width: { from: 2, to: 6, count: 3 } }]"
    let sweep = try demo.sweep()
    #expect(sweep.axes.width == [1000, 3162, 10_000, 31_624, 100_000])
    #expect(sweep.record.first?.width == sweep.axes.width)
    #expect(sweep.include.map(\.width) == [sweep.axes.width, [2, 4, 6]])
    demo.rest = ""
    for (width, place) in [
      ("[10, 11]", "5:15"), ("11", "5:10"), ("{ from: 1001, to: 1e5, per_decade: 2 }", "5:10"),
      ("{ from: 10, to: 13, step: 1 }", "5:10"), ("{ from: 2, to: 5, count: 4 }", "5:10"),
    ] {
      demo.width = width
      let error = #expect(throws: GridError.self) { try demo.sweep() }
      #expect(error?.issues.map(\.kind) == [.range], "\(width)")
      #expect(
        demo.error.hasPrefix("grid.yaml:\(place): error: this network cannot have the width"), "\(width)")
    }
    demo.width = "1000"
    demo.rest = "include: [{ gamma: 1, gamma_prime: 0, width: [2, 5] }]"
    #expect(demo.error.hasPrefix("grid.yaml:9:50: error: this network cannot have the width 5"))
  }

  @Test func fractionsOfNeuronsAreRefused() {
    var demo = DemoGrid()
    demo.width = "[10, 1000.5]"
    #expect(demo.error.hasPrefix("grid.yaml:5:15: error: this network cannot have the width 1000.5"))
    demo.width = "1e10"
    #expect(demo.error.hasPrefix("grid.yaml:5:10: error: this network cannot have the width 10000000000"))
  }
}
