import ArgumentParser
import Figures
import Foundation
import Orchestration
import Platform

/// How figures look and where they go.
struct FigureOutputOptions: ParsableArguments {
  @Option(help: "The colours: light or dark.")
  var theme = ThemeName.light

  @Option(help: "svg, png or pdf (default: by the name of --output, else svg).")
  var format: FigureFormat?

  @Option(help: "Pixels of PNG for each unit of the figure, from 0.1 to 10.")
  var scale = 2.0

  @Option(
    name: .shortAndLong,
    help: "The file to write (default: in the folder of the sweep); - is standard output.",
    completion: .file())
  var output: String?

  @Option(help: "The heading (default: one that names the sweep).")
  var title: String?

  func validate() throws {
    guard (0.1...10).contains(scale) else {
      throw ValidationError("--scale is \(scale); give a number from 0.1 to 10.")
    }
    if let output, let wanted = FigureFormat(ofFile: output), let format, wanted != format {
      throw ValidationError(
        "--output names a \(wanted.rawValue) file and --format is \(format.rawValue); leave out --format, or "
          + "change the name.")
    }
    // What is named as a picture of another kind would be no such picture.
    if let output, format == nil, FigureFormat(ofFile: output) == nil,
      case let ending = URL(fileURLWithPath: output).pathExtension, output != "-", !ending.isEmpty
    {
      throw ValidationError(
        "--output names a \(ending) file; give a name in .svg, .png or .pdf, or name the format with --format."
      )
    }
  }

  /// The format that is meant.
  var chosenFormat: FigureFormat { format ?? output.flatMap { FigureFormat(ofFile: $0) } ?? .svg }
}

/// The themes that `--theme` takes.
enum ThemeName: String, ExpressibleByArgument, CaseIterable {
  case light, dark

  var theme: Theme {
    switch self {
    case .light: .light
    case .dark: .dark
    }
  }
}

/// Writes a file of the folder of a sweep, unless it holds the same already.
///
/// - Parameters:
///   - remedy: the command that writes it again.
/// - Returns: whether the file changed.
/// - Throws: ``Failure``.
@discardableResult
func writeFigure(_ bytes: Data, to path: String, remedy: String, beforeWriting: () -> Void = {}) throws
  -> Bool
{
  guard FileManager.default.contents(atPath: path) != bytes else { return false }
  guard !isFolder(path) else {
    throw Failure(
      .cannotOpen, "\(path) cannot be written, as it is a folder; move it away, then run \(remedy)")
  }
  beforeWriting()
  do {
    // Under another name first: no reader sees half a figure.
    try bytes.write(to: URL(fileURLWithPath: path), options: .atomic)
  } catch {
    throw Failure(
      .cannotOpen,
      "\(path) cannot be written (\(error.localizedDescription)); check the folder's permissions "
        + "and the space on the disk, then run \(remedy)")
  }
  return true
}
