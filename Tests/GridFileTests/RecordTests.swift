import Model
import Testing

@testable import GridFile

/// The key `record`.
struct RecordTests {
  private func grid(_ record: String) -> DemoGrid {
    DemoGrid(
      gamma: "[0.5, 1, 1.5]", width: "[1000, 2000]", seed: "{ count: 3 }", rest: "record: \(record)")
  }

  private func text(_ record: String) -> String { grid(record).error }

  @Test(
    arguments: [
      ("trajectory", [RecordRule(what: ["trajectory"])]),
      ("[function, trajectory]", [RecordRule(what: ["trajectory", "function"])]),
      ("[]", []),
      ("{ what: neurons, seed: 0 }", [RecordRule(what: ["neurons"], seed: [0])]),
      (
        "[trajectory, { what: [neurons, function], gamma: [1.5, 0.5], gamma_prime: 0, width: 2000, seed: { count: 2 } }]",
        [
          RecordRule(what: ["trajectory"]),
          RecordRule(
            what: ["neurons", "function"], parameters: ["gamma": [0.5, 1.5], "gamma_prime": [0]],
            width: [2000], seed: [0, 1]),
        ]
      ),
      (
        "[{ what: function, gamma: { from: 0.5, to: 1.5, step: 0.5 } }]",
        [RecordRule(what: ["function"], parameters: ["gamma": [0.5, 1, 1.5]])]
      ),
    ] as [(String, [RecordRule])])
  func forms(_ record: String, _ rules: [RecordRule]) throws {
    #expect(try grid(record).sweep().record == rules)
  }

  @Test func whatIsRecordedIsNotPartOfTheIdentity() throws {
    let (plain, recording) = (try grid("[]").sweep(), try grid("trajectory").sweep())
    #expect(plain.digest == recording.digest)
  }

  @Test func measuresHaveArguments() throws {
    let sweep = try grid("[\"clusters( 0.9,0.990 )\", effective_rank]").sweep()
    #expect(sweep.record == [RecordRule(what: ["clusters(0.9, 0.99)", "effective_rank"])])
    #expect(text("[clusters, \"clusters(0.95, 0.99)\"]").contains("record holds clusters twice"))
    #expect(text("[\"clusters(2, 0.99)\"]").contains("record must be"))
  }

  @Test(arguments: [("clusters", "clusters"), ("\"clusters(0.9,1)\"", "clusters(0.9, 1)")])
  func aMeasureThatDecidesThePhaseIsRecordedOfEveryRun(text: String, name: String) throws {
    let record = "{ what: trajectory, seed: 0 }\norder_parameter: \(text)"
    let sweep = try grid(record).sweep()
    #expect(sweep.orderParameter == name)
    #expect(
      sweep.record == [RecordRule(what: [name]), RecordRule(what: ["trajectory"], seed: [0])])
    let again = try grid("[\(text), trajectory]\norder_parameter: \(text)").sweep()
    #expect(again.record == [RecordRule(what: [name, "trajectory"])])
    #expect(again.digest == sweep.digest)
  }

  @Test func unknownNamesAreErrors() {
    #expect(
      text("[trajectories]") == """
        grid.yaml:9:10: error: record must be trajectory, neurons, function, clusters, effective_rank, epsilon_rank, kernel_distance, kernel_alignment, pattern_change, alignment or sharpness, found trajectories
        record: [trajectories]
                 ^
        hint: did you mean "trajectory"?
        """)
    #expect(
      text("{ what: [neurons, weights] }") == """
        grid.yaml:9:27: error: record.what must be trajectory, neurons, function, clusters, effective_rank, epsilon_rank, kernel_distance, kernel_alignment, pattern_change, alignment or sharpness, found weights
        record: { what: [neurons, weights] }
                                  ^
        hint: write trajectory, neurons, function, clusters, effective_rank, epsilon_rank, kernel_distance, kernel_alignment, pattern_change, alignment or sharpness
        """)
    #expect(
      text("{ what: neurons, widht: 1000 }") == """
        grid.yaml:9:26: error: unknown key "widht" in record, expected what, gamma, gamma_prime, width or seed
        record: { what: neurons, widht: 1000 }
                                 ^
        hint: did you mean "width"?
        """)
    #expect(
      text("{ seed: 0 }") == """
        grid.yaml:9:9: error: record lacks the key "what"
        record: { seed: 0 }
                ^
        hint: add it, for example: what: [trajectory]
        """)
  }

  @Test func valuesMustBeOnTheAxis() {
    #expect(
      text("{ what: neurons, gamma: [0.5, 0.7] }") == """
        grid.yaml:9:39: error: record.gamma holds 0.7, which is not on the axis gamma
        record: { what: neurons, gamma: [0.5, 0.7] }
                                              ^
        hint: the nearest value there is 0.5; leave the key out for all values
        """)
    #expect(text("{ what: neurons, width: 1500 }").contains("record.width holds 1500"))
    #expect(text("{ what: neurons, seed: { count: 4 } }").contains("record.seed holds 3"))
    #expect(
      text("{ what: neurons, seed: { count: 1e12 } }").contains("more than the axis seed"))
    #expect(text("{ what: neurons, seed: -1 }").contains("record.seed must be a whole number"))
    #expect(text("[trajectory, trajectory]").contains("record holds trajectory twice"))
    #expect(text("{ what: [] }").contains("record.what is an empty list"))
    #expect(
      text("").contains(
        "record must be trajectory, neurons, function, clusters, effective_rank, epsilon_rank, kernel_distance, kernel_alignment, pattern_change, alignment or sharpness, found nothing"
      ))
  }
}
