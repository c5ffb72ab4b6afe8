import LimitFit
import Model
import Orchestration

/// Which points of a sweep a figure shows.
struct PointSelection {
  /// In the order in which they are drawn.
  var points: [Setting]

  /// No figure has more panels.
  static let maxPanels = 48
  /// So many points are shown where none are named.
  static let defaultPanels = 12

  /// The points that options name.
  ///
  /// - Parameters:
  ///   - options: what was typed.
  ///   - all: the points of the sweep.
  ///   - candidates: those of them of which there is something to show.
  ///   - request: for messages.
  /// - Throws: ``Failure`` for what is no point, too many of them, or none.
  init(_ options: PanelOptions, of all: [Setting], candidates: [Setting], request: FigureRequest) throws {
    let name = request.sweep.name
    guard !all.isEmpty else { throw Failure(.noInput, "\(name) has no points") }
    let finder = PointFinder(request.sweep, request.context, among: all)
    let wanted = options.settings.setting
    var chosen = try options.point.flatMap { try finder.points(at: $0.values, wanted) }
    if chosen.isEmpty, !wanted.isEmpty {
      let line = try finder.points(at: [], wanted)
      // Of a row, what there is to show; the others would be empty panels.
      let shown = line.filter(Set(candidates).contains)
      chosen = shown.isEmpty ? line : shown
    }
    if chosen.isEmpty {
      chosen = candidates
      guard candidates.count <= Self.defaultPanels else {
        let example = candidates[candidates.count / 2]
        throw Failure(
          .usage,
          "\(name) has \(candidates.count) points to choose from; name some, such as "
            + finder.command(for: example))
      }
    }
    var seen: Set<Setting> = []
    points = chosen.filter { seen.insert($0).inserted }
    guard points.count <= Self.maxPanels else {
      throw Failure(
        .usage,
        "that is \(points.count) points, and a figure shows \(Self.maxPanels) at most; name fewer")
    }
  }
}

/// Finds points of a sweep as people type them: a decimal need not be the number that a step led
/// to.
struct PointFinder {
  /// How a command takes the coordinates of a point.
  enum Naming {
    /// `--point 1.5,0`.
    case option
    /// `1.5 0`, as arguments.
    case arguments
  }

  private let name: String
  private let plane: Plane
  private let all: [Setting]
  private let naming: Naming

  /// A finder among the points of a sweep.
  init(_ sweep: Sweep, _ context: SweepContext, among all: [Setting], naming: Naming = .option) {
    name = sweep.name
    plane = context.plane
    self.all = all
    self.naming = naming
  }

  /// The points with these coordinates in the plane, and these values of parameters.
  ///
  /// - Parameters:
  ///   - coordinates: none, or one for each axis of the plane.
  ///   - values: of any parameters.
  /// - Throws: ``Failure`` if there are none.
  func points(at coordinates: [Double], _ values: Setting) throws(Failure) -> [Setting] {
    guard coordinates.isEmpty || coordinates.count == plane.names.count else {
      throw Failure(
        .usage,
        "\(Formatting.count(coordinates.count, "coordinate")) given; a point of \(name) has "
          + plane.names.joined(separator: " and "))
    }
    let wanted = Setting(
      Array(values.pairs) + zip(plane.names, coordinates).map { (name: $0, value: $1) })
    if let stranger = wanted.names.first(where: { name in all.contains { $0[name] == nil } }) {
      throw Failure(
        .usage,
        "\(name) has no parameter \(stranger); it has \((all.first?.names ?? []).joined(separator: ", "))")
    }
    func distance(_ point: Setting) -> Double {
      wanted.pairs.reduce(0) { sum, pair in
        let difference = (point[pair.name] ?? 0) - pair.value
        return sum + difference * difference
      }
    }
    let found = all.filter { distance($0) < 1e-18 }
    if !found.isEmpty { return found }
    let nearest = all.min { distance($0) < distance($1) }
    let words = nearest.map { point in
      coordinates.isEmpty ? Self.values(wanted.names, of: point) : command(for: point)
    }
    throw Failure(
      .noInput, "\(wanted.text) is no point of \(name)" + (words.map { "; the nearest is \($0)" } ?? ""))
  }

  /// How a point is named on the command line: `--point 1.5,0 --at depth=2`,
  /// or `1.5 0 --at depth=2`.
  func command(for point: Setting) -> String {
    let coordinates = plane.names.compactMap { point[$0] }.map(formattedNumber)
    let place =
      switch naming {
      case .option: "--point " + coordinates.joined(separator: ",")
      case .arguments: coordinates.joined(separator: " ")
      }
    let others = plane.slice(point)
    return others.isEmpty ? place : place + " " + Self.values(others.names, of: point)
  }

  private static func values(_ names: [String], of point: Setting) -> String {
    names.map { "--at \($0)=\(formattedNumber(point[$0] ?? 0))" }.joined(separator: " ")
  }
}
