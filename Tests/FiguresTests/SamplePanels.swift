import LimitFit
import RealModule

@testable import Figures
@testable import Model

/// Panels of made-up runs: some as they are in a good sweep, some with everything that can be amiss.
enum SamplePanels {
  static let provenance = Provenance(
    grid: "grid", digest: "axes", problem: "digest", program: "gammaplane 0", fitMethod: "fit")

  static func frame(_ title: String?) -> PanelFrame { PanelFrame(title: title, provenance: provenance) }

  /// What became of a made-up run.
  enum Kind: CaseIterable {
    case converged, stalled, budget, failed, pending, zero, notFinite
  }

  /// Observations of a point whose RD is a power of the width, with scatter.
  static func observations(
    _ point: PhasePoint, exponent: Double, widths: [Int] = [1000, 3162, 10_000, 31_623, 100_000],
    seeds: Int = 3,
    kind: (Int, UInt64) -> Kind = { _, _ in .converged }
  ) -> [Observation] {
    var random = SplitMix64(state: 7)
    return widths.flatMap { width in
      (0..<UInt64(seeds)).map { seed in
        let noise = Double.random(in: -0.15...0.15, using: &random)
        let rd = Double.exp(exponent * Double.log(Double(width) / 1000) + noise)
        let run = Run(point: point, width: width, seed: seed)
        let state: Observation.State =
          switch kind(width, seed) {
          case .converged: .finished(.converged, supRD: rd)
          case .stalled: .finished(.stalled, supRD: rd)
          case .budget: .finished(.budget, supRD: 0.6 * rd)
          case .failed: .failed
          case .pending: .pending
          case .zero: .finished(.converged, supRD: 0)
          case .notFinite: .finished(.converged, supRD: .infinity)
          }
        return Observation(run: run, state: state)
      }
    }
  }

  /// An entry as `render` makes it.
  static func entry(_ point: PhasePoint, _ observations: [Observation]) -> ScalingFigure.Entry {
    let fit =
      PhaseMap.fit(observations: observations, antisymmetric: false).points.first
      ?? PointFit(point: point, verdict: .undecided, note: "", expectedExponent: 0)
    return ScalingFigure.Entry(
      fit: fit, observations: observations,
      curve: FittedCurves(observations).curve(at: point, decadesBeyond: ScalingFigure.decadesBeyond))
  }

  static func scaling(_ entries: [ScalingFigure.Entry], title: String? = "Scaling") -> ScalingFigure {
    ScalingFigure(entries: entries, frame: frame(title))
  }

  /// A point of a good sweep.
  static func good(_ gamma: Double, _ gammaPrime: Double) -> ScalingFigure.Entry {
    let point = PhasePoint(gamma: gamma, gammaPrime: gammaPrime)
    return entry(point, observations(point, exponent: point.expectedExponent(antisymmetric: false)))
  }

  /// A point with runs of every kind.
  static var mixed: ScalingFigure.Entry {
    let point = PhasePoint(gamma: 1.25, gammaPrime: -0.5)
    return entry(
      point,
      observations(point, exponent: 0.4, seeds: 4) { width, seed in
        switch (width, seed) {
        case (1000, 0): .zero
        case (3162, 1): .stalled
        case (10_000, 2): .failed
        case (31_623, 3), (31_623, 2): .budget
        case (100_000, 1): .pending
        default: .converged
        }
      })
  }

  /// So many neurons, condensed on some orientations to a degree from 0 (not at all) to 1.
  static func neurons(_ width: Int, condensed: Double) -> NeuronSnapshot {
    var random = SplitMix64(state: UInt64(width))
    func number(_ range: ClosedRange<Double>) -> Double { Double.random(in: range, using: &random) }
    let peaks = [-2.8, -0.3, 0.25, 2.7]
    return .each(
      (0..<width).map { i in
        let (angle, size) = (number(-3.14159...3.14159), Double.exp(number(-3...1)))
        let before = NeuronSnapshot.Neuron(
          orientation: Float(angle), amplitude: Float(i % 2 == 0 ? size : -size))
        guard number(0...1) < condensed else { return .init(before: before, after: before) }
        return .init(
          before: before,
          after: .init(orientation: Float(peaks[i % 4]), amplitude: Float(size * Double.exp(3 * condensed))))
      })
  }

