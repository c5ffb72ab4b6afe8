import Model
import RealModule

/// Covers the orientations of neurons by cones: the fewest of one opening that hold a share of the
/// amplitude, found greedily.
///
/// The axis of every cone is the orientation of a neuron. The cone that holds the largest amplitude
/// is taken first, of equal ones that of the neuron with the least index; then the cone that holds
/// the largest amplitude of what is left, and so on. In the plane this takes O(N log N + N C) for N
/// neurons and C cones. In more dimensions, only the ``maxCandidates`` neurons with the largest
/// amplitudes are compared; once these are covered, every cone has the axis of the largest neuron
/// that is left.
struct OrientationCover {
  /// The cosine of half the opening of a cone.
  var cosine: Double
  /// The share of the amplitude that the cones must hold.
  var share: Double
  /// Whether a cone and its opposite count as one.
  var joinsOpposites: Bool

  /// How many neurons in more than two dimensions are compared as axes.
  static let maxCandidates = 4096

  /// By how much two amplitudes may differ that count as equal: sums in another order round
  /// differently.
  private static let rounding = 1e-12

  /// The number of cones; 0 where no neuron has an amplitude.
  ///
  /// - Parameters:
  ///   - inputs: the input weights, one neuron after the other.
  ///   - dimension: how many a neuron has.
  ///   - amplitudes: of each neuron, at least 0. What has none, or no input weights, has no
  ///     orientation.
  func count(inputs: [Double], dimension: Int, amplitudes: [Double]) -> Int {
    // Scaled, so that sums stay in range.
    let largest = amplitudes.max() ?? 0
    guard largest > 0, largest.isFinite else { return 0 }
    if dimension == 2 { return planar(inputs, amplitudes, unit: largest) }
    var directions: [Double] = []
    var weights: [Double] = []
    directions.reserveCapacity(inputs.count)
    for k in amplitudes.indices where amplitudes[k] > 0 {
      let w = inputs[k * dimension..<(k + 1) * dimension]
      let unit = w.reduce(0) { max($0, abs($1)) }
      guard unit > 0, unit.isFinite else { continue }
      let norm = w.reduce(0) { $0 + ($1 / unit) * ($1 / unit) }.squareRoot()
      for x in w { directions.append(x / unit / norm) }
      weights.append(amplitudes[k] / largest)
    }
    return spatial(directions, dimension, weights)
  }

  // MARK: In the plane

  private struct Ray {
    var angle: Double
    var weight: Double
    var index: Int
  }

  private func planar(_ inputs: [Double], _ amplitudes: [Double], unit: Double) -> Int {
    let circle = joinsOpposites ? Double.pi : 2 * Double.pi
    let half = Double.acos(min(1, max(-1, cosine)))
    var rays: [Ray] = []
    rays.reserveCapacity(amplitudes.count)
    for k in amplitudes.indices where amplitudes[k] > 0 {
      let (x, y) = (inputs[2 * k], inputs[2 * k + 1])
      guard x.isFinite, y.isFinite, x != 0 || y != 0 else { continue }
      var angle = Double.atan2(y: y, x: x)
      if angle < 0 { angle += 2 * .pi }
      if angle >= circle { angle -= circle }
      rays.append(Ray(angle: max(0, angle), weight: amplitudes[k] / unit, index: k))
    }
    rays.sort { $0.angle < $1.angle || $0.angle == $1.angle && $0.index < $1.index }
    rays = Self.merged(rays)
    let total = rays.reduce(0) { $0 + $1.weight }
    var left = total
    var count = 0
    while left > (1 - share) * total + Self.rounding * total, !rays.isEmpty {
      count += 1
      // A cone that reaches around the circle holds everything.
      guard 2 * half < circle, let axis = Self.densest(rays, half, circle) else { break }
      rays.removeAll { Self.distance($0.angle, axis, circle) <= half }
      left = rays.reduce(0) { $0 + $1.weight }
    }
    return count
  }

  /// Neurons of one orientation as one.
  private static func merged(_ rays: [Ray]) -> [Ray] {
    var result: [Ray] = []
    result.reserveCapacity(rays.count)
    for ray in rays {
      if let last = result.last, last.angle == ray.angle {
        result[result.count - 1].weight += ray.weight
      } else {
        result.append(ray)
      }
    }
    return result
  }

