import Foundation
import Networks
import Testing

@testable import GridFile

/// `docs/grid-files.md`.
struct DocumentationTests {
  private let text: String

  init() throws { text = try String(contentsOfFile: "\(repository)/docs/grid-files.md", encoding: .utf8) }

  private var blocks: [String] {
    text.components(separatedBy: "```yaml\n").dropFirst().compactMap {
      $0.components(separatedBy: "```").first
    }
  }

  @Test func theWholeFileIsTheQuickstart() throws {
    let whole = try #require(blocks.first)
    #expect(try GridFile(text: whole).sweep == GridFile(text: shippedGrid("quickstart")).sweep)
  }

  /// Whole files stand as they are; of others every key is tried in a grid.
  @Test func everyExampleIsValid() throws {
    #expect(blocks.count >= 4)
    for block in blocks {
      var text = block
      if !block.hasPrefix("name:") {
        var grid = DemoGrid()
        grid.gamma = "[0.5, 1, 1.75]"
        grid.width = "10000"
        grid.rest = block
        text = grid.text
      }
      #expect(errorText(text) == "no error")
    }
  }

  /// The forms of samples stand in a table.
  @Test func everyFormOfSamplesIsValid() throws {
    let section = try #require(text.components(separatedBy: "## Samples").last)
    let forms = section.split(separator: "\n").filter { $0.hasPrefix("| `{") }.compactMap {
      $0.split(separator: "`").dropFirst().first.map(String.init)
    }
    #expect(forms.count == 6)
    for form in forms {
      do {
        _ = try DemoGrid(samples: form).sweep()
      } catch {
        // The file does not exist here; everything else has to be right.
        #expect(error.issues.map(\.kind) == [.file], "\(error)")
      }
    }
  }

  @Test func everyKeyIsThere() {
    let families = NetworkFamilies.builtIn
    for key in Section.grid.keys ?? [] {
      #expect(text.contains("`\(key)`") || text.contains("`\(key)."), "\(key)")
    }
    let sections: [Section] = [
      .stop, .limits, .slurm, .axes(families.parameters.map(\.name)),
      .network(families.all.flatMap(\.networkKeys)),
    ]
    for section in sections {
      for key in section.keys ?? [] where key != "seed" {
        #expect(text.contains("`\(section.path).\(key)`"), "\(section.path).\(key)")
      }
    }
    for key in (Section.samples.keys ?? []) + (Section.mnist.keys ?? []) + (Section.range("").keys ?? []) {
      #expect(text.contains("\(key): "), "\(key)")
    }
  }

  @Test func linesAreShort() {
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    for line in lines { #expect(line.count <= 100, "\(line)") }
  }
}
