import ArgumentParser
import GridFile
import Orchestration

/// `gammaplane schema`.
struct SchemaCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "schema",
    abstract: "Print the JSON schema of grid files.",
    discussion: """
      An editor that knows it completes and explains the keys of a grid file and marks what is wrong. \
      docs/grid-files.md says how to name it in a file.

      \(ExitStatus.help)
      """)

  func run() throws { try Console.print(json: GridSchema().json) }
}
