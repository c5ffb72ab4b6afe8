import Foundation
import GridFile
import LimitFit
import Model
import ResultStore
import Testing

@testable import gammaplane

/// `export`: tables that other programs read.
@Suite struct ExportTests {
  let bench: Workbench

  init() throws { bench = try Workbench() }

  /// The fields of a CSV text, by RFC 4180.
  private func parsed(_ text: String) -> [[String]] {
    var rows: [[String]] = [[""]]
    var isQuoted = false
    let scalars = Array(text.unicodeScalars)
    var i = 0
    func addToField(_ scalar: Unicode.Scalar) {
      rows[rows.count - 1][rows[rows.count - 1].count - 1].unicodeScalars.append(scalar)
    }
    while i < scalars.count {
      switch scalars[i] {
      case "\"" where isQuoted && i + 1 < scalars.count && scalars[i + 1] == "\"":
        addToField("\"")
        i += 1
      case "\"": isQuoted.toggle()
      case "," where !isQuoted: rows[rows.count - 1].append("")
      case "\n" where !isQuoted: rows.append([""])
      default: addToField(scalars[i])
      }
      i += 1
    }
    #expect(!isQuoted && rows.last == [""], "the last line ends")
    return rows.dropLast()
  }

  /// A value of JSON, read with all its digits.
  private enum Value: Decodable, Equatable {
    case null
    case number(Double)
    case text(String)

    init(from decoder: any Decoder) throws {
      let container = try decoder.singleValueContainer()
      if container.decodeNil() {
        self = .null
      } else if let number = try? container.decode(Double.self) {
        self = .number(number)
      } else {
        self = .text(try container.decode(String.self))
      }
    }

    init(_ value: StoredValue) {
      switch value {
      case .null: self = .null
      case .integer(let number): self = .number(Double(number))
      case .unsigned(let number): self = .number(Double(number))
      case .number(let number): self = number.isFinite ? .number(number) : .null
      case .text(let text): self = .text(text)
      }
    }
  }

  private func objects(_ text: String) throws -> [[String: Value]] {
    try text.split(separator: "\n").map {
      try JSONDecoder().decode([String: Value].self, from: Data($0.utf8))
    }
  }

