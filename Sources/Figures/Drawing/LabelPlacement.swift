/// A search for places where labels overlap neither each other, nor lines, nor marks, nor leave a
/// frame.
struct LabelPlacement {
  /// Labels stay inside.
  var frame: Box
  /// Nothing may cover these.
  var obstacles: [Box] = []
  /// Nor these lines.
  var lines: [Segment] = []
  /// What labels had better not cover.
  var reluctantly: [Box] = []
  /// What labels do not cover where there is a place beside it, however far from the mark.
  var hardly: [Box] = []

  /// The least distance of labels from each other, from marks and from lines.
  static let clearance = 4.0

  /// A place to try.
  struct Candidate: Hashable {
    var box: Box
    /// From the mark to a label that is not beside it.
    var leader: Segment?
    /// The lower the better.
    var cost: Double
  }

  /// What wants a label.
  struct Request {
    /// The places to try.
    var candidates: [Candidate]
    /// A line of its own, which the label may cover.
    var exempt: [Segment] = []
  }

  /// Finds places. Labels are placed one after the other; where one finds no place any more, the
  /// search is repeated with it at the head.
  ///
  /// - Returns: a place for each request, nil where there is none to be found.
  func place(_ requests: [Request]) -> [Candidate?] {
    let free = requests.map { request in
      request.candidates.filter { isFree($0, but: request.exempt) }
        .map { candidate in
          var cost = candidate.cost
          if reluctantly.contains(where: { $0.overlaps(candidate.box) }) { cost += Self.reluctance }
          if hardly.contains(where: { $0.overlaps(candidate.box) }) { cost += Self.strongReluctance }
          return (candidate, cost: cost)
        }
        .enumerated().sorted { ($0.element.cost, $0.offset) < ($1.element.cost, $1.offset) }
        .map(\.element.0)
    }
    var order = Array(requests.indices)
    var best = [Candidate?](repeating: nil, count: requests.count)
    var bestCount = -1
    for _ in 0...requests.count {
      var places = [Candidate?](repeating: nil, count: requests.count)
      for i in order {
        places[i] = free[i].first { candidate in
          !places.contains { $0.map { Self.conflict($0, candidate) } ?? false }
        }
      }
      let count = places.count { $0 != nil }
      if count > bestCount { (best, bestCount) = (places, count) }
      guard let homeless = order.first(where: { places[$0] == nil && !free[$0].isEmpty }),
        homeless != order.first
      else { break }
      order = [homeless] + order.filter { $0 != homeless }
    }
    return best
  }

  /// What it costs to cover something of `reluctantly`: as much as moving two rings outwards.
  private static let reluctance = 2.0
  /// What it costs to cover something of `hardly`: more than any place around a mark.
  private static let strongReluctance = 10.0

  /// Whether a place is inside the frame and off all marks and lines, except some.
  func isFree(_ candidate: Candidate, but exempt: [Segment] = []) -> Bool {
    let needed = candidate.box.grown(by: Self.clearance)
    guard frame.contains(needed), !obstacles.contains(where: { $0.overlaps(needed) }),
      !lines.contains(where: { $0.meets(needed) && !exempt.contains($0) })
    else { return false }
    guard let leader = candidate.leader else { return true }
    return !obstacles.contains { leader.meets($0) } && !lines.contains { leader.meets($0) }
  }

  private static func conflict(_ a: Candidate, _ b: Candidate) -> Bool {
    a.box.grown(by: clearance).overlaps(b.box) || a.leader.map { $0.meets(b.box.grown(by: 2)) } ?? false
      || b.leader.map { $0.meets(a.box.grown(by: 2)) } ?? false
      || a.leader.flatMap { first in b.leader.map { first.meets($0) } } ?? false
  }

  /// Places around a round mark in rings, the nearest first: to its right, left, above and below,
  /// each also with the label shifted along that side.
  ///
  /// - Parameters:
  ///   - mark: the centre of the mark.
  ///   - radius: of the mark.
  ///   - width: of the label.
  ///   - height: of the label.
  static func around(_ mark: Point, radius: Double, width: Double, height: Double) -> [Candidate] {
    let gaps = [5.0, 10, 16, 24, 34, 46, 60]
    return gaps.enumerated().flatMap { ring, gap -> [Candidate] in
      let (dx, dy) = (radius + gap + width / 2, radius + gap + height / 2)
      let shifts = [0.0, 0.5, -0.5, 1, -1]
      let offsets =
        shifts.map { (dx, $0 * height) } + shifts.map { (-dx, $0 * height) }
        + shifts.map { ($0 * 0.6 * width, -dy) } + shifts.map { ($0 * 0.6 * width, dy) }
      return offsets.enumerated().map { i, offset in
        let box = Box(
          centre: Point(x: mark.x + offset.0, y: mark.y + offset.1), width: width, height: height)
        let whole = Segment(from: mark, to: box.nearest(to: mark))
        let leader =
          whole.length > radius + 9
          ? Segment(from: whole.point(at: (radius * 1.5) / whole.length), to: whole.to) : nil
        // Shifted labels come after straight ones of the same ring.
        return Candidate(
          box: box, leader: leader, cost: Double(ring) + 0.2 * Double(i % 5) + 0.01 * Double(i))
      }
    }
  }

  /// Places centred on a line, beginning near its end.
  static func along(_ line: Segment, width: Double, height: Double) -> [Candidate] {
    (1...19).map { i in
      Candidate(
        box: Box(centre: line.point(at: 1 - Double(i) / 20), width: width, height: height),
        cost: 0.2 * Double(i))
    }
  }

  /// The place with the most room around it.
  ///
  /// - Parameter suits: whether a box may be used at all.
  /// - Returns: among places with equal room the one nearest to the middle of them; nil if there is
  ///   none.
  func roomiest(width: Double, height: Double, where suits: (Box) -> Bool) -> Box? {
    let steps = 20
    let boxes = (1..<steps).flatMap { i in
      (1..<steps).map { j in
        Box(
          centre: Point(
            x: frame.minX + frame.width * Double(i) / Double(steps),
            y: frame.minY + frame.height * Double(j) / Double(steps)),
          width: width, height: height)
      }
    }.filter { frame.contains($0) && suits($0) }
    for room in [48.0, 32, 20, 12, 6] {
      let roomy = boxes.filter { box in
        let grown = box.grown(by: room)
        return frame.contains(grown) && suits(grown) && isFree(Candidate(box: grown, cost: 0))
          && !reluctantly.contains { $0.overlaps(box.grown(by: 2)) }
      }
      guard !roomy.isEmpty else { continue }
      let count = Double(roomy.count)
      let middle = Point(
        x: roomy.reduce(0) { $0 + $1.centre.x } / count, y: roomy.reduce(0) { $0 + $1.centre.y } / count)
      return roomy.min {
        Segment(from: $0.centre, to: middle).length < Segment(from: $1.centre, to: middle).length
      }
    }
    return nil
  }
}
