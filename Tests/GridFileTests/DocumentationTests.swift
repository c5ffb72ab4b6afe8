import Foundation
import Testing

@testable import Grid

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

  @Test func everyFormOfSamplesIsValid() throws {
    let samples = blocks.filter { $0.hasPrefix("samples:") }
    #expect(samples.count == 3)
    for block in samples {
      var grid = GridText()
      grid.samples = String(block.trimmingPrefix("samples: "))
      do {
        _ = try grid.sweep()
      } catch {
        // The file does not exist here; everything else has to be right.
        #expect(error.issues.map(\.kind) == [.file], "\(error)")
      }
    }
  }

  @Test func everyFormOfKeepIsValid() throws {
    let forms = blocks.filter { $0.hasPrefix("keep:") }
    #expect(forms.count == 2)
    for form in forms {
      var grid = GridText()
      grid.gamma = "[0.5, 1, 1.75]"
      grid.width = "10000"
      grid.rest = form
      #expect(try !grid.sweep().keep.isEmpty)
    }
  }

  @Test func theFormOfAlsoIsValid() throws {
    let form = try #require(blocks.first { $0.hasPrefix("also:") })
    var grid = GridText()
    grid.rest = form
    #expect(try grid.sweep().also.count == 3)
  }

  @Test func everyClassOfErrorIsThere() {
    for kind in GridError.Kind.allCases { #expect(text.contains("| `\(kind.rawValue)` |")) }
  }

  @Test func everyKeyIsThere() {
    for section in Section.allCases {
      for key in section.keys { #expect(text.contains(key), "\(key)") }
    }
  }
}