  /// The same neurons as histograms.
  static func histograms(_ width: Int, condensed: Double) -> NeuronSnapshot {
    guard case .each(let neurons) = neurons(width, condensed: condensed) else { return .each([]) }
    func histogram(_ side: (NeuronSnapshot.Change) -> NeuronSnapshot.Neuron) -> OrientationHistogram {
      var histogram = OrientationHistogram()
      for neuron in neurons.map(side) {
        let bin = Int((Double(neuron.orientation) * 180 / .pi).rounded(.down)) + 180
        histogram.add(bin: min(max(bin, 0), 359), amplitude: Double(neuron.amplitude))
      }
      return histogram
    }
    return .histograms(before: histogram(\.before), after: histogram(\.after))
  }

  static func features(_ entries: [RunPanels<NeuronSnapshot>.Entry], title: String? = "Neurons")
    -> FeatureFigure
  {
    FeatureFigure(RunPanels(entries: entries, frame: frame(title)))
  }

  static var featureEntries: [RunPanels<NeuronSnapshot>.Entry] {
    [(0.5, 0.02), (1.75, 0.95)].map { gamma, condensed in
      .init(
        point: PhasePoint(gamma: gamma, gammaPrime: 0),
        runs: [
          .init(width: 1_000_000, seed: 0, kept: histograms(20_000, condensed: condensed)),
          .init(width: 1000, seed: 0, kept: neurons(1000, condensed: condensed)),
        ])
    }
  }

  /// A run that converges as exp(−time).
  static func trajectory(rate: Double, points: Int = 60) -> Trajectory {
    Trajectory(
      points: (0..<points).map { i in
        let time = i == 0 ? 0 : 0.01 * Double.exp(0.2 * Double(i)) / rate
        return Trajectory.Point(
          time: time, meanSquaredResidual: 0.2 * Double.exp(-min(time * rate, 12)),
          rd: 3 * time * rate / (1 + time * rate), outputNorm: 30, sliding: 0, dead: 0,
          orientations: max(4, 300 - 6 * i))
      })
  }

  static func trajectories(_ entries: [RunPanels<Trajectory>.Entry], title: String? = "Trajectories")
    -> TrajectoryFigure
  {
    TrajectoryFigure(RunPanels(entries: entries, frame: frame(title)), target: 1e-6)
  }

  static var trajectoryEntries: [RunPanels<Trajectory>.Entry] {
    [0.5, 1.75].map { gamma in
      .init(
        point: PhasePoint(gamma: gamma, gammaPrime: 0),
        runs: [1000, 10_000, 31_623].map { width in
          .init(width: width, seed: 0, kept: trajectory(rate: 1 / Double(width)))
        })
    }
  }

  static func function(_ scale: Double) -> FunctionSnapshot {
    FunctionSnapshot(
      points: (0..<201).map { i in
        let x = -1.5 + 3 * Double(i) / 200
        return .init(x: Float(x), before: Float(scale * x), after: Float(0.6 - (x - 0.4).magnitude))
      })
  }

  static let samples = (try? SampleSet(x: [-1.0, -0.3, 0.4, 1.0], y: [0.2, -0.4, 0.6, -0.1]))

  static func functions(_ entries: [RunPanels<FunctionSnapshot>.Entry], title: String? = "Functions")
    -> FunctionFigure?
  {
    samples.map { FunctionFigure(RunPanels(entries: entries, frame: frame(title)), samples: $0) }
  }

  static var functionEntries: [RunPanels<FunctionSnapshot>.Entry] {
    [(0.5, 40.0), (1.75, 0.01)].map { gamma, scale in
      .init(
        point: PhasePoint(gamma: gamma, gammaPrime: 0),
        runs: [1000, 10_000].map { .init(width: $0, seed: 0, kept: function(scale)) })
    }
  }

