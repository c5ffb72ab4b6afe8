import LimitFit
import RealModule

@testable import Figures
@testable import Model

/// Panels of made-up runs: some as they are in a good sweep, some with everything that can be
/// amiss.
enum SamplePanels {
  static let provenance = FigureProvenance(
    grid: "grid", digest: "axes", problem: "digest", program: "gammaplane 0", fitMethod: "fit")

  static func frame(_ title: String?) -> PanelFrame { PanelFrame(title: title, provenance: provenance) }

  /// What became of a made-up run.
  enum Kind: CaseIterable {
    case converged, stationary, exhausted, failed, pending, zero, notFinite
  }

  /// Observations of a setting whose RD is a power of the width, with noise.
  static func observations(
    _ setting: Setting, exponent: Double, widths: [Double] = [1000, 3162, 10_000, 31_623, 100_000],
    seeds: Int = 3,
    kind: (Double, UInt64) -> Kind = { _, _ in .converged }
  ) -> [Observation] {
    var random = SplitMix64(state: 7)
    return widths.flatMap { width in
      (0..<UInt64(seeds)).map { seed in
        let noise = Double.random(in: -0.15...0.15, using: &random)
        let rd = Double.exp(exponent * Double.log(width / 1000) + noise)
        let run = Run(setting, width: width, seed: seed)
        let state: Observation.State =
          switch kind(width, seed) {
          case .converged: .finished(.converged, value: rd)
          case .stationary: .finished(.stationary, value: rd)
          case .exhausted: .finished(.budgetExhausted, value: 0.6 * rd)
          case .failed: .failed
          case .pending: .pending
          case .zero: .finished(.converged, value: 0)
          case .notFinite: .finished(.converged, value: .infinity)
          }
        return Observation(run: run, state: state)
      }
    }
  }

  /// An entry as `render` makes it.
  static func entry(
    _ setting: Setting, _ observations: [Observation], context: FigureContext = SampleContext.luo
  ) -> ScalingFigure.Entry {
    let fit =
      PhaseMap.fit(
        observations: observations, orderParameter: context.orderParameter.name, plane: context.plane,
        theory: context.theory
      ).points.first ?? PointFit(setting: setting, trend: .undecided, note: "")
    return ScalingFigure.Entry(
      fit: fit, observations: observations,
      curve: FittedCurves(observations).curve(at: setting, decadesBeyond: ScalingFigure.decadesBeyond))
  }

  static func scaling(
    _ entries: [ScalingFigure.Entry], title: String? = "Scaling", context: FigureContext = SampleContext.luo
  ) -> ScalingFigure {
    ScalingFigure(entries: entries, context: context, frame: frame(title))
  }

  /// A setting of a good sweep.
  static func good(_ gamma: Double, _ gammaPrime: Double) -> ScalingFigure.Entry {
    let setting = SampleContext.setting(gamma, gammaPrime)
    let exponent = SampleContext.theory.exponentRange(at: setting)?.lowerBound ?? .nan
    return entry(setting, observations(setting, exponent: exponent))
  }

