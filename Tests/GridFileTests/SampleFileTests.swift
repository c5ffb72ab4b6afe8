import Foundation
import Model
import Testing

@testable import GridFile

/// Samples from CSV files.
struct SampleFileTests {
  private func samples(_ text: String) throws(GridError) -> SampleSet {
    try SampleFile(text: text, file: "data.csv").samples()
  }

  @Test(arguments: [
    "x,y\n-1,0.5\n1,2e-1\n", "y,x\n0.5,-1\n0.2,1", "# data\r\n\r\n\"x\" , \"y\"\r\n -1 , 0.5\r\n1,.2\r\n",
    "x1,y\n-1,\"0.5\"\n\n1,0.2\n", "\u{FEFF}\"x\",y\r\n\"-1\",\"0.5\"\r\n1,0.2",
  ])
  func forms(text: String) throws {
    #expect(try samples(text) == SampleSet(x: [-1, 1], y: [0.5, 0.2]))
  }

  @Test func columnsOfHigherDimensionAreOrderedByNumber() throws {
    #expect(try samples("x2,y,x1\n2,0,1\n4,1,3\n") == SampleSet(x: [[1, 2], [3, 4]], y: [0, 1]))
  }

  @Test(arguments: [
    ("", "1:1", "there are no samples"),
    ("x,y\n", "1:1", "there are no samples"),
    ("x\n1\n", "1:1", "the header must name the columns x (or x1, x2, …) and y, and y is missing"),
    ("y\n1\n", "1:1", "the header must name the columns x (or x1, x2, …) and y, and x is missing"),
    ("x,t\n", "1:3", "unknown column \"t\"; the header must name the columns x (or x1, x2, …) and y"),
    ("1,2\n", "1:1", "unknown column \"1\"; the header must name the columns x (or x1, x2, …) and y"),
    ("x,y,x1\n", "1:5", "the column x1 is there twice"),
    ("x1,x3,y\n", "1:1", "the column x2 is missing"),
    ("x;y\n1;2\n", "1:1", "the header must name the columns x (or x1, x2, …) and y, separated by commas"),
    ("x,y\n1\n", "2:1", "the line has 1 fields, the header has 2"),
    ("x,y\n1,2,3\n", "2:5", "the line has 3 fields, the header has 2"),
    ("x,y\n1, two\n", "2:4", "expected a finite number, found two"),
    ("x,y\n\"1,5\",2\n", "2:1", "expected a finite number, found 1,5"),
    (
      "x,\"y\n\"\n1,2\n", "1:3",
      "unknown column \"y \"; the header must name the columns x (or x1, x2, …) and y"
    ),
    ("x,y\n\"1\",\"2\n3,4\n", "2:5", "the quotation mark is not closed"),
    ("x,y\n\"1\"2,3\n", "2:4", "text follows the closing quotation mark"),
    ("x,y\n1,5,2,5\n", "2:5", "the line has 4 fields, the header has 2"),
    ("x,y\n1,\n", "2:3", "expected a finite number, found nothing"),
    ("x,y\nnan,1\n", "2:1", "expected a finite number, found nan"),
    ("x,y\n1,1e999\n", "2:3", "expected a finite number, found 1e999"),
    (
      "y,x\n1,5\n# c\n2,5.0\n", "4:3",
      "samples 1 and 2 have the same x and different y, so that no function passes through both; remove one or "
        + "average them"
    ),
  ])
  func errors(text: String, place: String, message: String) {
    let error = #expect(throws: GridError.self) { try samples(text) }
    #expect(error?.description.hasPrefix("data.csv:\(place): error: \(message)\n") == true)
  }

  /// What spreadsheets of many countries export.
  @Test(arguments: ["x,y\n\"1,5\",2\n", "x,y\n1,5,2,5\n"])
  func decimalCommasAreNamed(text: String) {
    let error = #expect(throws: GridError.self) { try samples(text) }
    #expect(error?.issues.first?.hint.contains("decimal point") == true)
  }

  @Test func pathsAreRelativeToTheGrid() throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "grid-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let grid = DemoGrid(samples: "{ file: data.csv }")
    let path = folder.appending(path: "g.yaml").path()
    try grid.text.write(toFile: path, atomically: true, encoding: .utf8)

    let missing = #expect(throws: GridError.self) { try GridFile.load(path: path) }
    #expect(
      missing?.description == """
        \(path):8:18: error: \(folder.path())/data.csv: there is no such file
        samples: { file: data.csv }
                         ^
        hint: check the path; paths are relative to the folder of the grid file
        """)

    let data = folder.appending(path: "data.csv")
    try "x,y\n1,2\n".write(to: data, atomically: true, encoding: .utf8)
    #expect(try GridFile.load(path: path).problem.samples == SampleSet(x: [1], y: [2]))

    try "x,y\n1,b\n".write(to: data, atomically: true, encoding: .utf8)
    let bad = #expect(throws: GridError.self) { try GridFile.load(path: path) }
    #expect(
      bad?.description == """
        \(folder.path())/data.csv:2:3: error: expected a finite number, found b
        1,b
          ^
        hint: write it like 0.5 or 1e-3
        """)
  }
}
