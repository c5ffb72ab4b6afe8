import Foundation
import Testing

/// `gammaplane flow`: one run in the foreground.
struct FlowCommandTests {
  private let initial = "a,w,b\n1.0,0.5,0.2\n-0.7,-1.0,0.4\n0.3,0.8,-0.6\n0.9,-0.2,1.1\n"
  private let samples = "x,y\n-1.0,0.2\n0.5,0.6\n"

  private func object(_ output: String) throws -> [String: Any] {
    try #require(JSONSerialization.jsonObject(with: Data(output.utf8)) as? [String: Any])
  }

  @Test func jsonSaysEverythingThatIsPromised() async throws {
    let ended = try await Workbench().run(
      "flow", "--gamma", "1.75", "--gamma-prime", "-0.5", "--width", "200", "--seed", "3", "--json")
    #expect(ended.status == 0)
    let object = try object(ended.output)
    #expect(object["gamma"] as? Double == 1.75)
    #expect(object["gamma_prime"] as? Double == -0.5)
    #expect(object["width"] as? Int == 200)
    #expect(object["seed"] as? Int == 3)
    #expect(object["outcome"] as? String == "converged")
    let rd = try #require(object["rd"] as? Double)
    let supRD = try #require(object["sup_rd"] as? Double)
    #expect(rd > 1 && supRD >= rd)
    let residual = try #require(object["mean_squared_residual"] as? Double)
    #expect(abs(residual / 1e-6 - 1) < 1e-6)
    for key in ["time", "steps", "wall_seconds", "initial_seconds"] {
      #expect((object[key] as? Double ?? -1) > 0, "\(key)")
    }
  }

  @Test func filesAndTargetAreUsed() async throws {
    let bench = try Workbench()
    try bench.file("initial.csv", initial)
    try bench.file("samples.csv", samples)
    let ended = try await bench.run(
      "flow", "--gamma", "0.5", "--gamma-prime", "0", "--samples", "samples.csv", "--initial", "initial.csv",
      "--target", "1e-3", "--json")
    #expect(ended.status == 0)
    let object = try object(ended.output)
    #expect(object["width"] as? Int == 4)
    let residual = try #require(object["mean_squared_residual"] as? Double)
    #expect(abs(residual / 1e-3 - 1) < 1e-6)
  }

  @Test func withoutJSONATableIsPrinted() async throws {
    let ended = try await Workbench().run("flow", "--gamma", "1", "--gamma-prime", "0", "--width", "100")
    #expect(ended.status == 0)
    let lines = ended.output.split(separator: "\n")
    #expect(lines.first?.contains("mean sq. residual") == true)
    #expect(lines.count > 4)
    #expect(lines.dropLast().last == "converged: mean squared residual at the target")
  }

  @Test func aWidthThatDoesNotFitTheFileIsRefused() async throws {
    let bench = try Workbench()
    try bench.file("initial.csv", initial)
    let ended = try await bench.run(
      "flow", "--gamma", "1", "--gamma-prime", "0", "--width", "5", "--initial", "initial.csv")
    #expect(ended.status == 64)
    #expect(
      ended.errors.contains("--width is 5, but initial.csv holds 4 neurons; leave --width out"))
  }

  @Test func aWrongFileIsNamedWithItsLine() async throws {
    let bench = try Workbench()
    try bench.file("initial.csv", "a,w,b\n1,2\n")
    let ended = try await bench.run("flow", "--gamma", "1", "--gamma-prime", "0", "--initial", "initial.csv")
    #expect(ended.status == 65)
    #expect(
      ended.errors.contains(
        "the initial values initial.csv cannot be used: line 2: expected three finite numbers a,w,b, found “1,2”"
      ))
  }
}
