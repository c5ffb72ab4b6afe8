import Foundation
import Model
import Testing

@testable import Grid

/// The keys that say how runs are carried out, and where their results go.
struct ExecutionTests {
  private func grid(_ rest: String) -> GridText {
    var grid = GridText()
    grid.rest = rest
    return grid
  }

  private func text(_ rest: String) -> String {
    do {
      _ = try grid(rest).sweep()
      return "no error"
    } catch {
      return error.description
    }
  }

  @Test func everyKeyArrives() throws {
    let sweep = try grid(
      """
      worker: [python3, worker.py, "--fast mode", "", 7]
      method: gradient-descent/1.0b
      database: shared_2
      limits: { memory: 4GiB, run_memory: 1GiB, silence: 1.5, grace: 3600 }
      """
    ).sweep()
    #expect(sweep.worker?.arguments == ["python3", "worker.py", "--fast mode", "", "7"])
    #expect(sweep.problem.method == "gradient-descent/1.0b")
    #expect(sweep.database == "shared_2")
    #expect(sweep.limits == Limits(memory: 4 << 30, runMemory: 1 << 30, silence: 1.5, grace: 3600))
  }

  @Test func whatIsLeftOutIsAsBefore() throws {
    let sweep = try grid("").sweep()
    #expect(sweep.worker == nil && sweep.database == nil)
    #expect(sweep.problem.method == "impulse/3")
    #expect(sweep.limits.silence == 60 && sweep.limits.grace == 10 && sweep.limits.runMemory == nil)
  }

  /// The method decides whose result it is, the others do not.
  @Test func onlyTheMethodIsPartOfTheIdentity() throws {
    let plain = try grid("").sweep().problem.digest
    #expect(try grid("method: impulse/3").sweep().problem.digest == plain)
    let others = "worker: [w]\ndatabase: d\nlimits: { run_memory: 1GB, silence: 5, grace: 5 }"
    #expect(try grid(others).sweep().problem.digest == plain)
    #expect(try grid("method: impulse/9").sweep().problem.digest != plain)
  }

