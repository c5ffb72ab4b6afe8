import Foundation
import Model
import Testing

@testable import GridFile

/// The grids in `grids/`.
struct ShippedGridTests {
  private func load(_ name: String) throws -> Sweep {
    try GridFile.load(path: "\(repository)/grids/\(name).yaml")
  }

  @Test func quickstartSaysWhatItSays() throws {
    let eighths = { (first: Int, last: Int) in (first...last).map { Double($0) / 8 } }
    let sweep = try load("quickstart")
    let expected = Sweep(
      name: "quickstart",
      axes: Axes(
        parameters: ["gamma": eighths(4, 16), "gamma_prime": eighths(-4, 8)],
        width: [1000, 3162, 10_000, 31_623, 100_000], seed: [0, 1]),
      problem: Problem(
        method: "impulse/4",
        network: [
          "activation": .string("relu"), "bias": .boolean(true), "antisymmetric": .boolean(false),
          "law": .string("sampled"), "nodes": .number(4096),
        ],
        samples: try SampleSet(x: [-1.0, -0.3, 0.4, 1.0], y: [0.2, -0.4, 0.6, -0.1]), target: 1e-6),
      limit: true, plane: ["gamma", "gamma_prime"], budget: Budget(steps: 100_000, wallSeconds: 600),
      limits: Limits(attempts: 3, memory: 4 << 30))
    #expect(sweep == expected)
  }

  @Test func publishedWidthsAreThere() throws {
    let sweep = try load("luo2021-1d")
    #expect(sweep.axes.width == [1000, 5000, 10_000, 20_000, 40_000].map { 2 * $0 }, "with their copies")
    #expect(sweep.problem.samples?.y.map { ($0 * 36).rounded() } == [9, 1, 1, 9])
    #expect(sweep.problem.network["antisymmetric"] == .boolean(true))
    #expect(sweep.axes["gamma"].contains(1) && sweep.axes["gamma"].contains(1.75))
  }

  @Test func wideExtendsQuickstart() throws {
    let (quick, wide) = (try load("quickstart"), try load("wide"))
    #expect(wide.problem.digest == quick.problem.digest)
    let runs = Set(wide.axes.runs)
    #expect(quick.axes.runs.allSatisfy(runs.contains))
    #expect(wide.axes.width.first == 1000 && wide.axes.width.last == 1_000_000)
  }

  @Test func namesAreThoseOfTheFiles() throws {
    let files = try FileManager.default.contentsOfDirectory(atPath: "\(repository)/grids")
      .filter { $0.hasSuffix(".yaml") }
    #expect(files.count >= 8)
    for file in files {
      let name = String(file.dropLast(".yaml".count))
      do {
        #expect(try load(name).name == name)
      } catch let error as GridError where name == "luo2021-mnist" {
        // Its images are the user's to get.
        #expect(error.issues.map(\.kind) == [.file] && error.issues[0].message.contains("mnist.csv"))
      }
    }
  }

  /// The example of a worker is one that its grid can use.
  @Test func theExampleOfAWorkerOffersItsMethod() throws {
    let folder = "\(repository)/Examples/numpy-worker"
    let sweep = try GridFile.load(path: "\(folder)/grid.yaml")
    let script = try String(contentsOfFile: "\(folder)/worker.py", encoding: .utf8)
    #expect(script.contains("methods=[\"\(sweep.problem.method)\"]"))
    #expect(sweep.worker?.arguments == ["python3", "worker.py"])
    #expect(sweep.axes.width.allSatisfy { $0 <= 1000 } && sweep.axes.runCount <= 200)
  }
}
