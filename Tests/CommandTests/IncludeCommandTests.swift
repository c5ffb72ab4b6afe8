import Foundation
import Model
import ResultStore
import Testing

/// Grids that are unions of products, from the file to the phase map.
@Suite struct IncludeCommandTests {
  let bench: Workbench

  init() throws {
    bench = try Workbench()
    try bench.grid()
  }

  private func extend(_ lines: String) throws {
    let path = bench.path("tiny.yaml")
    let text = try String(contentsOfFile: path, encoding: .utf8)
    try bench.file("tiny.yaml", text + lines + "\n")
  }

  private func picture(_ folder: String = "results") -> Data? {
    FileManager.default.contents(atPath: bench.path("\(folder)/tiny/phase-map.svg"))
  }

  @Test func anExtendedGridRunsOnlyWhatIsMissing() async throws {
    #expect(try await bench.run("run", "tiny.yaml").status == 0)
    let before = try bench.results()
    try extend(
      """
      include:
        - { gamma: [0.5, 1.0], gamma_prime: [0.0, 0.25], seed: 0 }
        - { gamma: 1.75, gamma_prime: 0, width: [150, 200], seed: [1, 2] }
        - { gamma: 1.0, gamma_prime: 0.25, width: 50, seed: 0 }
      """)
    // Three new points of three widths, and at an old one a width with two seeds and a width with
    // one more.
    let plan = try await bench.run("plan", "tiny.yaml")
    #expect(plan.status == 0 && plan.output.hasPrefix("tiny: 24 runs\n"), "\(plan.output)\(plan.errors)")
    let run = try await bench.run("run", "tiny.yaml")
    #expect(run.status == 0, "\(run.errors)")
    #expect(run.errors.contains("tiny: 12 of 24 runs to do"), "\(run.errors)")
    let after = try bench.results()
    #expect(after.count == 24 && Set(after).isSuperset(of: before))

    let status = try await bench.run("status", "tiny", "--json")
    let object = try #require(
      try JSONSerialization.jsonObject(with: Data(status.output.utf8)) as? [String: Any])
    #expect(object["state"] as? String == "finished" && object["remaining_cpu_seconds"] as? Double == 0)
    #expect((object["runs"] as? [String: Any])?["converged"] as? Int == 24, "\(status.output)")
    let shown = try await bench.run("show", "1.75", "0", "--json")
    #expect(
      shown.output.components(separatedBy: "\"state\" : \"converged\"").count - 1 == 9, "\(shown.output)")
    #expect(try await bench.run("show", "1", "0.25").output.contains("150  "))
    let missed = try await bench.run("show", "1.75", "0.25")
    #expect(missed.status == 66, "only the blocks' own combinations are points")
    let again = try await bench.run("run", "tiny.yaml", worker: "/nonexistent/worker")
    #expect(again.status == 0 && again.errors == "tiny: nothing to do, 24 runs done\n")
    // The points are no rectangle; still there is a phase map.
    let svg = try #require(picture().map { String(decoding: $0, as: UTF8.self) })
    #expect(svg.contains("5 points") && svg.contains("</svg>"))
  }

  @Test func aUnionThatIsAProductGivesItsPicture() async throws {
    try extend("include: [{ gamma: 1.0, gamma_prime: 0 }, { gamma: [0.5, 1.0], gamma_prime: 0, seed: 1 }]")
    #expect(try await bench.run("run", "tiny.yaml").status == 0)
    let text = try String(contentsOfFile: bench.path(bench.grid()), encoding: .utf8)
    try bench.file("tiny.yaml", text.replacing("[0.5, 1.75]", with: "[0.5, 1.0, 1.75]"))
    #expect(try await bench.run("run", "tiny.yaml", "--results", "product").status == 0)
    #expect(try bench.results() == bench.results(in: "product"))
    // But for the digest of the grid, which is written differently, and for ids that are made from
    // it.
    func drawing(_ folder: String) throws -> String {
      String(decoding: try #require(picture(folder)), as: UTF8.self)
        .replacing(try Regex(#"(?: digest="[0-9a-f]+"|phase-map-[0-9a-f]{8})"#), with: "")
    }
    #expect(try drawing("results") == drawing("product"))
  }
}
