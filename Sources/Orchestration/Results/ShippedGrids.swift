import Foundation
import Platform

/// The grids that come with an installed program and are run by name: `run quickstart`. They are in
/// `share/gammaplane/grids`, beside the folder of the program.
package struct ShippedGrids {
  private let folder: String

  /// The grids of an installation.
  ///
  /// - Parameter program: the path of its program, such as /usr/local/bin/gammaplane.
  package init(of program: String) {
    let prefix = URL(fileURLWithPath: program).deletingLastPathComponent().deletingLastPathComponent()
    folder = prefix.appendingPathComponent("share/gammaplane/grids").path
  }

  /// Those of this program.
  package static var own: ShippedGrids { ShippedGrids(of: ownProgram().path) }

  /// Their names, sorted; none where the program was not installed.
  package var names: [String] {
    listFolder(folder).filter { $0.hasSuffix(".yaml") }.map { String($0.dropLast(5)) }.sorted()
  }

  /// The file of a grid.
  ///
  /// - Parameter name: `quickstart`; a path names none of these.
  /// - Returns: nil if there is none of that name.
  package func path(of name: String) -> String? {
    guard !name.contains("/") else { return nil }
    let path = "\(folder)/\(name).yaml"
    return isFile(path) ? path : nil
  }
}
