import Figures
import Foundation
import Orchestration
import Platform

/// A program on this machine that makes PNG or PDF of SVG.
struct FigureConverter {
  /// One that may be installed.
  struct Program {
    /// Names of its executable.
    var names: [String]
    var formats: Set<FigureFormat>
    /// Its arguments.
    var arguments: @Sendable (Task) -> [String]
    /// Whether it reads a page of HTML around the figure.
    var readsHTML = false
  }

  /// What is to be done.
  struct Task {
    var format: FigureFormat
    /// The size of the figure in its own units, of which there are 96 to the inch.
    var width, height: Double
    /// Pixels for each unit, of PNG.
    var scale: Double
    /// Paths of files, absolute.
    var source, target: String
    /// An empty folder for what the program keeps.
    var folder: String
  }

  /// The best first. CairoSVG is not among them: in text with symbols it puts letters on each
  /// other.
  static let programs = [
    Program(names: ["rsvg-convert"], formats: [.png, .pdf]) { task in
      // 96 units to the inch, for which the program would take 90 or 72 where it is old.
      let zoom = task.format == .png ? ["--zoom=\(task.scale)"] : ["--dpi-x=96", "--dpi-y=96"]
      return zoom + ["--format=\(task.format.rawValue)", "--output=\(task.target)", task.source]
    },
    Program(names: ["inkscape"], formats: [.png, .pdf]) { task in
      [
        "--export-type=\(task.format.rawValue)", "--export-dpi=\(96 * task.scale)",
        "--export-filename=\(task.target)", task.source,
      ]
    },
    Program(names: ["resvg"], formats: [.png]) { ["--zoom", "\($0.scale)", $0.source, $0.target] },
    Program(
      names: ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"],
      formats: [.png, .pdf],
      arguments: { task in
        // It may not start its sandbox as root; what it shows is our own figure.
        let common =
          [
            "--headless", "--disable-gpu", "--no-first-run", "--hide-scrollbars",
            "--user-data-dir=\(task.folder)/profile",
          ] + (geteuid() == 0 ? ["--no-sandbox"] : [])
        let output =
          task.format == .pdf
          ? ["--no-pdf-header-footer", "--print-to-pdf=\(task.target)"]
          : [
            "--window-size=\(Int(task.width.rounded(.up))),\(Int(task.height.rounded(.up)))",
            "--force-device-scale-factor=\(task.scale)", "--screenshot=\(task.target)",
          ]
        return common + output + [URL(fileURLWithPath: task.source).absoluteString]
      }, readsHTML: true),
  ]

  /// What to install where there is none.
  static let advice = "install librsvg (Debian: `apt-get install librsvg2-bin`) or Inkscape"

  let program: Program
  /// Where its executable is.
  let path: String

  /// The best one that is installed.
  ///
  /// - Parameter environment: its PATH is searched.
  /// - Throws: ``Failure`` that says what to install.
  init(for format: FigureFormat, environment: [String: String] = ProcessInfo.processInfo.environment) throws {
    let folders = (environment["PATH"] ?? "").split(separator: ":").map(String.init)
    for program in Self.programs where program.formats.contains(format) {
      for name in program.names {
        let paths = folders.map { $0 + "/" + name }
        guard let path = paths.first(where: isProgram) else { continue }
        self.program = program
        self.path = path
        return
      }
    }
    throw Failure(
      .unavailable,
      "\(format.rawValue) is made by a converter, and none is installed (looked for "
        + Self.programs.filter { $0.formats.contains(format) }.compactMap(\.names.first).joined(
          separator: ", ")
        + "); \(Self.advice), or leave --format out for SVG")
  }

  /// Converts a figure.
  ///
  /// - Parameters:
  ///   - figure: any.
  ///   - scale: pixels for each unit, of PNG.
  /// - Returns: the content of the file.
  /// - Throws: ``Failure`` with what the program said.
  func convert(_ figure: FigureDocument, to format: FigureFormat, scale: Double) throws -> Data {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent(
      "gammaplane-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: folder) }
    let source = folder.appendingPathComponent(program.readsHTML ? "figure.html" : "figure.svg")
    let task = Task(
      format: format, width: figure.width, height: figure.height, scale: scale, source: source.path,
      target: folder.appendingPathComponent("figure.\(format.rawValue)").path, folder: folder.path)
    let text = program.readsHTML ? Self.page(around: figure.inlineSVG, task) : figure.svg
    do {
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
      try Data(text.utf8).write(to: source)
    } catch {
      throw Failure(
        .inputOutput, "\(folder.path) cannot be written (\(error.localizedDescription)); make room for it")
    }
    let (hasSucceeded, said) = try run(program.arguments(task), in: folder)
    guard hasSucceeded, let data = FileManager.default.contents(atPath: task.target), !data.isEmpty else {
      throw Failure(
        .unavailable,
        "\(path) made no \(format.rawValue) of the figure"
          + (said.isEmpty ? "" : "; it said: \(said.suffix(300))")
          + "\n\(Self.advice), or leave --format out for SVG")
    }
    return data
  }

  /// A program that takes longer, in seconds, hangs.
  private static let timeout = 120.0

  /// Runs the program to its end: whether it says that it succeeded, and what else it said.
  private func run(_ arguments: [String], in folder: URL) throws -> (hasSucceeded: Bool, said: String) {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: path)
    process.arguments = arguments
    process.currentDirectoryURL = folder
    // The same figure is the same file: no date is written.
    process.environment = ProcessInfo.processInfo.environment
      .merging(["SOURCE_DATE_EPOCH": "0"]) { own, _ in own }
    let log = folder.appendingPathComponent("log")
    guard FileManager.default.createFile(atPath: log.path, contents: nil),
      let output = FileHandle(forWritingAtPath: log.path)
    else { throw Failure(.inputOutput, "\(log.path) cannot be written; make room for it") }
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = output
    process.standardError = output
    let end = DispatchSemaphore(value: 0)
    process.terminationHandler = { _ in end.signal() }
    do {
      try process.run()
    } catch {
      throw Failure(
        .unavailable, "\(path) cannot be started (\(error.localizedDescription)); \(Self.advice)")
    }
    guard end.wait(timeout: .now() + Self.timeout) == .success else {
      kill(process.processIdentifier, SIGKILL)
      throw Failure(
        .unavailable, "\(path) has not ended after \(Int(Self.timeout)) seconds; \(Self.advice)")
    }
    try? output.close()
    let said =
      FileManager.default.contents(atPath: log.path).map { String(decoding: $0, as: UTF8.self) } ?? ""
    return (process.terminationStatus == 0, said.split(whereSeparator: \.isNewline).joined(separator: " "))
  }

  /// A page that is as large as the figure.
  private static func page(around svg: String, _ task: Task) -> String {
    """
    <!DOCTYPE html><meta charset="utf-8"><style>@page { size: \(task.width)px \(task.height)px; margin: 0 }
    html, body { margin: 0; width: \(task.width)px; height: \(task.height)px; overflow: hidden }
    svg { display: block }</style>\(svg)
    """
  }
}