  /// What is kept as golden files.
  static let figures: [(name: String, figure: any Figure)] =
    [
      ("scaling", scaling([good(1, 0)])),
      ("scaling-row", scaling([good(0.5, 0), good(1, 0), good(1.75, 0), mixed])),
      ("features", features(featureEntries)), ("trajectories", trajectories(trajectoryEntries)),
    ] + (functions(functionEntries).map { [("functions", $0)] } ?? [])

  /// What goes wrong in sweeps, a figure each.
  static let odd: [(name: String, figure: any Figure)] = {
    let point = PhasePoint(gamma: -0.123456, gammaPrime: -12.5)
    func scaling(
      _ exponent: Double, _ widths: [Int] = [1000, 10_000, 100_000], seeds: Int = 2,
      _ kind: @escaping (Int, UInt64) -> Kind = { _, _ in .converged }
    ) -> any Figure {
      SamplePanels.scaling([
        entry(point, observations(point, exponent: exponent, widths: widths, seeds: seeds, kind: kind))
      ])
    }
    var all: [(name: String, figure: any Figure)] = [
      ("no points", SamplePanels.scaling([])), ("no runs", SamplePanels.scaling([entry(point, [])])),
      ("one run", scaling(0, [1000], seeds: 1)), ("width 1", scaling(0, [1], seeds: 1)),
      ("one width", scaling(0.5, [1000])), ("two widths", scaling(0.5, [1000, 1001])),
      ("all failed", scaling(0) { _, _ in .failed }), ("all pending", scaling(0) { _, _ in .pending }),
      ("all stalled", scaling(0.3) { _, _ in .stalled }),
      ("all out of budget", scaling(0.3) { _, _ in .budget }),
      ("RD is 0", scaling(0) { _, _ in .zero }), ("RD is infinite", scaling(0) { _, _ in .notFinite }),
      ("steep", scaling(40)), ("falling steeply", scaling(-40)),
      ("beyond all bounds", scaling(0, [1, 1_000_000_000], seeds: 1)),
      ("many failed", scaling(0.2, seeds: 40) { _, seed in seed < 30 ? .failed : .converged }),
      ("nothing kept", features([.init(point: point, runs: [])])),
      (
        "10⁴ neurons",
        features([
          .init(
            point: point, runs: [.init(width: 10_000, seed: 0, kept: neurons(10_000, condensed: 0.5))])
        ])
      ),
      (
        "no neurons",
        features([.init(point: point, runs: [.init(width: 0, seed: 0, kept: .each([]))])])
      ),
      (
        "neurons at nought and beyond",
        features([
          .init(
            point: point,
            runs: [
              .init(
                width: 4, seed: 0,
                kept: .each(
                  [
                    (0, 0), (Float.pi, Float.greatestFiniteMagnitude),
                    (-Float.pi, -Float.leastNonzeroMagnitude), (9, 1),
                  ]
                  .map { angle, size in
                    let neuron = NeuronSnapshot.Neuron(orientation: angle, amplitude: size)
                    return .init(before: neuron, after: neuron)
                  }))
            ])
        ])
      ),
      (
        "empty histograms",
        features([
          .init(
            point: point,
            runs: [.init(width: 20_000, seed: 0, kept: .histograms(before: .init(), after: .init()))])
        ])
      ),
      ("no trajectory", trajectories([.init(point: point, runs: [])])),
      (
        "a start alone",
        trajectories([
          .init(point: point, runs: [.init(width: 10, seed: 0, kept: trajectory(rate: 1, points: 1))])
        ])
      ),
      (
        "two moments",
        trajectories([
          .init(
            point: point, runs: [.init(width: 10, seed: 0, kept: trajectory(rate: 1e-200, points: 2))])
        ])
      ),
    ]
    for (name, runs) in [
      ("no function", []),
      (
        "a point of a function",
        [
          KeptRun(width: 1, seed: 0, kept: FunctionSnapshot(points: [.init(x: 0, before: 1e38, after: 1e38)]))
        ]
      ),
      ("far before", [KeptRun(width: 1, seed: 0, kept: function(1e30))]),
    ] {
      if let figure = functions([.init(point: point, runs: runs)]) { all.append((name, figure)) }
    }
    return all
  }()
}
