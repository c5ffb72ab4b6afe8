import Testing

@testable import Networks

/// Threads and checkpoints leave every bit as it is.
@Suite struct SpaceStateTests {
  private func bits(_ integrator: ImpulseIntegrator<ReLUEnsemble>) -> [UInt64] {
    ([integrator.time] + integrator.suprema + integrator.ensemble.tracked + integrator.ensemble.residual)
      .map(\.bitPattern)
  }

  @Test(arguments: [(0.5, 0.0), (1.75, 0.0)]) func threadsGiveTheSameBits(gamma: Double, gammaPrime: Double)
    throws
  {
    let network = SpaceNetwork(
      dimension: 3, samples: 6, width: 2000, gamma: gamma, gammaPrime: gammaPrime, seed: 5)
    var ends: [[UInt64]] = []
    for threads in [1, 2, 5] {
      var integrator = try network.integrator(threads: threads)
      for _ in 0..<15 { _ = integrator.step() }
      ends.append(bits(integrator))
    }
    #expect(ends[0] == ends[1] && ends[0] == ends[2])
  }

  @Test func checkpointsResumeWithTheSameBits() throws {
    let network = SpaceNetwork(
      dimension: 2, samples: 70, width: 20, gamma: 1.5, gammaPrime: 0, seed: 6)
    var integrator = try network.integrator()
    for _ in 0..<10 {
      for _ in 0..<3 { _ = integrator.step() }
      var bytes: [UInt8] = []
      var writer = CheckpointWriter { bytes += $0 }
      try integrator.save(to: &writer)
      try writer.finish()
      var isRead = false
      var reader = CheckpointReader {
        defer { isRead = true }
        return isRead ? [] : bytes
      }
      let ensemble = try ReLUEnsemble(
        integrator.ensemble.samples, scales: network.scales, initial: integrator.ensemble.initialWeights,
        threads: 1,
        from: &reader)
      var resumed = ImpulseIntegrator(ensemble, tolerance: 1e-3, target: 1e-4)
      try resumed.restore(from: &reader)
      try reader.finish()
      #expect(bits(resumed) == bits(integrator))
      var original = integrator
      for _ in 0..<3 {
        _ = resumed.step()
        _ = original.step()
      }
      #expect(bits(resumed) == bits(original))
    }
  }
}
