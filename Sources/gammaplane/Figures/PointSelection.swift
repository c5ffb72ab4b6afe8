import LimitFit
import Model
import ResultStore

/// Which points of a sweep a figure shows.
struct PointSelection {
  /// In the order in which they are drawn.
  var points: [Setting]

  /// No figure has more panels.
  static let mostPanels = 48
  /// So many points are shown where none are named.
  static let usualPanels = 12

  /// The points that options name.
  ///
  /// - Parameters:
  ///   - options: what was typed.
  ///   - all: the points of the sweep.
  ///   - candidates: those of them of which there is something to show.
  ///   - request: for messages.
  /// - Throws: ``Failure`` for what is no point, too many of them, or none.
  init(_ options: PanelOptions, of all: [Setting], candidates: [Setting], request: FigureRequest) throws
  {
    let name = request.sweep.name
    guard !all.isEmpty else { throw Failure(.noInput, "\(name) has no points") }
    var chosen: [Setting] = try options.point.map {
      try Self.nearest(to: Setting(gamma: $0.gamma, gammaPrime: $0.gammaPrime), of: all, name)
    }
    if options.gamma != nil || options.gammaPrime != nil {
      let gamma = try options.gamma.map { try Self.nearest(to: $0, of: all.map(\.gamma), "--gamma", name) }
      let prime = try options.gammaPrime.map {
        try Self.nearest(to: $0, of: all.map(\.gammaPrime), "--gamma-prime", name)
      }
      let line = all.filter { (gamma ?? $0.gamma) == $0.gamma && (prime ?? $0.gammaPrime) == $0.gammaPrime }
      guard !line.isEmpty else {
        throw Failure(
          .noInput,
          "γ = \(gamma ?? 0), γ' = \(prime ?? 0) is no point of \(name), though others have this γ or this γ'"
        )
      }
      // Of a row, what there is to show; the others would be empty panels.
      let shown = line.filter(Set(candidates).contains)
      chosen += shown.isEmpty ? line : shown
    }
    let isChosen = !chosen.isEmpty
    if !isChosen {
      chosen = candidates
      guard candidates.count <= Self.usualPanels else {
        let example = candidates[candidates.count / 2]
        throw Failure(
          .usage,
          "\(name) has \(candidates.count) points to choose from; name some, such as "
            + "--point \(example.gamma),\(example.gammaPrime) or --gamma-prime \(example.gammaPrime)")
      }
    }
    var seen: Set<Setting> = []
    points = chosen.filter { seen.insert($0).inserted }
    guard points.count <= Self.mostPanels else {
      throw Failure(
        .usage,
        "that is \(points.count) points, and a figure shows \(Self.mostPanels) at most; name fewer")
    }
  }

  /// The point of the sweep that is meant: the decimal that was typed need not be the number that a step led to.
  private static func nearest(to wanted: Setting, of all: [Setting], _ name: String) throws
    -> Setting
  {
    func distance(_ point: Setting) -> Double {
      let (x, y) = (point.gamma - wanted.gamma, point.gammaPrime - wanted.gammaPrime)
      return x * x + y * y
    }
    guard let nearest = all.min(by: { distance($0) < distance($1) }), distance(nearest) < 1e-18 else {
      let hint = all.min { distance($0) < distance($1) }
      throw Failure(
        .noInput,
        "\(wanted.gamma),\(wanted.gammaPrime) is no point of \(name)"
          + (hint.map { "; the nearest is --point \($0.gamma),\($0.gammaPrime)" } ?? ""))
    }
    return nearest
  }

  private static func nearest(to wanted: Double, of all: [Double], _ option: String, _ name: String) throws
    -> Double
  {
    let nearest = all.min { abs($0 - wanted) < abs($1 - wanted) }
    guard let nearest, abs(nearest - wanted) < 1e-9 else {
      throw Failure(
        .noInput,
        "no point of \(name) has \(option) \(wanted)"
          + (nearest.map { "; the nearest is \(option) \($0)" } ?? ""))
    }
    return nearest
  }
}