  /// However the grid file was named, the folder is one that can be found from anywhere.
  @Test func theFolderIsThatOfTheGrid() throws {
    let folder = URL(filePath: FileManager.default.temporaryDirectory.path())
      .appending(path: "grid-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let path = folder.appending(path: "g.yaml").path()
    try grid("worker: [./w]").text.write(toFile: path, atomically: true, encoding: .utf8)
    let expected = folder.resolvingSymlinksInPath().path()
    let indirect = folder.appending(path: "../\(folder.lastPathComponent)/g.yaml").path()
    for path in [path, indirect] {
      #expect(try GridFile.load(path: path).worker?.folder == expected)
    }
    #expect(try grid("worker: [./w]").sweep().worker?.folder == FileManager.default.currentDirectoryPath)
  }

  /// What this version cannot do, another program perhaps can.
  @Test func anotherMethodMayDoMore() throws {
    var grid = grid("method: other/1")
    grid.network = "bias: false"
    grid.samples = "{ x: [[1, 2], [3, 4]], y: [0, 1] }"
    #expect(throws: Never.self) { try GridFile(text: grid.text).checkSupported() }
    grid.rest = ""
    let error = #expect(throws: GridError.self) { try GridFile(text: grid.text).checkSupported() }
    #expect(error?.issues.count == 2)
  }

  @Test func errorsPointAtTheFault() {
    #expect(
      text("worker: python3 worker.py") == """
        grid.yaml:9:9: error: worker must be a list of a program and its arguments, found python3 worker.py
        worker: python3 worker.py
                ^
        hint: write for example worker: [python3, worker.py]
        """)
    #expect(
      text("method: gradient descent") == """
        grid.yaml:9:9: error: method must be a name and a revision of letters, digits, '-' and '.' with a '/' \
        between, found gradient descent
        method: gradient descent
                ^
        hint: for example method: gradient-descent/1; the default is impulse/3
        """)
    #expect(
      text("database: ../elsewhere") == """
        grid.yaml:9:11: error: database must be 1 to 100 letters (a-z, A-Z), digits, '-', '_' or '.', beginning \
        with a letter, digit or '_', found ../elsewhere
        database: ../elsewhere
                  ^
        hint: the database becomes a folder in results/, for example: database: shared
        """)
    #expect(
      text("limits: { memory: 1GB, run_memory: 2GB }") == """
        grid.yaml:9:36: error: limits.run_memory is more than limits.memory, so that no run could begin
        limits: { memory: 1GB, run_memory: 2GB }
                                           ^
        hint: lower run_memory, or raise memory
        """)
  }

  @Test(arguments: [
    ("worker: []", "9:9", "worker must be a list of a program and its arguments, found an empty list"),
    ("worker: [\"\"]", "9:10", "the program of worker must be a text"),
    ("worker: [w, [x]]", "9:13", "an argument of worker must be a text, found a list"),
    ("method: a/b/c", "9:9", "method must be a name and a revision"),
    ("method: /1", "9:9", "method must be a name and a revision"),
    ("method: ü/1", "9:9", "method must be a name and a revision"),
    ("method: [a/1]", "9:9", "method must be a name and a revision"),
    ("database: [a]", "9:11", "database must be 1 to 100 letters"),
    ("database: .hidden", "9:11", "database must be 1 to 100 letters"),
    ("limits: { silence: 0.5 }", "9:20", "limits.silence must be a number of seconds, at least 1, found 0.5"),
    ("limits: { silence: .inf }", "9:20", "limits.silence must be a number of seconds, at least 1"),
    ("limits: { grace: 0 }", "9:18", "limits.grace must be a number of seconds from 1 to 3600, found 0"),
    (
      "limits: { grace: 3601 }", "9:18", "limits.grace must be a number of seconds from 1 to 3600, found 3601"
    ),
    ("limits: { run_memory: much }", "9:23", "limits.run_memory must be a number of bytes"),
    ("run_memory: 1GB", "9:1", "unknown key \"run_memory\" in the grid"),
  ])
  func everyKeyIsChecked(rest: String, place: String, message: String) {
    #expect(text(rest).hasPrefix("grid.yaml:\(place): error: \(message)"), "\(text(rest))")
  }

  @Test func whatARunMayUseReplacesTheEstimate() throws {
    var sweep = try grid("limits: { memory: 3GB, run_memory: 1GB }").sweep()
    for plan in [Plan(sweep: sweep), Plan(sweep: sweep) { _ in nil }] {
      #expect(plan.runs.allSatisfy { $0.memory == 1_000_000_000 } && !plan.runs.isEmpty)
      #expect(plan.largestMemory == 1_000_000_000)
      #expect(plan.workers(atMost: 8) == 3)
    }
    sweep.limits.memory = 999_999_999
    #expect(Plan(sweep: sweep).runs.isEmpty)
  }

  /// Definitions stand in databases: old ones are read, and what is not used leaves no trace in new ones.
  @Test func definitionsOfEarlierVersionsAreRead() throws {
    let old = """
      {"axes":{"gamma":[1],"gamma_prime":[0],"seed":[0],"width":[10]},
       "budget":{"steps":100000,"wall_seconds":600},"limits":{"attempts":3,"memory":5},"name":"a",
       "problem":{"method":"impulse/3","network":{"activation":"relu","antisymmetric":false,"bias":true},
       "samples":{"x":[[1]],"y":[2]},"target":1e-06,"tolerance":0.001}}
      """
    let sweep = try JSONDecoder().decode(Sweep.self, from: Data(old.utf8))
    #expect(sweep.limits == Limits(attempts: 3, memory: 5))
    #expect(sweep.worker == nil && sweep.database == nil)
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    let new = String(decoding: try encoder.encode(sweep), as: UTF8.self)
    for key in ["silence", "grace", "run_memory", "worker", "database"] { #expect(!new.contains(key)) }

    let full = try grid("worker: [w]\ndatabase: d\nlimits: { run_memory: 1GB, silence: 5, grace: 5 }").sweep()
    #expect(try JSONDecoder().decode(Sweep.self, from: encoder.encode(full)) == full)
  }
}
