import ArgumentParser
import Foundation

/// How a figure is written.
enum FigureFormat: String, ExpressibleByArgument, CaseIterable {
  case svg, png, pdf

  /// The format that the name of a file asks for; nil if it asks for none of these.
  init?(ofFile path: String) {
    self.init(rawValue: URL(fileURLWithPath: path).pathExtension.lowercased())
  }
}
