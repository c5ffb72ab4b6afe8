import Model
import RealModule

/// Chooses which states of a run to keep: evenly in log time, the first state and the last always, and never more
/// than ``Trajectory/mostPoints``.
///
/// Log time is cut into bins, and the first state in a bin is kept. When there would be too many, two bins become one
/// and the states that are not the first any more are dropped; so what is kept is what the wider bins would have
/// kept from the start.
struct TrajectorySampler {
  private(set) var points: [Trajectory.Point] = []
  /// Bins per factor of 2 in time.
  private(set) var resolution = 16.0
  private let mostPoints: Int

  /// - Parameter mostPoints: at least 3.
  init(mostPoints: Int = Trajectory.mostPoints) { self.mostPoints = mostPoints }

  /// A sampler that has kept points already.
  init(points: [Trajectory.Point], resolution: Double) {
    self.init()
    self.points = points
    self.resolution = resolution
  }

  /// Whether a state is to be kept: it is the first, or the first in its bin.
  func wants(time: Double) -> Bool {
    guard let last = points.last else { return true }
    // The bin of the start at time 0 has no logarithm.
    return time > last.time && (last.time == 0 || bin(time) != bin(last.time))
  }

  /// Whether the last state of the run is still to be kept.
  func lacks(time: Double) -> Bool { points.last.map { time > $0.time } ?? true }

  /// Keeps a state, later than those before, and returns it.
  @discardableResult mutating func keep(_ point: Trajectory.Point) -> Trajectory.Point {
    points.append(point)
    // The last state of the run must find room beside these.
    while points.count >= mostPoints { halve() }
    return point
  }

  /// Keeps the last state of the run.
  mutating func keep(last point: Trajectory.Point) { points.append(point) }

  private func bin(_ time: Double) -> Double { (Double.log2(time) * resolution).rounded(.down) }

  /// Makes two bins one, and keeps the first state of each.
  private mutating func halve() {
    resolution /= 2
    var kept: [Trajectory.Point] = []
    for point in points {
      if let last = kept.last, last.time > 0, bin(last.time) == bin(point.time) { continue }
      kept.append(point)
    }
    points = kept
  }
}
