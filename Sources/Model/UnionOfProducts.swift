/// The union of products of axes: points, and what is run at each.
struct UnionOfProducts: Sendable {
  /// What is run at a point; many points have the same.
  struct Shape: Sendable {
    /// Ascending.
    var widths: [Int]
    /// Where these stand among all widths.
    var widthPlaces: [Int]
    /// The seeds of each width, ascending.
    var seeds: [[UInt64]]
    /// Where the runs of each width begin, counted from the first of the point; at the end, how many there are.
    var firstRun: [Int]
  }

  /// Ascending.
  let points: [PhasePoint]
  /// All widths, ascending.
  let widths: [Int]
  private let shapes: [Shape]
  /// The shape of each point.
  private let shapeOfPoint: [Int]
  /// Where the cells and the runs of each point begin; at the end, how many there are.
  private let firstCell, firstRun: [Int]

  /// The union of some blocks. Takes time n log k for n points of k blocks, beyond what the shapes take.
  init(_ blocks: [Axes]) {
    let blocks = blocks.filter { $0.runCount > 0 }
    widths = Set(blocks.flatMap(\.width)).sorted()

    // Blocks that differ only in their points are alike, and most do.
    var profiles: [Profile] = []
    var places: [Profile: Int] = [:]
    var entries: [(point: PhasePoint, profile: Int)] = []
    entries.reserveCapacity(blocks.reduce(0) { $0 + $1.gamma.count * $1.gammaPrime.count })
    for block in blocks {
      let profile = Profile(width: block.width, seed: block.seed)
      let place = places[profile] ?? profiles.count
      if place == profiles.count {
        profiles.append(profile)
        places[profile] = place
      }
      for point in block.points { entries.append((point, place)) }
    }
    // The points of every block are in order already, of which the sort makes use.
    entries.sort { ($0.point, $0.profile) < ($1.point, $1.profile) }

    var points: [PhasePoint] = []
    var shapes: [Shape] = []
    var shapeOfPoint: [Int] = []
    var known: [[Int]: Int] = [:]
    var firstCell = [0]
    var firstRun = [0]
    var next = 0
    while next < entries.count {
      let point = entries[next].point
      var key: [Int] = []
      while next < entries.count, entries[next].point == point {
        if key.last != entries[next].profile { key.append(entries[next].profile) }
        next += 1
      }
      let shape = known[key] ?? shapes.count
      if shape == shapes.count {
        shapes.append(Shape(key.map { profiles[$0] }, among: widths))
        known[key] = shape
      }
      points.append(point)
      shapeOfPoint.append(shape)
      firstCell.append((firstCell.last ?? 0) + shapes[shape].widths.count)
      firstRun.append((firstRun.last ?? 0) + (shapes[shape].firstRun.last ?? 0))
    }
    self.points = points
    self.shapes = shapes
    self.shapeOfPoint = shapeOfPoint
    self.firstCell = firstCell
    self.firstRun = firstRun
  }

  var runCount: Int { firstRun.last ?? 0 }
  var cellCount: Int { firstCell.last ?? 0 }

  var commonSeeds: [UInt64] {
    let lists = shapes.flatMap(\.seeds)
    guard let first = lists.first else { return [] }
    return lists.dropFirst().reduce(into: Set(first)) { $0.formIntersection($1) }.sorted()
  }

  var runsByWidth: [Int] {
    var pointsOfShape = [Int](repeating: 0, count: shapes.count)
    for shape in shapeOfPoint { pointsOfShape[shape] += 1 }
    var counts = [Int](repeating: 0, count: widths.count)
    for (shape, points) in zip(shapes, pointsOfShape) {
      for (place, seeds) in zip(shape.widthPlaces, shape.seeds) { counts[place] += points * seeds.count }
    }
    return counts
  }

  func shape(at point: PhasePoint) -> Shape? { points.place(of: point).map { shapes[shapeOfPoint[$0]] } }

  func place(of run: Run) -> Int? {
    guard let point = points.place(of: run.point) else { return nil }
    let shape = shapes[shapeOfPoint[point]]
    guard let width = shape.widths.place(of: run.width), let seed = shape.seeds[width].place(of: run.seed)
    else { return nil }
    return firstRun[point] + shape.firstRun[width] + seed
  }

  func run(_ place: Int) -> Run {
    let point = firstRun.lastPlace(notAbove: place)
    let shape = shapes[shapeOfPoint[point]]
    let width = shape.firstRun.lastPlace(notAbove: place - firstRun[point])
    return Run(
      point: points[point], width: shape.widths[width],
      seed: shape.seeds[width][place - firstRun[point] - shape.firstRun[width]])
  }

  func cell(_ place: Int) -> RunSet.Cell {
    let point = firstCell.lastPlace(notAbove: place)
    let shape = shapes[shapeOfPoint[point]]
    let width = place - firstCell[point]
    return RunSet.Cell(
      point: points[point], widthPlace: shape.widthPlaces[width],
      runs: firstRun[point] + shape.firstRun[width]..<firstRun[point] + shape.firstRun[width + 1])
  }
}

/// The widths and seeds of a block.
private struct Profile: Hashable {
  var width: [Int]
  var seed: [UInt64]
}

extension UnionOfProducts.Shape {
  /// What several blocks say together.
  fileprivate init(_ profiles: [Profile], among all: [Int]) {
    var seeds: [Int: Set<UInt64>] = [:]
    for profile in profiles {
      for width in profile.width { seeds[width, default: []].formUnion(profile.seed) }
    }
    let sorted = seeds.sorted { $0.key < $1.key }
    self.widths = sorted.map(\.key)
    self.widthPlaces = self.widths.compactMap { all.place(of: $0) }
    self.seeds = sorted.map { $0.value.sorted() }
    firstRun = self.seeds.reduce(into: [0]) { $0.append(($0.last ?? 0) + $1.count) }
  }
}

extension Array where Element: Comparable {
  /// Where a value stands in an ascending array; nil if it is not in it.
  func place(of value: Element) -> Int? {
    let place = lastPlace(notAbove: value)
    return place >= 0 && self[place] == value ? place : nil
  }

  /// Where the last element stands that is not above a value, in an ascending array; −1 if all are.
  func lastPlace(notAbove value: Element) -> Int {
    var low = 0
    var high = count
    while low < high {
      let middle = (low + high) / 2
      if self[middle] <= value { low = middle + 1 } else { high = middle }
    }
    return low - 1
  }
}
