import Figures
import Foundation
import LimitFit
import Model
import Testing

/// The quickstart sweep, without limits, as method impulse/4 ran and the present rules fit it, to
/// the last digit, and its figure.
struct FrozenTests {
  private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().appendingPathComponent("CommandTests/Frozen")

  private static let map: PhaseMap? = try? {
    let runs = try Table(folder.appendingPathComponent("quickstart-runs.csv"))
    let observations = try runs.rows.map { row in
      let run = Run(
        try row.setting, width: try row.number("width"), seed: UInt64(try row.number("seed")))
      return Observation(
        run: run,
        state: .finished(try #require(Outcome(rawValue: row["outcome"])), value: try row.number("sup_rd")))
    }
    return PhaseMap.fit(
      observations: observations, orderParameter: "sup_rd", plane: SampleContext.luo.plane,
      theory: SampleContext.theory)
  }()

  @Test func theFitIsWhatItWas() throws {
    let map = try #require(Self.map)
    let frozen = try Table(Self.folder.appendingPathComponent("quickstart-phase-map.csv"))
    #expect(map.points.count == frozen.rows.count)
    for (fit, row) in zip(map.points, frozen.rows) {
      #expect(fit.setting == (try row.setting))
      #expect(fit.trend.rawValue == row["trend"] && fit.note == row["note"], "\(fit.setting.text)")
      #expect(fit.model?.rawValue ?? "" == row["model"], "\(fit.setting.text)")
      for (name, value) in fit.numbers {
        let expected = row[name].isEmpty ? nil : try row.number(name)
        #expect(value == expected, "\(name) at \(fit.setting.text)")
      }
    }
    // No column of the table was passed over.
    let compared = Set(try #require(map.points.first).numbers.map(\.name))
    #expect(Set(frozen.header) == compared.union(["gamma", "gamma_prime", "trend", "note", "model"]))
  }

  @Test func theFigureIsWhatItWas() throws {
    let svg = figure(try #require(Self.map), title: "Phase diagram: quickstart").svg()
    let file = Self.folder.appendingPathComponent("quickstart-map.txt")
    let structure = SVGStructure.text(of: svg)
    if ProcessInfo.processInfo.environment["GAMMAPLANE_WRITE_GOLDEN"] != nil {
      try Data(structure.utf8).write(to: file)
      return
    }
    let expected = try String(contentsOf: file, encoding: .utf8).split(separator: "\n")
    let found = structure.split(separator: "\n")
    #expect(found.count == expected.count)
    for (i, (a, b)) in zip(found, expected).enumerated() where a != b {
      Issue.record("line \(i + 1): \(a), where it was \(b)")
    }
  }
}

extension PointFit {
  /// All numbers of a fit, by the names of their columns.
  fileprivate var numbers: [(name: String, value: Double?)] {
    [
      ("exponent", exponent?.value), ("exponent_low", exponent?.low), ("exponent_high", exponent?.high),
      ("expected_exponent", expectedExponent), ("residual", residual), ("weight_power", power),
      ("weight_corrected", corrected), ("weight_constant", constant), ("limit", limit?.value),
      ("limit_low", limit?.low), ("limit_high", limit?.high), ("slope", slope?.value),
      ("slope_low", slope?.low), ("slope_high", slope?.high), ("drift", drift), ("drift_p", driftProbability),
      ("dispersion", dispersion), ("dispersion_decay", dispersionDecay), ("lack_of_fit", lackOfFit),
      ("widths", Double(widths)), ("runs_used", Double(runsUsed)), ("converged", Double(counts.converged)),
      ("stationary", Double(counts.stationary)), ("budget_exhausted", Double(counts.budgetExhausted)),
      ("failed", Double(counts.failed)), ("pending", Double(counts.pending)),
    ]
  }
}

/// A table of comma-separated values without quotes.
private struct Table {
  struct Row {
    let values: [String: String]

    subscript(name: String) -> String { values[name] ?? "" }

    func number(_ name: String) throws -> Double { try #require(Double(self[name])) }

    var setting: Setting {
      get throws { SampleContext.setting(try number("gamma"), try number("gamma_prime")) }
    }
  }

  let header: [String]
  let rows: [Row]

  init(_ file: URL) throws {
    let lines = try String(contentsOf: file, encoding: .utf8).split(separator: "\n").map {
      $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    }
    let header = try #require(lines.first)
    self.header = header
    rows = try lines.dropFirst().map { line in
      try #require(line.count == header.count)
      return Row(values: Dictionary(uniqueKeysWithValues: zip(header, line)))
    }
  }
}
