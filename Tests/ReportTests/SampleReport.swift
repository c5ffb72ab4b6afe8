import Figures
import LimitFit
import Model
import Theories

@testable import Report

/// A made-up sweep.
enum SampleReport {
  /// A sweep with the given points, and with everything that can be amiss at the first.
  static func make(
    gamma: [Double], gammaPrime: [Double], seeds: Int = 2, name: String = "sample",
    reason: String = "it died", stderrTail: String = "", isRecorded: Bool = false
  ) throws -> Report {
    let axes = Axes(
      parameters: ["gamma": gamma, "gamma_prime": gammaPrime], width: widths,
      seed: (0..<UInt64(seeds)).map { $0 })
    let context = FigureContext(
      plane: LuoEtAl2021.plane, orderParameter: "sup_rd", description: family,
      theory: LuoEtAl2021(antisymmetric: false))
    return try make(
      axes, context, name: name, reason: reason, stderrTail: stderrTail, isRecorded: isRecorded,
      samples: SampleSet(x: [-1.0, -0.3, 0.4, 1.0], y: [0.2, -0.4, 0.6, -0.1])
    ) { context.theory?.exponentRange(at: $0)?.lowerBound ?? 0 }
  }

  static let widths: [Double] = [1000, 3162, 10_000, 31_623, 100_000]

  private static let family = FamilyDescription(
    title: "two-layer ReLU network", methods: ["impulse/4"],
    parameters: [Parameter("gamma", symbol: "γ"), Parameter("gamma_prime", symbol: "γ′")],
    quantities: [
      Quantity("sup_rd", symbol: "RD", summary: "relative change of the input weights"),
      Quantity("rd", symbol: "RD at the end"), Quantity("mean_squared_residual", symbol: "mean sq. residual"),
    ])

  /// A sweep over any axes.
  static func make(
    _ axes: Axes, _ context: FigureContext, name: String = "sample", reason: String = "it died",
    stderrTail: String = "", isRecorded: Bool = false, samples: SampleSet? = nil,
    exponent: (Setting) -> Double
  ) throws -> Report {
    let sweep = Sweep(
      name: name, axes: axes,
      problem: Problem(method: "impulse/4", network: ["activation": .string("relu")], samples: samples))
    let quantity = context.orderParameter.name
    var random = SplitMix64(state: 3)
    let runs = axes.runs.map { run -> ReportedPoint.RunLine in
      // e^(S log m), by squares: exact enough, and the same everywhere.
      var value = 1.0 + Double.random(in: 0...0.1, using: &random)
      let steps = widths.firstIndex(of: run.width) ?? 0
      for _ in 0..<steps { value *= 1 + 0.9 * exponent(run.setting) / 2 }
      let isFirst = run.setting == axes.settings.first
      if isFirst, run.width == 1000, run.seed == 0 {
        return .init(
          run: run, state: .failed, attempts: 3, reason: reason, detail: "in line 1", stderrTail: stderrTail)
      }
      if isFirst, run.width == 3162, run.seed == 0 { return .init(run: run, state: .pending) }
      let outcome: Outcome =
        isFirst && run.width == 10_000
        ? .budgetExhausted : isFirst && run.width == 31_623 ? .stationary : .converged
      return .init(
        run: run, state: .ended(outcome),
        result: RunResult(
          outcome: outcome, reason: "target reached",
          quantities: [quantity: value, "mean_squared_residual": 1e-6, "time": 1e5 * value], steps: 30,
          wallSeconds: 0.01, initialSeconds: 0.001),
        attempts: 1)
    }
    let observations = runs.map { $0.observation(of: quantity) }
    let map = PhaseMap.fit(
      observations: observations, orderParameter: quantity, plane: context.plane, axes: axes,
      theory: context.theory)
    let curves = FittedCurves(observations)
    let byPoint = Dictionary(grouping: runs, by: \.run.setting)
    let failed = runs.filter { $0.state == .failed }
    var report = Report(
      sweep: sweep, map: map, context: context,
      failures: failed.prefix(1).map {
        .init(
          reason: $0.reason, runs: failed.count, example: $0.run, detail: $0.detail, stderrTail: $0.stderrTail
        )
      },
      provenance: FigureProvenance(
        grid: name, digest: "axes", problem: "digest", program: "gammaplane 0", fitMethod: PhaseMap.fitMethod),
      origins: [
        ReportedOrigin(
          Provenance(
            program: "gammaplane 0", commit: "abc", worker: "worker 1",
            description: FamilyDescription(title: "", methods: ["impulse/4"]), command: ["python3", name],
            host: "here"), first: "2026-01-01T00:00:00Z", last: "2026-01-02T00:00:00Z", runs: runs.count)
      ])
    for fit in map.points {
      var point = ReportedPoint(
        fit: fit, runs: byPoint[fit.setting] ?? [], curve: curves.curve(at: fit.setting, decadesBeyond: 0.35))
      if isRecorded { point.recordEverything() }
      try report.add(point)
    }
    return report
  }
}

