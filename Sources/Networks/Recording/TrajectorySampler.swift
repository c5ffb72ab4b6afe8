import Model
import RealModule

/// Chooses which states of a run to record: evenly in log time, the first state and the last
/// always, and never more than ``Trajectory/maxPoints``.
///
/// Log time is cut into bins, and the first state in a bin is recorded. When there would be too
/// many, two bins become one and the states that are not the first any more are dropped; so what
/// remains is what the wider bins would have recorded from the start.
struct TrajectorySampler {
  /// Ascending in time, which is the first number of each.
  private(set) var points: [[Double]] = []
  /// Bins per factor of 2 in time.
  private(set) var resolution = 16.0
  private let maxPoints: Int

  /// - Parameter maxPoints: at least 3.
  init(maxPoints: Int = Trajectory.maxPoints) { self.maxPoints = maxPoints }

  /// A sampler that has recorded points already.
  init(points: [[Double]], resolution: Double) {
    self.init()
    self.points = points
    self.resolution = resolution
  }

  /// Whether a state is to be recorded: it is the first, or the first in its bin.
  func wants(time: Double) -> Bool {
    guard let last = points.last?[0] else { return true }
    // The bin of the start at time 0 has no logarithm.
    return time > last && (last == 0 || bin(time) != bin(last))
  }

  /// Whether the last state of the run is still to be recorded.
  func lacks(time: Double) -> Bool { points.last.map { time > $0[0] } ?? true }

  /// Records a state, later than those before.
  mutating func add(_ point: [Double]) {
    points.append(point)
    // The last state of the run must find room beside these.
    while points.count >= maxPoints { halve() }
  }

  /// Records the last state of the run.
  mutating func add(last point: [Double]) { points.append(point) }

  private func bin(_ time: Double) -> Double { (Double.log2(time) * resolution).rounded(.down) }

  /// Makes two bins one, and leaves the first state of each.
  private mutating func halve() {
    resolution /= 2
    var rest: [[Double]] = []
    for point in points {
      if let last = rest.last?[0], last > 0, bin(last) == bin(point[0]) { continue }
      rest.append(point)
    }
    points = rest
  }
}
