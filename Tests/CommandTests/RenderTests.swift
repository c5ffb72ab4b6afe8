import Foundation
import Testing

/// `render` and its options.
struct RenderTests {
  let bench: Workbench

  init() async throws {
    bench = try Workbench()
    try bench.grid()
    #expect(try await bench.run("run", "tiny.yaml").status == 0)
  }

  private func file(_ name: String) -> Data? { FileManager.default.contents(atPath: bench.path(name)) }

  /// An empty folder of programs, as the only one in PATH.
  private func programs(_ scripts: [String: String] = [:]) throws -> [String: String] {
    let folder = "programs-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: bench.path(folder), withIntermediateDirectories: true)
    for (name, script) in scripts {
      try bench.file("\(folder)/\(name)", "#!/bin/sh\n\(script)\n")
      try FileManager.default.setAttributes(
        [.posixPermissions: 0o755], ofItemAtPath: bench.path("\(folder)/\(name)"))
    }
    return ["PATH": bench.path(folder)]
  }

  @Test(arguments: ["phase-map", "slope-map", "trend-map", "residual-map", "stationary-map"])
  func everyMapIsInAFileOfItsName(kind: String) async throws {
    let ended = try await bench.run("render", "tiny", "--figure", kind)
    #expect(ended.status == 0 && ended.output == "results/tiny/\(kind).svg\n", "\(ended.errors)")
    let dark = try await bench.run("render", "--figure", kind, "--theme", "dark")
    #expect(dark.output == "results/tiny/\(kind)-dark.svg\n")
    let (light, other) = (file("results/tiny/\(kind).svg"), file("results/tiny/\(kind)-dark.svg"))
    #expect(light != nil && light != other)
    // The same again, to the byte.
    #expect(try await bench.run("render", "--figure", kind, "--output", "again.svg").output == "again.svg\n")
    #expect(file("again.svg") == light)
  }