  /// A setting with runs of every kind.
  static var mixed: ScalingFigure.Entry {
    let setting = SampleContext.setting(1.25, -0.5)
    return entry(
      setting,
      observations(setting, exponent: 0.4, seeds: 4) { width, seed in
        switch (width, seed) {
        case (1000, 0): .zero
        case (3162, 1): .stationary
        case (10_000, 2): .failed
        case (31_623, 3), (31_623, 2): .exhausted
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
    FeatureFigure(RunPanels(entries: entries, context: SampleContext.luo, frame: frame(title)))
  }

  static var featureEntries: [RunPanels<NeuronSnapshot>.Entry] {
    [(0.5, 0.02), (1.75, 0.95)].map { gamma, condensed in
      .init(
        setting: SampleContext.setting(gamma, 0),
        runs: [
          .init(width: 1_000_000, seed: 0, record: histograms(20_000, condensed: condensed)),
          .init(width: 1000, seed: 0, record: neurons(1000, condensed: condensed)),
        ])
    }
  }

  /// A run that converges as exp(−time).
  static func trajectory(rate: Double, points: Int = 60) -> Trajectory {
    Trajectory(
      columns: ["time", "mean_squared_residual", "rd", "output_norm", "orientations"],
      points: (0..<points).map { i in
        let time = i == 0 ? 0 : 0.01 * Double.exp(0.2 * Double(i)) / rate
        return [
          time, 0.2 * Double.exp(-min(time * rate, 12)), 3 * time * rate / (1 + time * rate), 30,
          Double(max(4, 300 - 6 * i)),
        ]
      })
  }

  static func trajectories(_ entries: [RunPanels<Trajectory>.Entry], title: String? = "Trajectories")
    -> TrajectoryFigure
  {
    TrajectoryFigure(
      RunPanels(entries: entries, context: SampleContext.luo, frame: frame(title)), target: 1e-6)
  }

  static var trajectoryEntries: [RunPanels<Trajectory>.Entry] {
    [0.5, 1.75].map { gamma in
      .init(
        setting: SampleContext.setting(gamma, 0),
        runs: [1000, 10_000, 31_623].map { width in
          .init(width: width, seed: 0, record: trajectory(rate: 1 / width))
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
    samples.map {
      FunctionFigure(
        RunPanels(entries: entries, context: SampleContext.luo, frame: frame(title)), samples: $0)
    }
  }

  static var functionEntries: [RunPanels<FunctionSnapshot>.Entry] {
    [(0.5, 40.0), (1.75, 0.01)].map { gamma, scale in
      .init(
        setting: SampleContext.setting(gamma, 0),
        runs: [1000, 10_000].map { .init(width: $0, seed: 0, record: function(scale)) })
    }
  }

  /// A quantity of a user's own, which can be negative.
  static let signed = FigureContext(
    plane: Plane(x: "learning_rate"), orderParameter: "margin",
    description: FamilyDescription(
      title: "", methods: [],
      quantities: [Quantity("margin", unit: "bit", summary: "least margin of a sample", isSigned: true)]))

  static var signedEntry: ScalingFigure.Entry {
    let setting: Setting = ["learning_rate": 0.01]
    let runs = observations(setting, exponent: 0.3, widths: [100, 316.22776601683796, 1000]) { width, seed in
      seed == 1 && width == 100 ? .stationary : .converged
    }.map { observation -> Observation in
      guard case .finished(let outcome, let value?) = observation.state else { return observation }
      return Observation(run: observation.run, state: .finished(outcome, value: value - 0.8))
    }
    return entry(setting, runs, context: signed)
  }

  /// Courses of quantities of a user's own.
  static var foreignTrajectories: TrajectoryFigure {
    let times = (0..<40).map { Double($0 * $0) }
    let trajectory = Trajectory(
      columns: ["time", "loss", "margin", "clusters", "sharpness", "entropy"],
      points: times.map { [$0, 1 / (1 + $0), 0.01 * $0 - 2, 1000 / (1 + $0), 30, 0.1] })
    return TrajectoryFigure(
      RunPanels(
        entries: [
          .init(
            setting: ["learning_rate": 0.01],
            runs: [100, 316.22776601683796].map { .init(width: $0, seed: 0, record: trajectory) })
        ], context: signed, frame: frame("Trajectories")), target: 1e-6)
  }

  /// What there are golden files of.
  static let figures: [(name: String, figure: any Figure)] =
    [
      ("scaling", scaling([good(1, 0)])),
      ("scaling-row", scaling([good(0.5, 0), good(1, 0), good(1.75, 0), mixed])),
      ("features", features(featureEntries)), ("trajectories", trajectories(trajectoryEntries)),
      ("scaling-signed", scaling([signedEntry], context: signed)),
      ("trajectories-foreign", foreignTrajectories),
    ] + (functions(functionEntries).map { [("functions", $0)] } ?? [])

  /// What goes wrong in sweeps, a figure each.
  static let odd: [(name: String, figure: any Figure)] = {
    let setting = SampleContext.setting(-0.123456, -12.5)
    func scaling(
      _ exponent: Double, _ widths: [Double] = [1000, 10_000, 100_000], seeds: Int = 2,
      _ kind: @escaping (Double, UInt64) -> Kind = { _, _ in .converged }
    ) -> any Figure {
      SamplePanels.scaling([
        entry(setting, observations(setting, exponent: exponent, widths: widths, seeds: seeds, kind: kind))
      ])
    }
    var all: [(name: String, figure: any Figure)] = [
      ("no points", SamplePanels.scaling([])), ("no runs", SamplePanels.scaling([entry(setting, [])])),
      ("one run", scaling(0, [1000], seeds: 1)), ("width 1", scaling(0, [1], seeds: 1)),
      ("one width", scaling(0.5, [1000])), ("two widths", scaling(0.5, [1000, 1001])),
      ("all failed", scaling(0) { _, _ in .failed }), ("all pending", scaling(0) { _, _ in .pending }),
      ("all stationary", scaling(0.3) { _, _ in .stationary }),
      ("all out of budget", scaling(0.3) { _, _ in .exhausted }),
      ("RD is 0", scaling(0) { _, _ in .zero }), ("RD is infinite", scaling(0) { _, _ in .notFinite }),
      ("steep", scaling(40)), ("falling steeply", scaling(-40)),
      ("beyond all bounds", scaling(0, [1, 1_000_000_000], seeds: 1)),
      ("many failed", scaling(0.2, seeds: 40) { _, seed in seed < 30 ? .failed : .converged }),
      ("nothing recorded", features([.init(setting: setting, runs: [])])),
      (
        "10⁴ neurons",
        features([
          .init(
            setting: setting, runs: [.init(width: 10_000, seed: 0, record: neurons(10_000, condensed: 0.5))])
        ])
      ),
      (
        "no neurons",
        features([.init(setting: setting, runs: [.init(width: 0, seed: 0, record: .each([]))])])
      ),
      (
        "neurons at nought and beyond",
        features([
          .init(
            setting: setting,
            runs: [
              .init(
                width: 4, seed: 0,
                record: .each(
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
            setting: setting,
            runs: [.init(width: 20_000, seed: 0, record: .histograms(before: .init(), after: .init()))])
        ])
      ),
      ("no trajectory", trajectories([.init(setting: setting, runs: [])])),
      (
        "a start alone",
        trajectories([
          .init(setting: setting, runs: [.init(width: 10, seed: 0, record: trajectory(rate: 1, points: 1))])
        ])
      ),
      (
        "two moments",
        trajectories([
          .init(
            setting: setting, runs: [.init(width: 10, seed: 0, record: trajectory(rate: 1e-200, points: 2))])
        ])
      ),
    ]
    for (name, runs) in [
      ("no function", []),
      (
        "a point of a function",
        [
          PanelRun(
            width: 1, seed: 0, record: FunctionSnapshot(points: [.init(x: 0, before: 1e38, after: 1e38)]))
        ]
      ),
      ("far before", [PanelRun(width: 1, seed: 0, record: function(1e30))]),
    ] {
      if let figure = functions([.init(setting: setting, runs: runs)]) { all.append((name, figure)) }
    }
    return all
  }()
}
