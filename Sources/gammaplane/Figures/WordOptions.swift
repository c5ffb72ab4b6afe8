import ArgumentParser
import Figures

/// Words of a figure that a user sets, units included.
struct WordOptions: ParsableArguments {
  @Option(help: "What to write along the abscissa; '' is nothing. Greek letters become symbols.")
  var xTitle: String?

  @Option(help: "What to write along the ordinate.")
  var yTitle: String?

  @Option(help: "What to write beside the colour bar.")
  var colourTitle: String?

  @Option(help: "What to write at the lower end of the colour bar.")
  var lowName: String?

  @Option(help: "What to write at the upper end of the colour bar.")
  var highName: String?

  /// The names of all.
  static let names: Set = ["--x-title", "--y-title", "--colour-title", "--low-name", "--high-name"]

  /// The names of the options that were given.
  var given: [String] {
    [
      ("--x-title", xTitle), ("--y-title", yTitle), ("--colour-title", colourTitle), ("--low-name", lowName),
      ("--high-name", highName),
    ].compactMap { $0.1 == nil ? nil : $0.0 }
  }

  /// The words.
  var words: FigureWords {
    var words = FigureWords()
    words.abscissa = xTitle
    words.ordinate = yTitle
    words.colours = colourTitle
    words.low = lowName
    words.high = highName
    return words
  }
}