  @Test func whatIsMisspeltIsSuggested() async throws {
    let ended = try await bench.run("render", "--figure", "trend-mpa")
    #expect(ended.status == 64)
    #expect(
      ended.errors.contains("there is no figure “trend-mpa”; did you mean trend-map?"), "\(ended.errors)")
    #expect(ended.errors.contains("Figures: phase-map, slope-map, "))
  }

  @Test func optionsThatMeanNothingAreErrors() async throws {
    let ended = try await bench.run("render", "--figure", "trend-map", "--point", "1,0")
    #expect(ended.status == 64)
    #expect(ended.errors.contains("--point means nothing to the figure trend-map"), "\(ended.errors)")
    for (arguments, words) in [
      (["-o", "a.pdf", "--format", "png"], "--output names a pdf file and --format is png"),
      (["-o", "a.jpg"], "--output names a jpg file; give a name in .svg, .png or .pdf"),
      (["--scale", "0"], "give a number from 0.1 to 10"), (["-o", "results"], "is a folder; name a file"),
      (["--theme", "adaptive"], "Please provide one of"),
    ] {
      let ended = try await bench.start(["render"] + arguments).end()
      #expect(ended.status == 64 && ended.errors.contains(words), "\(arguments): \(ended.errors)")
    }
  }

  @Test func wordsAreInTheFigure() async throws {
    let ended = try await bench.start([
      "render", "-o", "-", "--title", "A & B", "--x-title", "scale γ", "--low-name", "lazy", "--colour-title",
      "",
    ]).end()
    #expect(ended.output.contains(">A &amp; B</text>") && ended.output.contains(">lazy</text>"))
    #expect(!ended.output.contains("order exponent</text>"))
    let bare = try await bench.run("render", "-o", "-", "--title", "")
    #expect(bare.output.contains(">Phase map</title>") && !bare.output.contains("Phase diagram"))
  }

  @Test func paperFiguresHaveTheirSize() async throws {
    let ended = try await bench.start([
      "render", "-o", "-", "--width-cm", "8.6", "--font", "Times", "--range", "2", "--no-theory",
      "--no-landmarks", "--title", "",
    ]).end()
    #expect(ended.status == 0, "\(ended.errors)")
    let width = ended.output.firstMatch(of: #/ width="([0-9.]+)"/#).flatMap { Double($0.1) }
    #expect(abs((width ?? 0) / 96 * 2.54 - 8.6) < 0.01)
    #expect(ended.output.contains("font-family=\"Times, ") && !ended.output.contains("NTK"))
    for wrong in [
      ["--range", "0"], ["--width-cm", "1"], ["--font", "a<b"], ["--figure", "scaling", "--range", "1"],
    ] {
      #expect(try await bench.start(["render", "-o", "-"] + wrong).end().status == 64, "\(wrong)")
    }
  }

  @Test func severalSweepsAreInOneFigure() async throws {
    try bench.grid("other", widths: [60, 120, 180])
    #expect(try await bench.run("run", "other.yaml").status == 0)
    let both = try await bench.run("render", "tiny", "other")
    #expect(both.output == "results/tiny/phase-map-other.svg\n", "\(both.errors)")
    let labelled = try await bench.run("render", "tiny", "other", "--labels", "(a),(b)", "-o", "-")
    #expect(labelled.output.contains(">(a)</text>") && labelled.output.contains(">(b)</text>"))
    let difference = try await bench.run("render", "tiny", "other", "--figure", "difference-map", "-o", "-")
    #expect(difference.status == 0 && difference.output.contains("above other"), "\(difference.errors)")
    for (grids, kind) in [(["tiny"], "difference-map"), (["tiny", "other"], "scaling")] {
      let ended = try await bench.start(["render"] + grids + ["--figure", kind, "-o", "-"]).end()
      #expect(ended.status == 64 && ended.errors.contains("\(kind) shows"), "\(ended.errors)")
    }
  }

  @Test func withoutAConverterTheErrorSaysWhatToInstall() async throws {
    let ended = try await bench.start(["render", "--format", "png"], environment: programs()).end()
    #expect(ended.status == 69)
    #expect(ended.errors.contains("none is installed (looked for rsvg-convert, inkscape,"), "\(ended.errors)")
    #expect(ended.errors.contains("install librsvg"))
    #expect(file("results/tiny/phase-map.png") == nil)
  }

  @Test func aConverterIsGivenTheFigure() async throws {
    let path = try programs([
      "rsvg-convert": """
      for word; do
        case $word in --output=*) target=${word#--output=} ;; *.svg) source=$word ;; esac
      done
      read -r line < "$source"
      echo "$line of $1" > "$target"
      """
    ])
    let ended = try await bench.start(["render", "--format", "png", "--scale", "3"], environment: path).end()
    #expect(ended.status == 0 && ended.output == "results/tiny/phase-map.png\n", "\(ended.errors)")
    let made = file("results/tiny/phase-map.png").map { String(decoding: $0, as: UTF8.self) }
    #expect(made == "<?xml version=\"1.0\" encoding=\"UTF-8\"?> of --zoom=3.0\n")
  }

  @Test(arguments: ["exit 0", "echo no fonts >&2; exit 1"])
  func aConverterThatFailsIsNamed(script: String) async throws {
    let ended = try await bench.start(
      ["render", "-o", "a.pdf"], environment: programs(["rsvg-convert": script])
    ).end()
    #expect(
      ended.status == 69 && ended.errors.contains("rsvg-convert made no pdf of the figure"), "\(ended.errors)"
    )
    #expect(ended.errors.contains("it said: no fonts") == script.contains("fonts"))
    #expect(file("a.pdf") == nil)
  }

  @Test(.enabled(if: isInstalled("rsvg-convert"), "needs rsvg-convert (apt-get install librsvg2-bin)"))
  func installedConvertersMakeTheSameFileAgain() async throws {
    for (format, magic) in [("png", [0x89, 0x50, 0x4E, 0x47]), ("pdf", [0x25, 0x50, 0x44, 0x46])]
      as [(String, [UInt8])]
    {
      for name in ["a", "b"] {
        let ended = try await bench.run("render", "-o", "\(name).\(format)")
        #expect(ended.status == 0, "\(ended.errors)")
      }
      let made = try #require(file("a.\(format)"))
      #expect(Array(made.prefix(4)) == magic && made == file("b.\(format)"))
    }
  }

  private static func isInstalled(_ program: String) -> Bool {
    (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":").contains {
      access("\($0)/\(program)", X_OK) == 0
    }
  }

  /// Figures are of what is recorded now, whatever fit is stored.
  @Test(arguments: ["render", "report"])
  func aFigureIsNeverOlderThanTheRuns(command: String) async throws {
    let fresh = try await bench.run(command, "tiny", "--output", "-")
    #expect(fresh.status == 0 && fresh.errors.isEmpty, "\(fresh.errors)")
    let text = try String(contentsOfFile: bench.path("tiny.yaml"), encoding: .utf8)
    try bench.file("tiny.yaml", text.replacing("{ count: 2 }", with: "{ count: 3 }"))
    let provisional = try await bench.run(command, "tiny.yaml", "--output", "-")
    #expect(provisional.status == 0 && provisional.errors == "tiny: provisional, 6 runs pending\n")
    _ = try await bench.start(["run", "tiny.yaml"], environment: ["GAMMAPLANE_FAILPOINT": "before-fit"]).end()
    let now = try await bench.run(command, "tiny", "--output", "-")
    #expect(now.status == 0 && now.errors.isEmpty, "\(now.errors)")
    #expect(now.output != fresh.output && now.output != provisional.output)
    // The stored fit is the same.
    #expect(try await bench.run("fit", "tiny").status == 0)
    #expect(try await bench.run(command, "tiny", "--output", "-").output == now.output)
  }

  @Test func anyQuantityIsDrawnInAnyPlane() async throws {
    let other = try await bench.run("render", "tiny", "--quantity", "rd", "-o", "-")
    let own = try await bench.run("render", "tiny", "-o", "-")
    #expect(other.status == 0 && other.output != own.output, "\(other.errors)")
    // Each has a file of its own.
    for (arguments, name) in [
      ([], "phase-map"), (["--quantity", "rd"], "phase-map-rd"), (["--plane", "gamma"], "phase-map-gamma"),
      (["--quantity=rd", "--plane=gamma-prime,gamma"], "phase-map-rd-gamma_prime-gamma"),
      (["--gamma-prime", "0", "--plane", "gamma"], "phase-map-gamma-gamma_prime=0"),
      (["--figure", "scaling", "--quantity", "rd", "--gamma-prime", "0"], "scaling-rd"),
    ] {
      let drawn = try await bench.start(["render"] + arguments).end()
      #expect(drawn.output == "results/tiny/\(name).svg\n", "\(drawn.errors)")
    }
    #expect(file("results/tiny/phase-map.svg").map { String(decoding: $0, as: UTF8.self) } == own.output)
    #expect(try await bench.run("report", "--quantity", "rd").output == "results/tiny/report-rd.html\n")
    let line = try await bench.run("render", "tiny", "--plane", "gamma", "-o", "-")
    #expect(line.status == 0 && line.output.contains("</svg>"), "\(line.errors)")
    let turned = try await bench.run("render", "tiny", "--plane", "gamma_prime,gamma", "-o", "-")
    #expect(turned.status == 0 && turned.output != own.output, "\(turned.errors)")
    let across = ["render", "tiny", "--plane", "gamma_prime", "-o", "-"]
    let slice = try await bench.start(across + ["--at", "gamma=0.5"]).end()
    #expect(slice.status == 0, "\(slice.errors)")
    let nowhere = try await bench.start(across + ["--at", "gamma=9"]).end()
    #expect(nowhere.status == 66 && nowhere.errors.contains("; the nearest is --at gamma=1.75\n"))
    let theory = try await bench.run("render", "tiny", "--figure", "residual-map", "--quantity", "time")
    #expect(theory.status == 66 && theory.errors.contains("there is no theory of time for tiny"))
  }

  @Test func orientationsNeedWhatIsRecorded() async throws {
    let missing = try await bench.run("render", "--figure", "orientation-map")
    #expect(
      missing.status == 66 && missing.errors.contains("add `record: [trajectory]` to the grid"),
      "\(missing.errors)")
    let text = try String(contentsOfFile: bench.path("tiny.yaml"), encoding: .utf8)
    for what in ["neurons", "trajectory"] {
      try bench.file("tiny.yaml", text + "record: { what: \(what), width: 150 }\n")
      #expect(try await bench.run("run", "tiny.yaml").status == 0)
      let drawn = try await bench.run("render", "--figure", "orientation-map", "-o", "-")
      #expect(drawn.output.contains(" at m = 150"), "\(drawn.errors)")
    }
  }
}