extension ReportedPoint {
  fileprivate mutating func recordEverything() {
    var random = SplitMix64(state: 5)
    for width in [1000.0, 100_000] {
      let changes = (0..<200).map { _ -> NeuronSnapshot.Change in
        let neuron = NeuronSnapshot.Neuron(
          orientation: Float.random(in: -3...3, using: &random),
          amplitude: Float.random(in: 0.1...3, using: &random))
        return .init(before: neuron, after: .init(orientation: 0.5, amplitude: 9))
      }
      neurons.append(.init(width: width, seed: 0, record: .each(changes)))
      let moments = (0..<40).map { (i: Int) -> [Double] in
        [Double(i * i) * width, 1 / Double(1 + i * i), Double(i), Double(300 - 7 * i)]
      }
      let columns = ["time", "mean_squared_residual", "rd", "orientations"]
      trajectories.append(.init(width: width, seed: 0, record: Trajectory(columns: columns, points: moments)))
      let values = (0..<50).map { (i: Int) -> FunctionSnapshot.Point in
        FunctionSnapshot.Point(x: Float(i) / 25 - 1, before: Float(i), after: Float(i % 7) / 7)
      }
      functions.append(.init(width: width, seed: 0, record: FunctionSnapshot(points: values)))
    }
  }
}

/// HTML as far as tests need it: whether its tags are in order, and what is between them.
struct ParsedHTML {
  private(set) var faults: [String] = []
  private(set) var tags: [(name: String, text: Substring)] = []
  /// The contents of scripts, by their ids; that of the last without one under "".
  private(set) var scripts: [String: String] = [:]

  private static let void: Set<String> = ["meta", "link", "br", "input", "hr", "img", "!doctype"]

  init(_ html: String) {
    var open: [String] = []
    var rest = html[...]
    while let start = rest.firstIndex(of: "<") {
      guard let end = rest[start...].firstIndex(of: ">") else {
        faults.append("a tag without end: \(rest[start...].prefix(60))")
        return
      }
      let text = rest[rest.index(after: start)..<end]
      rest = rest[rest.index(after: end)...]
      let isEnd = text.hasPrefix("/")
      let name = String((isEnd ? text.dropFirst() : text).prefix { !$0.isWhitespace && $0 != "/" })
        .lowercased()
      if isEnd {
        if open.popLast() != name { faults.append("</\(name)> closes something else") }
        continue
      }
      tags.append((name, text))
      if name == "script" || name == "style" {
        guard let close = rest.range(of: "</\(name)>") else {
          faults.append("\(name) without end")
          return
        }
        let id = text.split(separator: "id=\"").dropFirst().first?.split(separator: "\"").first ?? ""
        if name == "script" { scripts[String(id)] = String(rest[..<close.lowerBound]) }
        rest = rest[close.upperBound...]
      } else if !Self.void.contains(name), !text.hasSuffix("/") {
        open.append(name)
      }
    }
    if !open.isEmpty { faults.append("never closed: \(open)") }
  }
}

extension Substring {
  fileprivate func range(of text: String) -> Range<Index>? {
    var from = startIndex
    while let first = self[from...].firstIndex(of: "<") {
      if self[first...].hasPrefix(text) { return first..<index(first, offsetBy: text.count) }
      from = index(after: first)
    }
    return nil
  }
}