  private static func distance(_ a: Double, _ b: Double, _ circle: Double) -> Double {
    let difference = abs(a - b)
    return min(difference, circle - difference)
  }

  /// The angle of the axis whose cone holds most.
  ///
  /// - Parameter rays: ascending.
  private static func densest(_ rays: [Ray], _ half: Double, _ circle: Double) -> Double? {
    let n = rays.count
    guard let first = rays.first else { return nil }
    var before = [0.0]
    before.reserveCapacity(n + 1)
    for ray in rays { before.append(before[before.count - 1] + ray.weight) }
    let total = before[n]
    // The ends of the cone, each with its turn around the circle.
    var (low, lowTurn, high, highTurn) = (0, -1.0, 0, -1.0)
    while low < n, rays[low].angle - circle < first.angle - half { low += 1 }
    if low == n { (low, lowTurn) = (0, 0) }
    var best = (weight: -1.0, angle: first.angle, index: Int.max)
    return rays.withUnsafeBufferPointer { rays in
      before.withUnsafeBufferPointer { before in
        for axis in rays {
          while rays[low].angle + lowTurn * circle < axis.angle - half {
            low += 1
            if low == n { (low, lowTurn) = (0, lowTurn + 1) }
          }
          while rays[high].angle + highTurn * circle <= axis.angle + half {
            high += 1
            if high == n { (high, highTurn) = (0, highTurn + 1) }
          }
          let weight = before[high] - before[low] + (highTurn - lowTurn) * total
          let isMore = weight > best.weight * (1 + rounding)
          guard isMore || weight >= best.weight * (1 - rounding) && axis.index < best.index else { continue }
          best = (weight, axis.angle, axis.index)
        }
        return best.angle
      }
    }
  }

  // MARK: In space

  private func spatial(_ directions: [Double], _ d: Int, _ weights: [Double]) -> Int {
    let n = weights.count
    let total = weights.reduce(0, +)
    let heaviest = weights.indices.sorted { (-weights[$0], $0) < (-weights[$1], $1) }
    let candidates = heaviest.prefix(Self.maxCandidates).sorted()
    var isLeft = [Bool](repeating: true, count: n)
    var left = total
    var count = 0
    let (cosine, joins) = (cosine - Self.rounding, joinsOpposites)
    return directions.withUnsafeBufferPointer { directions in
      func isNear(_ a: Int, _ b: Int) -> Bool {
        var product = 0.0
        let (x, y) = (a * d, b * d)
        for c in 0..<d { product += directions[x + c] * directions[y + c] }
        return (joins ? abs(product) : product) >= cosine
      }
      func weight(around axis: Int) -> Double {
        var sum = 0.0
        for k in 0..<n where isLeft[k] && isNear(axis, k) { sum += weights[k] }
        return sum
      }
      func take(_ axis: Int) {
        count += 1
        for k in 0..<n where isLeft[k] && (k == axis || isNear(axis, k)) {
          isLeft[k] = false
          left -= weights[k]
        }
      }
      let rest = (1 - share) * total + Self.rounding * total
      // What a cone holds can only shrink: one that holds more than others once held is the best.
      var bounds = candidates.map { (axis: $0, weight: Double.infinity) }
      while left > rest, !bounds.isEmpty {
        var best: (position: Int, weight: Double)?
        for position in bounds.indices.sorted(by: { a, b in
          (-bounds[a].weight, bounds[a].axis) < (-bounds[b].weight, bounds[b].axis)
        }) {
          if let best, bounds[position].weight < best.weight * (1 - Self.rounding) { break }
          let (axis, _) = bounds[position]
          guard isLeft[axis] else {
            bounds[position].weight = -1
            continue
          }
          let now = weight(around: axis)
          bounds[position].weight = now
          guard let found = best else {
            best = (position, now)
            continue
          }
          let isEqual = now >= found.weight * (1 - Self.rounding)
          if now > found.weight * (1 + Self.rounding) || isEqual && axis < bounds[found.position].axis {
            best = (position, now)
          }
        }
        guard let best else { break }
        take(bounds[best.position].axis)
        bounds.removeAll { !isLeft[$0.axis] }
      }
      for axis in heaviest where left > rest && isLeft[axis] { take(axis) }
      return count
    }
  }
}
