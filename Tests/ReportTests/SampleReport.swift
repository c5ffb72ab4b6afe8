import Figures
import LimitFit
import Model

@testable import Report

/// A made-up sweep.
enum SampleReport {
  /// A sweep with the given points, and with everything that can be amiss at the first.
  static func make(
    gamma: [Double], gammaPrime: [Double], seeds: Int = 2, name: String = "sample",
    reason: String = "it died",
    lastWords: String = "", kept: Bool = false
  ) throws -> Report {
    let samples = try SampleSet(x: [-1.0, -0.3, 0.4, 1.0], y: [0.2, -0.4, 0.6, -0.1])
    let widths = [1000, 3162, 10_000, 31_623, 100_000]
    let axes = Axes(gamma: gamma, gammaPrime: gammaPrime, width: widths, seed: (0..<UInt64(seeds)).map { $0 })
    let sweep = Sweep(
      name: name, axes: axes,
      problem: Problem(
        network: Network(activation: .relu, bias: true, antisymmetric: false), samples: samples),
      budget: .standard, limits: Limits())
    var random = SplitMix64(state: 3)
    let runs = axes.runs.map { run -> ReportedPoint.RunLine in
      let exponent = run.point.expectedExponent(antisymmetric: false)
      // e^(S log m), by squares: exact enough, and the same everywhere.
      var rd = 1.0 + Double.random(in: 0...0.1, using: &random)
      let steps = widths.firstIndex(of: run.width) ?? 0
      for _ in 0..<steps { rd *= 1 + 0.9 * exponent / 2 }
      let isFirst = run.point == axes.points.first
      if isFirst, run.width == 1000, run.seed == 0 {
        return .init(
          run: run, state: .failed, attempts: 3, reason: reason, detail: "in line 1", lastWords: lastWords)
      }
      if isFirst, run.width == 3162, run.seed == 0 { return .init(run: run, state: .pending) }
      let outcome: Outcome =
        isFirst && run.width == 10_000 ? .budget : isFirst && run.width == 31_623 ? .stalled : .converged
      let state: ReportedPoint.RunLine.State =
        switch outcome {
        case .converged: .converged
        case .stalled: .stalled
        case .budget: .budget
        }
      return .init(
        run: run, state: state,
        result: RunResult(
          outcome: outcome, reason: "target reached", rd: rd, supRD: rd, meanSquaredResidual: 1e-6,
          time: 1e5 * rd, steps: 30,
          wallSeconds: 0.01, initialSeconds: 0.001),
        attempts: 1)
    }
    let observations = runs.map(\.observation)
    let map = PhaseMap.fit(observations: observations, axes: axes, antisymmetric: false)
    let curves = FittedCurves(observations)
    let byPoint = Dictionary(grouping: runs, by: \.run.point)
    let failed = runs.filter { $0.state == .failed }
    var report = Report(
      sweep: sweep, map: map,
      failures: failed.prefix(1).map {
        .init(
          reason: $0.reason, runs: failed.count, example: $0.run, detail: $0.detail, lastWords: $0.lastWords)
      },
      provenance: Provenance(
        grid: name, digest: "axes", problem: "digest", program: "gammaplane 0", fitMethod: PhaseMap.fitMethod)
    )
    for fit in map.points {
      var point = ReportedPoint(
        fit: fit, runs: byPoint[fit.point] ?? [], curve: curves.curve(at: fit.point, decadesBeyond: 0.35))
      if kept { point.keepEverything() }
      try report.add(point)
    }
    return report
  }
}

extension ReportedPoint {
  fileprivate mutating func keepEverything() {
    var random = SplitMix64(state: 5)
    for width in [1000, 100_000] {
      let changes = (0..<200).map { _ -> NeuronSnapshot.Change in
        let neuron = NeuronSnapshot.Neuron(
          orientation: Float.random(in: -3...3, using: &random),
          amplitude: Float.random(in: 0.1...3, using: &random))
        return .init(before: neuron, after: .init(orientation: 0.5, amplitude: 9))
      }
      neurons.append(.init(width: width, seed: 0, kept: .each(changes)))
      let moments = (0..<40).map { (i: Int) -> Trajectory.Point in
        Trajectory.Point(
          time: Double(i * i * width), meanSquaredResidual: 1 / Double(1 + i * i), rd: Double(i),
          outputNorm: 1,
          sliding: 0, dead: 0, orientations: 300 - 7 * i)
      }
      trajectories.append(.init(width: width, seed: 0, kept: Trajectory(points: moments)))
      let values = (0..<50).map { (i: Int) -> FunctionSnapshot.Point in
        FunctionSnapshot.Point(x: Float(i) / 25 - 1, before: Float(i), after: Float(i % 7) / 7)
      }
      functions.append(.init(width: width, seed: 0, kept: FunctionSnapshot(points: values)))
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