  /// Whatever is in the fields, it is read back, and nothing else.
  @Test func textsAndNumbersComeBack() throws {
    let seed = UInt64.random(in: 0...UInt64.max)
    print("textsAndNumbersComeBack: seed \(seed)")
    var random = seed
    func next() -> UInt64 {
      random = random &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return random >> 11 ^ random << 7
    }
    let letters = ["a", "\"", ",", "\n", "\r", "\\", "\t", "\u{1}", "é", "👩‍🔬", " ", "'", "\u{2028}", ";"]
    let columns = ["a", "b,\"c\"", "d\\"]
    for _ in 0..<200 {
      let rows: [[StoredValue]] = (0..<Int(next() % 5)).map { _ in
        columns.map { _ in
          switch next() % 5 {
          case 0: return .null
          case 1: return .integer(Int64(bitPattern: next()))
          case 2: return .unsigned(next())
          case 3: return .number(Double(bitPattern: next()))
          default: return .text((0..<Int(next() % 6)).map { _ in letters[Int(next() % 14)] }.joined())
          }
        }
      }
      var csv = TableText(.csv, columns: columns)
      var json = TableText(.jsonl, columns: columns)
      for row in rows {
        csv.add(row)
        json.add(row)
      }
      let table = parsed(String(decoding: csv.take(), as: UTF8.self))
      #expect(table.first == columns && table.count == rows.count + 1, "seed \(seed)")
      for (row, fields) in zip(rows, table.dropFirst()) {
        for (value, field) in zip(row, fields) {
          switch value {
          case .null: #expect(field.isEmpty, "seed \(seed)")
          case .integer(let number): #expect(Int64(field) == number, "seed \(seed)")
          case .unsigned(let number): #expect(UInt64(field) == number, "seed \(seed)")
          case .number(let number): #expect(Double(field) == number || number.isNaN, "seed \(seed)")
          case .text(let text): #expect(field == text, "seed \(seed)")
          }
        }
      }
      let lines = try objects(String(decoding: json.take(), as: UTF8.self))
      #expect(lines.count == rows.count, "seed \(seed)")
      for (row, object) in zip(rows, lines) {
        #expect(Set(object.keys) == Set(columns), "seed \(seed)")
        for (value, column) in zip(row, columns) { #expect(object[column] == Value(value), "seed \(seed)") }
      }
      #expect(csv.take().isEmpty, "what was taken is gone")
    }
  }

  /// Three runs with results, one of them failed since, one failed, the rest pending.
  private func record() throws -> (Sweep, [Run]) {
    let sweep = try GridFile.load(path: bench.path(bench.grid()))
    let path = bench.path("results/tiny/\(ResultStore.fileName)")
    let store = try ResultStore.open(at: path)
    try store.register(sweep)
    let runs = Array(RunSet(sweep))
    let problem = sweep.problem.digest
    let provenance = SharedProvenance(
      Provenance(
        program: "gammaplane 9.9", commit: "c0ffee", worker: "w, 1",
        description: FamilyDescription(title: "w", methods: [sweep.problem.method]),
        command: ["w", "two words"], host: "here"))
    func record(_ index: Int, _ outcome: Outcome) -> RunRecord {
      RunRecord(
        run: runs[index], problem: problem,
        result: RunResult(
          outcome: outcome, reason: "because, as \"ever\"",
          quantities: ["rd": 0.1, "sup_rd": 1.0 / 3, "loss": 1e-7], steps: 7, wallSeconds: 0.25,
          initialSeconds: 0.125),
        budget: sweep.budget, record: ["trajectory"], provenance: provenance,
        finishedAt: Date(timeIntervalSince1970: 86_400))
    }
    func failure(_ index: Int) -> FailureRecord {
      FailureRecord(
        identity: runs[index].identity(of: problem), run: runs[index], problem: problem, attempts: 3,
        cause: "memory", reason: "killed\nby signal 9", detail: "", stderrTail: "oh dear")
    }
    try store.record([record(2, .budgetExhausted), record(1, .stationary), record(0, .converged)])
    try store.record([], failures: [failure(2), failure(4)])
    try store.close()
    return (sweep, runs)
  }

  @Test func everyRunIsExportedWhateverBecameOfIt() async throws {
    let (sweep, runs) = try record()
    let csv = try await bench.run("export", "runs")
    #expect(csv.status == 0 && csv.errors.isEmpty, "\(csv.errors)")
    let table = parsed(csv.output)
    #expect(
      table.first?.joined(separator: " ")
        == "run gamma gamma_prime width seed state loss rd sup_rd steps wall_seconds initial_seconds "
        + "budget_steps budget_wall_seconds budget_time attempts cause reason detail record program commit "
        + "worker command host finished_at"
    )
    let states =
      ["converged", "stationary", "failed", "pending", "failed"] + Array(repeating: "pending", count: 7)
    #expect(table.dropFirst().map { $0[5] } == states)
    for (row, run) in zip(table.dropFirst(), runs) {
      #expect(row[0] == run.identity(of: sweep.problem.digest).description)
      #expect(
        row[1...4].joined(separator: " ")
          == "\(run.setting["gamma"] ?? .nan) \(run.setting["gamma_prime"] ?? .nan) "
          + "\(formattedNumber(run.width)) \(run.seed)")
      #expect(row[5] != "pending" || row[6...].allSatisfy(\.isEmpty))
    }
    #expect(
      table[1][6...] == [
        "1e-07", "0.1", "0.3333333333333333", "7", "0.25", "0.125", "100000", "600.0", "", "1", "",
        "because, as \"ever\"", "", "trajectory", "gammaplane 9.9", "c0ffee", "w, 1",
        "w two words", "here",
        "1970-01-02T00:00:00Z",
      ])
    #expect(
      table[3][8] == "0.3333333333333333" && table[3][15...17] == ["3", "memory", "killed\nby signal 9"])
    #expect(table[5][8].isEmpty && table[5][15...17] == ["3", "memory", "killed\nby signal 9"])

    let lines = try objects(try await bench.run("export", "runs", "tiny.yaml", "--format", "jsonl").output)
    #expect(lines.map { $0["state"] } == states.map { .text($0) })
    #expect(lines.allSatisfy { $0.count == table[0].count })
    #expect(lines[4]["reason"] == .text("killed\nby signal 9") && lines[4]["sup_rd"] == .null)
    #expect(lines[0]["sup_rd"] == .number(1.0 / 3))
  }

  @Test func thePhaseMapIsExportedWithAllItsColumns() async throws {
    try bench.grid()
    #expect(try await bench.run("run", "tiny.yaml").status == 0)
    let ended = try await bench.run("export", "phase-map", "tiny")
    #expect(ended.status == 0 && ended.errors.isEmpty, "\(ended.errors)")
    let table = parsed(ended.output)
    let store = try ResultStore.read(at: bench.path("results/tiny/\(ResultStore.fileName)"))
    let map = try #require(try store.phaseMap(of: store.sweep(named: "tiny")))
    #expect(table.first == map.columns)
    #expect(table.first?.prefix(3) == ["gamma", "gamma_prime", "order_parameter"])
    #expect(table.count == map.points.count + 1)
    let slope = try #require(table.first?.firstIndex(of: "slope"))
    let trend = try #require(table.first?.firstIndex(of: "trend"))
    for (row, fit) in zip(table.dropFirst(), map.points) {
      #expect(Double(row[0]) == fit.setting["gamma"] && Double(row[1]) == fit.setting["gamma_prime"])
      #expect(Double(row[slope]) == fit.slope?.value && row[trend] == fit.trend.rawValue)
    }
    let lines = try objects(try await bench.run("export", "phase-map", "--format", "jsonl").output)
    #expect(lines.map { $0["slope"] } == map.points.map { $0.slope.map { .number($0.value) } })

    // Of another quantity, which is fitted to the recorded runs; nothing is stored.
    let other = parsed(try await bench.run("export", "phase-map", "--quantity", "time").output)
    #expect(other.dropFirst().allSatisfy { $0[2] == "time" } && other.count == table.count)
    #expect(other.dropFirst().map { $0[slope] } != table.dropFirst().map { $0[slope] })
    #expect(try await bench.run("export", "phase-map").output == ended.output)

    // With more runs in the grid it is the map of what is there.
    try bench.grid(widths: [50, 100, 150, 200])
    let provisional = try await bench.run("export", "phase-map", "tiny.yaml")
    #expect(provisional.status == 0 && provisional.errors == "tiny: provisional, 4 runs pending\n")
    #expect(parsed(provisional.output).map { $0[slope] } == table.map { $0[slope] })
  }

  @Test func aFileIsWrittenWholeOrNotAtAll() async throws {
    _ = try record()
    let output = try await bench.run("export", "runs").output
    try bench.file("out.csv", "precious\n")
    #expect(try await bench.run("export", "phase-map", "nothing", "--output", "out.csv").status == 66)
    #expect(try String(contentsOfFile: bench.path("out.csv"), encoding: .utf8) == "precious\n")
    let ended = try await bench.run("export", "runs", "--output", "out.csv")
    #expect(ended.status == 0 && ended.output.isEmpty && ended.errors.isEmpty, "\(ended.errors)")
    #expect(try String(contentsOfFile: bench.path("out.csv"), encoding: .utf8) == output)
    #expect(try await bench.run("export", "runs", "--output", "/dev/null").status == 0)
    let link = bench.path("link.csv")
    try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: "out.csv")
    try bench.file("out.csv", "")
    #expect(try await bench.run("export", "runs", "-o", "link.csv").status == 0)
    #expect(try FileManager.default.destinationOfSymbolicLink(atPath: link) == "out.csv")
    #expect(try String(contentsOfFile: bench.path("out.csv"), encoding: .utf8) == output)
    let full = try await bench.run("export", "runs", "--output", "/dev/full")
    #expect(full.status == 74 && full.errors.contains("/dev/full cannot be written"), "\(full.errors)")
    #expect(try await bench.run("export", "runs", "--output", ".").status == 64)
    #expect(try await bench.run("export", "runs", "--output", "none/out.csv").status == 73)
    #expect(try await bench.run("export", "runs", "nothing").status == 66)
    #expect(try await bench.run("export", "walks").status == 64)
    #expect(try await bench.run("export", "runs", "--format", "xls").status == 64)
    let lens = try await bench.run("export", "runs", "--quantity", "rd")
    #expect(lens.status == 64 && lens.errors.contains("--quantity means nothing to runs"), "\(lens.errors)")
    let left = try FileManager.default.contentsOfDirectory(atPath: bench.url.path)
    #expect(!left.contains { $0.contains("part") }, "\(left)")
  }
}
