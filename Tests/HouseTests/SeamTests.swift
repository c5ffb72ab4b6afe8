import Foundation
import ProjectFiles
import Testing

/// Only a network family, and a theory, know what names and numbers mean.
struct SeamTests {
  private static let owners = ["Sources/Networks/", "Sources/Theories/"]

  @Test(arguments: ["gamma_prime", "gammaPrime", "sup_rd", "supRD"])
  func namesOfOneFamilyStayInIt(name: String) throws {
    let files = try Repository.files(in: ["Sources"], endings: [".swift", ".c", ".h", ".js", ".css"])
    #expect(files.keys.contains { $0.hasPrefix("Sources/Networks/") }, "the sources are where they are read")
    let guilty = files.filter { path, text in
      !Self.owners.contains(where: path.hasPrefix) && text.contains(name)
    }.keys.sorted()
    #expect(guilty == [])
  }

  /// A stranger finds the list of families where the architecture says it is.
  @Test func aFamilyIsOneLineInTheList() throws {
    let text = try String(
      contentsOfFile: Repository.path + "/Sources/Networks/NetworkFamilies.swift", encoding: .utf8)
    #expect(text.contains("TwoLayerReLULine()"))
  }

  /// Libraries know those below them, and no other: the arrows of ARCHITECTURE.md.
  @Test func schedulingKnowsNoNetworkAndNoTheory() throws {
    for (folder, strangers) in [
      ("Sources/Scheduling", ["Networks", "Theories", "LimitFit", "ResultStore"]),
      ("Sources/Model", ["Networks", "Theories", "Foundation"]),
      ("Sources/LimitFit", ["Networks", "Theories", "ResultStore"]),
      ("Sources/Figures", ["Networks", "ResultStore"]), ("Sources/Report", ["Networks", "ResultStore"]),
      ("Sources/ResultStore", ["Networks", "Theories"]),
    ] {
      let files = try Repository.files(in: [folder], endings: [".swift"])
      #expect(!files.isEmpty)
      for (path, text) in files {
        for stranger in strangers {
          #expect(!text.contains("import \(stranger)\n"), "\(path) imports \(stranger)")
        }
      }
    }
  }

  @Test func theOldNameIsGone() throws {
    let files = try Repository.files(
      in: ["Sources", "Tests", "docs", "grids", "Examples", "Benchmarks", "scripts"],
      endings: [".swift", ".md", ".yaml", ".py", ".sh", ".c", ".h", ".svg"])
    let guilty = files.filter { $0.value.lowercased().contains(Words.oldName) }.keys.sorted()
    #expect(guilty == [])
  }
}
