import Model
import Testing

@testable import Planning

/// A plan of a million runs is a matter of seconds, without a program that is optimised.
struct SpeedTests {
  @Test func aMillionRunsArePlannedInSeconds() {
    let steps = (0..<200).map { Double($0) / 64 }
    let sweep = toySweep(axes(a: steps, b: steps, width: [1, 2, 3, 4, 5], seed: [0, 1, 2, 3, 4]))
    let clock = ContinuousClock()
    var counts = Plan.Counts()
    let taken = clock.measure { counts = Plan(sweep).counts }
    #expect(counts.toDo == 1_000_000)
    #expect(taken < .seconds(60), "\(taken)")
    print("a million runs planned in \(taken)")
  }
}
